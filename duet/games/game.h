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
    Tensor factor{};  ///< 0-dim, of a weight that follows the clock (Turn::value); undefined for one that does not
  };
  std::vector<Term> terms;
  /// Watched but not minimised ("logit_real").
  std::vector<Term> watched;

  void add(std::string name, Tensor value, double weight = 1) { terms.push_back({std::move(name), value, weight}); }
  void add(std::string name, Tensor value, const Tensor& factor) {
    terms.push_back({std::move(name), value, 1, factor});
  }
  void watch(std::string name, Tensor value) { watched.push_back({std::move(name), value.detach(), 0}); }
  /// Sum of weight * value, 0-dim.
  Tensor total() const;
};

/// A network as a game calls it: x [N, ...] and what else it reads, by name -> [N, ...]; one that gives single numbers
/// gives [N], unless they are like the data: then [N,1].
class Net {
 public:
  /// `groups`: so many equal runs of examples that see nothing of each other.
  using Forward = std::function<Tensor(const Tensor& x, const Named& with, int64_t groups)>;
  Net() = default;
  /// `reads` are the names it looks for in `with`. Without `takes_groups` forward is called for each batch alone.
  explicit Net(Forward forward, std::vector<std::string> reads = {}, bool takes_groups = false)
      : forward_(std::move(forward)), reads_(std::move(reads)), takes_groups_(takes_groups) {}

  /// `with` may hold more than it reads.
  Tensor operator()(const Tensor& x, const Named& with = {}) const { return forward_(x, with, 1); }
  /// Batches of one size that see nothing of each other, each with the same `with`; in one forward where it can, as
  /// larger products take less time.
  std::vector<Tensor> operator()(const std::vector<Tensor>& batches, const Named& with = {}) const;
  /// The same where each batch has a `with` of its own, for pairs.
  std::vector<Tensor> operator()(const std::vector<Tensor>& batches, const std::vector<Named>& with) const;

 private:
  Forward forward_;
  std::vector<std::string> reads_;
  bool takes_groups_ = false;
};

using Nets = std::map<std::string, Net>;

/// All a game may know of the moment. Tensors live on the run's device; shapes do not change from turn to turn.
struct Turn {
  /// "x": the batch [N, data shape], in the data's range; "label": its labels int64 [N], where the data have any; of
  /// each further stream that the game declares the same under its name: "b" and "b_label"; the latents that the game
  /// declares [N, size]. Fakes are asked for the batch's labels.
  Named given;
  Nets nets;
  std::map<std::string, Range> ranges;  ///< of each stream of pictures
  Noise noise;                          ///< for whatever the game draws
  Clock clock;                          ///< when the turn began; numbers that follow it come from value()
  int64_t phase = 0;                    ///< what Game::phase said of this turn

  const Tensor& x() const { return given.at("x"); }
  /// What pictures of a stream are in; says nothing of other data.
  Range range(const std::string& stream = "x") const {
    const auto found = ranges.find(stream);
    return found == ranges.end() ? Range{} : found->second;
  }
  /// A network on x, which reads what else it does from what is given.
  Tensor operator()(const std::string& network, const Tensor& x) const { return nets.at(network)(x, given); }
  std::vector<Tensor> operator()(const std::string& network, const std::vector<Tensor>& batches) const {
    return nets.at(network)(batches, given);
  }
  /// What `make` gives, made once for a batch and kept until one of the networks that made it moves. Carries a graph
  /// only in the turn of a player that moves one of them: nobody need detach it. Where one of them computes something
  /// else in one player's turns (a layer's `turns`), it is made again in each turn of another player.
  Tensor once(const std::string& name, const std::function<Tensor()>& make) const {
    return keeper ? keeper(name, make) : make();
  }
  /// A number that follows the clock, 0-dim float64 on the run's device. A step that is captured once and replayed
  /// reads it anew each time, which Schedule::at would not.
  Tensor value(const Schedule& schedule) const {
    return follower ? follower(schedule) : torch::tensor(schedule.at(clock), torch::kFloat64);
  }

  // Set by who plays.
  std::function<Tensor(const std::string& name, const std::function<Tensor()>& make)> keeper;
  std::function<Tensor(const Schedule&)> follower;
};

/// A player: its name, and the networks it moves.
struct PlayerSpec {
  std::string name;
  std::vector<std::string> networks;
  /// Where it moves again before the batch is a new one, it gets new latents for the same batch; else a new batch.
  bool keeps_batch = false;
};

/// What a game is told of the examples it is played with: those of [data], and of the further streams it declares.
struct DataKind {
  Shape shape{};
  std::optional<Range> range{};  ///< of pictures; other data have any numbers
  int64_t classes = 0;           ///< 0 without labels
  std::map<std::string, DataKind> streams{};
  /// Of a stream ("x" is this one itself); an empty one of a stream that is not known yet.
  DataKind stream(const std::string& name) const {
    const auto found = streams.find(name);
    return name == "x" ? *this : found == streams.end() ? DataKind{} : found->second;
  }
};

/// Examples that a game wants beside those of [data]: the recipe's section [stream.NAME] says which.
struct StreamSpec {
  std::string name;  ///< in Turn::given; its labels are NAME_label
  std::string line;  ///< what it is for, for the message where a recipe has none: "pictures of the other domain"
  /// Example i goes with example i of [data]: both have as many, come in the same order, mirrored together. Else they
  /// are drawn apart.
  bool paired = false;
};

/// A network that a game is played with.
struct NetworkSpec {
  std::string name;         ///< in checkpoints and messages
  Shape input{}, output{};  ///< of one example
  /// Further inputs that its layers must read, which the game gives with each call. The labels of [data] are there
  /// anyway, as "label", unless one of these is called so.
  std::map<std::string, Shape> with{};
  std::optional<Range> range{};  ///< that its output must fill; none: any numbers
  /// The stream whose examples its output is like, at whose mean it may begin: "x"; empty: none.
  std::string makes{};
  bool shared = false;    ///< several players move it; any other belongs to one
  std::string section{};  ///< of the recipe, [network.SECTION], with its keys; empty: as its name
  const std::string& keys() const { return section.empty() ? name : section; }
};

/// Random numbers that are drawn for each batch, and for each sample.
struct LatentSpec {
  std::string name;  ///< in Turn::given: "z"
  LatentConfig how;
};

/// Who plays, with what.
struct GameSpec {
  std::vector<PlayerSpec> players;    ///< in the order of their turns
  std::vector<NetworkSpec> networks;  ///< in the order in which their weights are drawn
  std::vector<LatentSpec> latents{};
  std::vector<StreamSpec> streams{};        ///< beside "x", which is [data]
  std::vector<std::string> samples{};       ///< the networks that Game::sample uses; none where it makes no samples
  std::string samples_like = "x";           ///< the stream that samples are like, and compared with
  std::vector<std::string> samples_from{};  ///< streams of whose examples samples are made: translations, completions

  /// Throws Error(internal) for a name there is none of.
  const NetworkSpec& network(const std::string& name) const;
  /// The players that move a network.
  std::vector<std::string> movers(const std::string& network) const;
  /// The network of samples whose output is like the stream that samples are like; null where there is none.
  const NetworkSpec* maker() const;
};

/// What a game needs of a network in order to work; each names the key that asks for it, and is empty where none does.
struct NetworkNeeds {
  std::string limited_slope{};   ///< by its weights' limits or its layers: the loss has no other bound
  std::string slope_remedy{};    ///< how the game itself can limit it: "set game.wgan_gp = 10 (...)"; may be empty
  std::string examples_alone{};  ///< no example's output depends on the others of its batch
};

/// Who plays, and what each wants. Knows no optimiser, no log, no device. Not for several threads at once; different
/// games share nothing.
class Game {
 public:
  virtual ~Game() = default;
  /// Players, networks, latents and streams, for such examples; z is to be as the recipe's [latent] says. Also asked
  /// with an empty `data`, by who wants to know the names alone.
  virtual GameSpec spec(const DataKind& data, const LatentConfig& latent) const = 0;
  /// Throws Error(recipe) where it cannot be played with such examples.
  virtual void check(const DataKind&) const {}
  /// The loss that `player` minimises on this turn. Changes nothing, for who looks ahead asks for it again.
  virtual Loss loss(const std::string& player, const Turn& turn) const = 0;
  /// Samples [N, data shape] from the latents, and labels where there are any, in `given`, and from the examples of the
  /// streams that they are made of: those that training judges and those that are kept. Only for games that declare
  /// networks for them.
  virtual Tensor sample(const Nets& nets, const Named& given) const;
  /// After `player` has moved: for what a game keeps (a controller's gain, a chain's states). Tensor operations, in
  /// place on what state() names, so that a captured step does them again.
  virtual void moved(const std::string& /*player*/, const Turn&, const Loss&) {}
  /// Tensors that decide the future, to save and restore with a checkpoint, by name.
  virtual std::vector<std::pair<std::string, Tensor>> state() { return {}; }
  /// Which of several kinds of turns this one is, where what the loss computes changes from turn to turn (a penalty in
  /// every 16th only): a function of the clock alone. Each kind is captured on its own.
  virtual int64_t phase(const std::string& /*player*/, const Clock&) const { return 0; }
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

/// Every game there is. A new one is a file, and two lines in registry.cpp; tests put toys of their own beside them,
/// and take them away again.
std::vector<GameEntry>& game_entries();
/// The same as a recipe's catalogue.
Catalogue game_catalogue();
/// Throws Error(recipe) for options that do not go together.
std::unique_ptr<Game> make_game(const Choice& choice);

}  // namespace duet
