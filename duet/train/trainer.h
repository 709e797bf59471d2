#pragma once

#include "duet/core/host_inputs.h"
#include "duet/data/columns.h"
#include "duet/data/feed.h"
#include "duet/ops/step_graph.h"
#include "duet/train/divergence.h"
#include "duet/train/players.h"
#include "duet/train/recipe.h"
#include "duet/train/resident.h"

namespace duet {

/// Mean of every logged term over the rounds since the last reading.
struct Readings {
  std::vector<std::pair<std::string, double>> means;  ///< "generator/adversarial" in order of first appearance
  double seconds_data = 0, seconds_total = 0;
  std::map<std::string, double> seconds;  ///< by player
  int64_t images = 0;
};

/// What products are computed in, "fp32", "tf32" or "bf16": what the recipe says; where it leaves it open, bf16 on a
/// CPU that has it in hardware, if the recipe is known to learn as well in it, else fp32. Throws Error(recipe) for tf32
/// on a CPU.
std::string settled_precision(const Recipe& recipe, torch::Device device = torch::kCPU);

/// What captures the steps of a recipe on a device; null where nothing does, or the recipe does not want it.
std::unique_ptr<StepGraph> step_graph_of(const Recipe& recipe, torch::Device device);

/// Plays the game: who moves when, backward, optimiser steps. One round moves every player as its turn order says.
///
/// Threads: not for several at once. Different trainers, each with a feed of its own, may work in different threads.
class Trainer {
 public:
  /// `feed` is borrowed. Networks, batches and optimisers live on `device`; what is drawn at random is drawn on the
  /// CPU. With a `graph` a round is captured once it has been played some times, and replayed from then on.
  /// Throws Error(recipe) when players, networks and game do not fit together.
  Trainer(const Recipe& recipe, const DataFacts& facts, Feed& feed, std::function<Tensor()> data_mean = {},
          torch::Device device = torch::kCPU, std::unique_ptr<StepGraph> graph = nullptr);

  /// Whether products are computed in bfloat16.
  bool bfloat16() const { return bfloat16_; }
  /// One round. Reads no tensor's value on the host.
  void round();
  /// Thousands of real images seen.
  double kimg() const { return static_cast<double>(feed_.cursor()) / 1000; }
  int64_t rounds() const { return rounds_; }

  /// Whether rounds are replayed from a graph, in words with the reason where they are not; empty without a graph, and
  /// as long as it is not decided.
  const std::string& capture() const { return capture_; }

  /// Means since the last call, read from the device in one go.
  /// Throws Error(diverged) naming step, player and term when one was not finite, or a player whose numbers are not:
  /// nothing later is trusted.
  Readings read();
  /// What the last read() has thrown for; empty where it did not.
  const std::optional<Divergence>& divergence() const { return divergence_; }
  /// What may keep a player's numbers finite next time: "lower player.generator.lr". `gradients`: its gradients alone
  /// were too large.
  std::string remedy(const std::string& player, bool gradients) const;
  const std::vector<Player>& players() const { return players_; }

  /// Everything that decides the future, and what load() needs to go on bit for bit.
  TensorFile save() const;
  /// The feed must have been opened at the saved cursor (see saved_cursor).
  void load(const TensorFile& file);
  static int64_t saved_cursor(const TensorFile& file);

  /// A network's weights, averaged where the recipe keeps an average, and its running statistics, which are of the
  /// weights that train, go into `target`, made by build_network. Returns whether the weights are averaged.
  bool copy_network(const std::string& name, Network& target) const;

  /// Told of every update that is made, in order, with the player's name.
  void watch_moves(std::function<void(const std::string&)> watcher) { moved_ = std::move(watcher); }

  const std::vector<std::string>& order() const { return order_; }
  const std::map<std::string, std::unique_ptr<Network>>& networks() const { return networks_; }
  Player& player(const std::string& name);
  const Weights& weights(const std::string& network) const { return weights_.at(network); }

 private:
  struct Term {
    std::string name, player;
    std::vector<Tensor> values;  // one 0-dim tensor per turn since the last reading
    std::vector<size_t> moves;   // which moves they belong to, by place in moves_
  };
  /// A move that was made.
  struct Move {
    int64_t round = 0;
    std::string player;
  };
  void play();
  void play_as_captured();
  void capture_or_play();
  void keep_replayed();
  bool is_steady() const;
  void give_up_capture(const std::string& reason);
  void play_turn(Player& mover, const Player* next);
  void play_simultaneous();
  void fetch();
  void generate(bool with_graph);
  Loss loss_of(Player& mover);
  Clock clock() const;
  void move(Player& mover, const Loss& loss);
  void keep(const Player& mover, const Loss& loss);
  void consider(const Term& term, const Tensor& values);
  void check_players();
  std::optional<Move> mover_before(size_t move) const;
  void set_mover(const Player& mover);
  void check_sections() const;
  void add_player(const PlayerSpec& spec);
  std::vector<std::string> make_order() const;

  Recipe recipe_;
  Feed& feed_;
  Columns columns_;
  std::unique_ptr<Resident> resident_;  // null: batches cross to the device as they come
  std::unique_ptr<Game> game_;
  GameSpec spec_;
  std::map<std::string, std::unique_ptr<Network>> networks_;
  std::map<std::string, Weights> weights_;  ///< of each network
  std::vector<Player> players_;
  std::vector<std::string> order_;
  Generator generator_;
  HostInputs inputs_;
  Noise noise_;  // what the generator draws goes through the inputs
  torch::Device device_;
  bool bfloat16_ = false;
  int64_t rounds_ = 0;

  std::unique_ptr<StepGraph> graph_;
  std::string capture_;
  int64_t steady_rounds_ = 0;  // played on the graph's side, all in the same way
  std::vector<std::function<void()>> after_replay_;

  // The round in progress.
  Turn turn_;
  Batch batch_;
  std::vector<std::string> used_by_;  // players that have moved on this batch
  bool fake_ready_ = false;           // made with a graph, for the coming turn of who moves its network

  std::map<std::string, Term> terms_;
  std::vector<std::string> term_order_;
  std::vector<Move> moves_;          // since the last reading
  std::optional<Move> move_before_;  // the last one before them
  std::optional<Divergence> divergence_;
  Readings readings_;
  std::function<void(const std::string&)> moved_;
};

}  // namespace duet
