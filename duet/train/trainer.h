#pragma once

#include "duet/train/captured_steps.h"
#include "duet/train/given.h"
#include "duet/train/look_ahead.h"
#include "duet/train/network_calls.h"
#include "duet/train/order.h"
#include "duet/train/precision.h"
#include "duet/train/term_log.h"

namespace duet {

/// Mean of every logged term over the rounds since the last reading.
struct Readings {
  std::vector<std::pair<std::string, double>> means;  ///< "generator/adversarial" in order of first appearance
  double seconds_data = 0, seconds_total = 0;
  std::map<std::string, double> seconds;  ///< by player
  int64_t images = 0;
};

/// Captures steps of a recipe on a device; empty if the device cannot, or the recipe turns it off.
MakeStepGraph step_graph_of(const Recipe& recipe, torch::Device device);

/// Plays the game: who moves when, backward, optimiser steps. One round moves every player as the turn order says.
///
/// Threads: not for several at once. Different trainers, each with a feed of its own, may work in different threads.
class Trainer {
 public:
  /// `feeds` has one for each of the game's streams, borrowed. Networks, batches and optimisers are on `device`; random
  /// numbers are drawn on the CPU. With `graphs` rounds are captured after a few rounds and replayed from then on.
  /// Throws Error(recipe) when players, networks and game do not fit together.
  Trainer(const Recipe& recipe, const DataFacts& facts, const Feeds& feeds, const DataMean& data_mean = {},
          torch::Device device = torch::kCPU, MakeStepGraph graphs = {});

  /// Whether products are computed in bfloat16.
  bool bfloat16() const { return bfloat16_; }
  /// One round. Reads no tensor's value on the host.
  void round();
  /// Thousands of real images seen.
  double kimg() const { return static_cast<double>(feed_.cursor()) / 1000; }
  int64_t rounds() const { return rounds_; }

  /// Whether rounds are replayed from a graph, in words with the reason if they are not; empty without a graph, and
  /// while undecided.
  const std::string& capture() const { return steps_.note(); }

  /// Means since the last call, read from the device in one transfer. Throws Error(diverged) naming step, player and
  /// term if one was not finite, or a player whose numbers are not.
  Readings read();
  /// Details if the last read() threw; otherwise empty.
  const std::optional<Divergence>& divergence() const { return divergence_; }
  /// Advice on keeping a player's numbers finite: "lower player.generator.lr". `gradients`: only its gradients were too
  /// large.
  std::string remedy(const std::string& player, bool gradients) const;
  const std::vector<Player>& players() const { return players_; }

  /// Everything that determines the future: load() continues from it bit for bit.
  TensorFile save() const;
  /// The feeds must have been opened at the saved cursors (see saved_cursors).
  void load(const TensorFile& file);
  /// Real images seen, of [data].
  static int64_t saved_cursor(const TensorFile& file);
  /// By stream.
  static std::map<std::string, int64_t> saved_cursors(const TensorFile& file);

  /// Copies a network's weights (EMA weights if the player has them) and its running statistics, which belong to the
  /// trained weights, into `target`, made by build_network. Returns whether they are EMA weights.
  bool copy_network(const std::string& name, Network& target) const;

  /// Called for every update, in order, with the player's name.
  void watch_moves(std::function<void(const std::string&)> watcher) { moved_ = std::move(watcher); }

  const TurnOrder& order() const { return *order_; }
  const GameSpec& spec() const { return spec_; }
  const Networks& networks() const { return networks_; }
  Player& player(const std::string& name);
  const Weights& weights(const std::string& network) const { return weights_.at(network); }

 private:
  /// A player's turn in a round.
  struct Mover {
    Player* player;
    PlayerSpec spec;
    int64_t phase;
  };
  using Movers = std::vector<Mover>;
  std::vector<Movers> plan();
  void play(const std::vector<Movers>& plan);
  void play_group(const Movers& movers, const std::set<std::string>& next);
  void differentiate(const Mover& mover, Loss& loss);
  Loss loss_of(const Mover& mover, int64_t ahead);
  void look_ahead(const Mover& mover, std::optional<LookAhead>& opponents);
  static std::set<std::string> networks_of(const Movers& movers);
  void move(const Mover& mover, const Loss& loss);
  Clock clock(const Player& player, int64_t ahead = 0) const;
  void check_players();
  void check_sections() const;
  void add_player(const PlayerSpec& spec);

  Recipe recipe_;
  Feeds feeds_;
  Feed& feed_;  // of [data]; it defines the clock
  std::unique_ptr<Game> game_;
  GameSpec spec_;
  Networks networks_;
  std::map<std::string, Weights> weights_;  ///< of each network
  std::vector<Player> players_;
  std::optional<TurnOrder> order_;
  Generator generator_;
  HostInputs inputs_;
  Noise noise_;  // random numbers go through the inputs
  torch::Device device_;
  bool bfloat16_ = false;
  int64_t rounds_ = 0;
  std::optional<Given> given_;
  std::optional<NetworkCalls> calls_;
  CapturedSteps steps_;

  // The turn in progress.
  Turn turn_;
  const Player* mover_ = nullptr;
  int64_t ahead_ = 0;           ///< number of the look-ahead step
  Movers all_movers_;           ///< all players, in the phases of their next updates
  std::set<std::string> next_;  ///< networks that learn in the next turn

  TermLog log_;
  std::optional<Divergence> divergence_;
  Readings readings_;
  std::function<void(const std::string&)> moved_;
};

}  // namespace duet
