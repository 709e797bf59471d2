#pragma once

#include <optional>

#include "duet/config/fields.h"
#include "duet/config/schedule.h"
#include "duet/core/host_inputs.h"
#include "duet/core/range.h"
#include "duet/core/shape.h"
#include "duet/games/latent_config.h"

namespace duet {

/// What a player wants to minimise: named 0-dim terms, each with a weight. The total that is differentiated and the
/// numbers that are logged come from the same list.
struct Loss {
  struct Term {
    std::string name;
    Tensor value;  ///< 0-dim, before the weight
    double weight;
  };
  std::vector<Term> terms;
  /// Watched but not minimised ("logit_real").
  std::vector<Term> watched;

  void add(std::string name, Tensor value, double weight = 1) { terms.push_back({std::move(name), value, weight}); }
  void watch(std::string name, Tensor value) { watched.push_back({std::move(name), value.detach(), 0}); }
  /// Sum of weight * value, 0-dim.
  Tensor total() const;
};

/// A network as a game sees it: (x [N, ...], labels [N] or undefined) -> [N, ...].
using Callable = std::function<Tensor(const Tensor& x, const Tensor& labels)>;

/// All a game may know of the moment. Tensors live on the run's device; shapes do not change from turn to turn.
struct Turn {
  std::map<std::string, Callable> networks;
  Tensor real;    ///< [N, data shape], in the data's range
  Range range;    ///< of pictures; says nothing of other data
  Tensor labels;  ///< int64 [N], undefined without; the fakes are asked for the same labels
  Tensor fake;    ///< a sample for each label; carries a graph only in the turn of who moves its network
  Noise noise;    ///< for whatever the game draws
  Clock clock;

  std::map<std::string, Callable> pairs;  ///< networks on two batches in one, which see nothing of each other

  Tensor operator()(const std::string& network, const Tensor& x) const { return networks.at(network)(x, labels); }
  /// What a network says of two batches, each with the turn's labels: in one walk where it can, as larger products take
  /// less time.
  std::pair<Tensor, Tensor> both(const std::string& network, const Tensor& x, const Tensor& y) const;
};

/// A player: its name, and the networks it moves.
struct PlayerSpec {
  std::string name;
  std::vector<std::string> networks;
};

/// What a game is told of the examples it is played with.
struct DataKind {
  Shape shape;
  std::optional<Range> range;  ///< of pictures; other data have any numbers
};

/// A network that a game is played with.
struct NetworkSpec {
  std::string name;              ///< in checkpoints and messages
  Shape input{}, output{};       ///< of one example
  std::optional<Range> range{};  ///< that its output must fill; none: any numbers
  bool makes_data = false;       ///< its output is like an example, and may begin at their mean
  bool shared = false;           ///< several players move it; any other belongs to one
  std::string section{};         ///< of the recipe, [network.SECTION], with its keys; empty: as its name
  const std::string& keys() const { return section.empty() ? name : section; }
};

/// Who plays, with what.
struct GameSpec {
  std::vector<PlayerSpec> players;    ///< in the order of their turns
  std::vector<NetworkSpec> networks;  ///< in the order in which their weights are drawn
  std::string samples;                ///< the network that makes a sample of z and its label

  /// Throws Error(internal) for a name there is none of.
  const NetworkSpec& network(const std::string& name) const;
  /// The players that move a network.
  std::vector<std::string> movers(const std::string& network) const;
};

/// What a game needs of a network in order to work; each names the key that asks for it, and is empty where none does.
struct NetworkNeeds {
  std::string limited_slope;   ///< by its weights' limits or its layers: the loss has no other bound
  std::string examples_alone;  ///< no example's output depends on the others of its batch
};

/// Who plays, and what each wants. Knows no optimiser, no log, no device. A game with state that decides its future
/// (a controller) saves it in state(). Not for several threads at once; different games share nothing.
class Game {
 public:
  virtual ~Game() = default;
  /// Players and networks, for such examples and such z.
  virtual GameSpec spec(const DataKind& data, const LatentConfig& latent) const = 0;
  /// Throws Error(recipe) where it cannot be played with such examples.
  virtual void check(const Shape&) const {}
  /// The loss that `player` minimises on this turn.
  virtual Loss loss(const std::string& player, const Turn& turn) = 0;
  /// Tensors to save and restore with a checkpoint, by name.
  virtual std::vector<std::pair<std::string, Tensor>> state() { return {}; }
  /// What in loss() follows the clock ("game.r1"), so that a step cannot be captured and replayed; empty where nothing
  /// does.
  virtual std::string follows_clock() const { return {}; }
  /// What of the game would hold down the numbers of `player`, and is not done yet: "add a penalty (game.r1)"; empty
  /// where nothing would. For who asks what to do against numbers that grow beyond bounds.
  virtual std::string calms([[maybe_unused]] const std::string& player) const { return {}; }
  /// By network.
  virtual std::map<std::string, NetworkNeeds> needs() const { return {}; }
};

/// A kind of game as `duet list games` shows it.
struct GameEntry {
  std::string name;
  std::string line;
  std::string paper;
  std::function<std::shared_ptr<Config>()> config;
  /// `config` is one made by the function above.
  std::function<std::unique_ptr<Game>(const Config& config)> make;
};

/// Every game there is. A new one is a file and a line in registry.cpp; tests put toys of their own beside them, and
/// take them away again.
std::vector<GameEntry>& game_entries();
/// The same as a recipe's catalogue.
Catalogue game_catalogue();
/// Throws Error(recipe) for options that do not go together.
std::unique_ptr<Game> make_game(const Choice& choice);

// One source file each.
GameEntry adversarial_game();

}  // namespace duet
