#pragma once

#include <optional>

#include "duet/config/fields.h"
#include "duet/config/schedule.h"
#include "duet/core/host_inputs.h"
#include "duet/core/range.h"
#include "duet/core/shape.h"
#include "duet/games/latent_config.h"

namespace duet {

/// What a player minimises: named 0-dim terms, each with a weight. The total that is differentiated and the numbers
/// that are logged come from the same list.
struct Loss {
  struct Term {
    std::string name;
    Tensor value;  ///< 0-dim, before the weight
    double weight;
    Tensor factor{};  ///< 0-dim: a weight that follows the clock (Turn::value); undefined for a constant weight
  };
  std::vector<Term> terms;
  /// Logged but not minimised ("logit_real").
  std::vector<Term> watched;

  void add(std::string name, Tensor value, double weight = 1) { terms.push_back({std::move(name), value, weight}); }
  void add(std::string name, Tensor value, const Tensor& factor) {
    terms.push_back({std::move(name), value, 1, factor});
  }
  void watch(std::string name, Tensor value) { watched.push_back({std::move(name), value.detach(), 0}); }
  /// Sum of weight * value, 0-dim.
  Tensor total() const;
};

/// A network as a game calls it: x [N, ...] and further inputs by name -> [N, ...]. A network with a single output
/// gives [N], unless its output is like the data: then [N,1].
class Net {
 public:
  /// `groups`: the number of equal groups of consecutive examples that must not influence each other.
  using Forward = std::function<Tensor(const Tensor& x, const Named& with, int64_t groups)>;
  Net() = default;
  /// `reads` are the names it looks up in `with`. Without `takes_groups` forward is called for each batch separately.
  explicit Net(Forward forward, std::vector<std::string> reads = {}, bool takes_groups = false)
      : forward_(std::move(forward)), reads_(std::move(reads)), takes_groups_(takes_groups) {}

  /// `with` may contain more than it reads.
  Tensor operator()(const Tensor& x, const Named& with = {}) const { return forward_(x, with, 1); }
  /// Several batches of the same size that do not influence each other, each with the same `with`; in one forward if
  /// possible, because larger products take less time.
  std::vector<Tensor> operator()(const std::vector<Tensor>& batches, const Named& with = {}) const;
  /// The same where each batch has its own `with`, for pairs.
  std::vector<Tensor> operator()(const std::vector<Tensor>& batches, const std::vector<Named>& with) const;

 private:
  Forward forward_;
  std::vector<std::string> reads_;
  bool takes_groups_ = false;
};

using Nets = std::map<std::string, Net>;

/// Everything a game may know about the current turn. Tensors are on the run's device; shapes do not change from turn
/// to turn.
struct Turn {
  /// "x": the batch [N, data shape], in the data's range; "label": its labels int64 [N], if the data have any; for each
  /// further stream that the game declares the same under its name: "b" and "b_label"; the latents that the game
  /// declares [N, size]. Fakes are generated for the batch's labels.
  Named given;
  Nets nets;
  std::map<std::string, Range> ranges;  ///< of each stream of pictures
  Noise noise;                          ///< for the game's own random numbers
  Clock clock;                          ///< at the beginning of the turn; use value() for numbers that follow it
  int64_t phase = 0;                    ///< Game::phase of this turn

  const Tensor& x() const { return given.at("x"); }
  /// The range of a stream's pictures; meaningless for other data.
  Range range(const std::string& stream = "x") const {
    const auto found = ranges.find(stream);
    return found == ranges.end() ? Range{} : found->second;
  }
  /// A network on x; further inputs that it reads come from `given`.
  Tensor operator()(const std::string& network, const Tensor& x) const { return nets.at(network)(x, given); }
  std::vector<Tensor> operator()(const std::string& network, const std::vector<Tensor>& batches) const {
    return nets.at(network)(batches, given);
  }
  /// The result of `make`, computed once for a batch and cached until one of the networks that it uses moves. It
  /// carries a graph only in the turn of a player that moves one of them, so no game needs detach().
  Tensor once(const std::string& name, const std::function<Tensor()>& make) const {
    return make_once ? make_once(name, make) : make();
  }
  /// A number that follows the clock, 0-dim float64 on the run's device. A step that is captured once and replayed
  /// reads it anew each time; Schedule::at would be constant.
  Tensor value(const Schedule& schedule) const {
    return value_of ? value_of(schedule) : torch::tensor(schedule.at(clock), torch::kFloat64);
  }

  // Set by the trainer.
  std::function<Tensor(const std::string& name, const std::function<Tensor()>& make)> make_once;
  std::function<Tensor(const Schedule&)> value_of;
};

/// A player: its name, and the networks it moves.
struct PlayerSpec {
  std::string name;
  std::vector<std::string> networks;
  /// If it moves again before there is a new batch, it gets new latents for the same batch; otherwise a new batch.
  bool keeps_batch = false;
};

/// Facts about the examples for a game: those of [data], and of the further streams it declares.
struct DataKind {
  Shape shape{};
  std::optional<Range> range{};  ///< of pictures; other data may have any numbers
  int64_t classes = 0;           ///< 0 without labels
  std::map<std::string, DataKind> streams{};
  /// Facts about a stream ("x" is this object itself); empty for a stream that is not known yet.
  DataKind stream(const std::string& name) const {
    const auto found = streams.find(name);
    return name == "x" ? *this : found == streams.end() ? DataKind{} : found->second;
  }
};

/// A further stream of examples of a game, besides [data]: the recipe's section [stream.NAME] defines it.
struct StreamSpec {
  std::string name;  ///< in Turn::given; its labels are NAME_label
  std::string line;  ///< its purpose, for messages: "pictures of the other domain"
  /// Example i belongs to example i of [data]: both have the same number, come in the same order, and are mirrored
  /// together. Otherwise they are drawn independently.
  bool paired = false;
};

/// A network of a game.
struct NetworkSpec {
  std::string name;         ///< in checkpoints and messages
  Shape input{}, output{};  ///< of one example
  /// Further inputs that its layers read and the game passes with each call. The labels of [data] are available as
  /// "label", unless one of these has that name.
  std::map<std::string, Shape> with{};
  std::optional<Range> range{};  ///< that its output must cover; none: any numbers
  /// The stream whose examples its output is like ("x"), and to whose mean it may be initialised; empty: none.
  std::string makes{};
  bool shared = false;    ///< several players move it; all others belong to one player
  std::string section{};  ///< section of the recipe with its keys, [network.SECTION]; empty: its name
  const std::string& keys() const { return section.empty() ? name : section; }
};

/// Random numbers drawn for each batch and for each sample.
struct LatentSpec {
  std::string name;  ///< in Turn::given: "z"
  LatentConfig how;
};

/// One of several things that belong to a sample: what it is made of, itself, what is made of it again.
struct ViewSpec {
  std::string name;  ///< on sheets and in scores: "x", "b", "x again"
  std::string like;  ///< the stream whose examples it is like
};

/// Players, networks, latents and samples of a game.
struct GameSpec {
  std::vector<PlayerSpec> players;    ///< in the order of their turns
  std::vector<NetworkSpec> networks;  ///< in the order in which their weights are drawn
  std::vector<LatentSpec> latents{};
  std::vector<StreamSpec> streams{};  ///< besides "x", which is [data]
  /// The networks that Game::sample and Game::views use; empty if the game makes no samples.
  std::vector<std::string> samples{};
  std::string samples_like = "x";           ///< the stream that samples are like and are compared with
  std::vector<std::string> samples_from{};  ///< streams whose examples samples are made from: translations, completions
  /// What belongs together of a sample, if there is more than the sample. Sheets show it, and scores compare the
  /// classes of the others with that of the first.
  std::vector<ViewSpec> views{};

  /// Throws Error(internal) for an unknown name.
  const NetworkSpec& network(const std::string& name) const;
  /// The players that move a network.
  std::vector<std::string> players_of(const std::string& network) const;
  /// The network of `samples` whose output is like the data; null if there is none.
  const NetworkSpec* output_network() const;
};

/// Requirements of a game on a network; each text names the key that causes it, and is empty if there is none.
struct NetworkNeeds {
  std::string
      lipschitz{};  ///< its slope must be bounded, by limits on its weights or by its layers, because the loss is not
  std::string lipschitz_remedy{};  ///< how the game itself can limit it: "set game.wgan_gp = 10 (...)"; may be empty
  std::string independent_examples{};  ///< no example's output may depend on other examples of the batch
};

/// A game: who plays, and what each player minimises. It knows no optimiser, no log, no device. Not for several threads
/// at once; different games share nothing.
class Game {
 public:
  virtual ~Game() = default;
  /// Players, networks, latents and streams, for such data; z is as in the recipe's [latent]. Also called with an empty
  /// `data` if only the names are needed.
  virtual GameSpec spec(const DataKind& data, const LatentConfig& latent) const = 0;
  /// Throws Error(recipe) if it cannot be played with such examples.
  virtual void check(const DataKind&) const {}
  /// Called once before the first turn, so that state() can have sizes of the examples.
  virtual void begin(const DataKind&) {}
  /// The loss that `player` minimises in this turn. A pure function: look-ahead calls it again.
  virtual Loss loss(const std::string& player, const Turn& turn) const = 0;
  /// Samples [N, data shape] from the latents, and labels if there are any, in `given`: used for training and for all
  /// other samples. Only for games that declare networks for them.
  virtual Tensor sample(const Nets& nets, const Named& given) const;
  /// The views that the spec lists, each [N, shape of its stream's examples].
  virtual std::vector<Tensor> views(const Nets&, const Named& /*given*/) const { return {}; }
  /// Called after `player` has moved, to update state (a controller's gain, a chain's states). Use in-place tensor
  /// operations on the tensors of state(), so that a captured step repeats them.
  virtual void moved(const std::string& /*player*/, const Turn&, const Loss&) {}
  /// Tensors, by name, that determine the future; they are saved in checkpoints and restored.
  virtual std::vector<std::pair<std::string, Tensor>> state() { return {}; }
  /// The kind of this turn, if the loss's operations change from turn to turn (a penalty in every 16th only): a
  /// function of the clock alone. Each kind is captured as a separate graph.
  virtual int64_t phase(const std::string& /*player*/, const Clock&) const { return 0; }
  /// An option of the game that would keep the numbers of `player` bounded and is not used yet: "add a penalty
  /// (game.r1)"; empty if there is none. Shown when training diverges.
  virtual std::string stability_advice([[maybe_unused]] const std::string& player) const { return {}; }
  /// Requirements by network.
  virtual std::map<std::string, NetworkNeeds> needs() const { return {}; }
};

/// A kind of game as `duet list games` shows it.
struct GameEntry {
  std::string name;
  std::string line;
  std::string paper;
  std::function<std::shared_ptr<Config>()> config;
  /// `config` comes from the function above.
  std::function<std::unique_ptr<Game>(const Config& config)> make;
};

/// All games. A new one is a file and a line in registry.cpp; tests add games of their own temporarily.
std::vector<GameEntry>& game_entries();
/// The same as a catalogue for recipes.
Catalogue game_catalogue();
/// Throws Error(recipe) for options that do not fit together.
std::unique_ptr<Game> make_game(const Choice& choice);

}  // namespace duet
