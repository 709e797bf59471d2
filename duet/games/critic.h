#pragma once

#include "duet/games/augment.h"
#include "duet/games/game.h"
#include "duet/games/objectives.h"

namespace duet {

/// Keys of a game in which a discriminator tells real from generated examples: the objective, gradient penalties, and
/// the usual tricks on the discriminator's labels and inputs (soumith/ganhacks tips 2, 6, 13).
struct CriticConfig {
  std::string objective = "vanilla";
  std::map<std::string, Schedule> penalty{};  ///< weight by penalty name
  double real_label = 1, real_label_spread = 0;
  double fake_label = 0, fake_label_spread = 0;
  double generator_label = 1;  ///< G's target for fakes: LSGAN's c
  double flip = 0;
  /// D's outputs relative to the other side's: "pairs", the difference of each real and fake pair; "average", the
  /// difference from the other side's mean (Jolicoeur-Martineau 2018, arXiv:1807.00734); "no": as they are.
  std::string relativistic = "no";
  /// Who learns from which examples (goodfeli/adversarial's LazyAdversaryCost, and ThresholdedAdversaryCost where
  /// lazy_generator = 0): D from those to which it gives the right side less than 1/2 + this probability, G from fakes
  /// that D believes with less than that. 0.5: from all.
  double lazy_discriminator = 0.5, lazy_generator = 0.5;
  double target_scale = 0;  ///< G's gradient in its batch of fakes is scaled up to this norm where it is smaller
  Schedule instance_noise = 0.0;
  std::string augment{};
  Schedule lecam = 0.0;  ///< weight of the LeCam regulariser (Tseng et al. 2021, arXiv:2104.03310); only CriticGame
  double lecam_decay = 0.99;

  void fields(Fields& f);
  bool moves_labels() const {
    return real_label != 1 || fake_label != 0 || real_label_spread > 0 || fake_label_spread > 0 || flip > 0;
  }
  bool is_penalised() const;
};

/// One side of what a discriminator judges: examples [N, ...] and, for a discriminator of pairs, further inputs that
/// belong to these examples alone, float [N, ...] by name (an encoder's codes). Inputs that both sides share, such as
/// labels, come from Turn::given.
struct Side {
  Side(Tensor examples, Named own = {}) : x(std::move(examples)), with(std::move(own)) {}  // NOLINT: mostly plain ones
  Tensor x;
  Named with;
};

/// What the discriminator says of a side.
struct Verdict {
  Side shown;      ///< as it saw it: augmented, with noise
  Tensor logit;    ///< [N]; of a discriminator of patches [N * patches]
  Tensor heads{};  ///< the other numbers [N, K - 1] of a network with K outputs, the first of which is the logit
};

/// Both losses of a game with a discriminator: a network of examples, or of pairs of an example and something else, to
/// a logit, and perhaps further numbers. Games use it as a building block.
///
/// To penalties a pair is one vector of all its numbers: a mixture of real and fake has the same share of both in
/// every part, and a gradient's norm is that of all parts together.
class Critic {
 public:
  /// `network` is the discriminator's name. Throws Error(recipe) for keys that do not fit together.
  explicit Critic(const CriticConfig& config, std::string network = "discriminator");

  /// The discriminator's loss: the objective "adversarial" and the penalties by name.
  Loss discriminator(const Turn& turn, const Side& real, const Side& fake) const;
  /// The loss of the player that made the fakes: "adversarial".
  Loss generator(const Turn& turn, const Side& real, const Side& fake) const;
  /// The loss of a player that has a part in both sides: D's with the sides exchanged, "adversarial".
  Loss exchanged(const Turn& turn, const Side& real, const Side& fake) const;

  /// The same in two steps, for games that also use the heads: what D says of both sides, in its own turn ...
  std::pair<Verdict, Verdict> judge(const Turn& turn, const Side& real, const Side& fake) const;
  Loss discriminator(const Turn& turn, const std::pair<Verdict, Verdict>& said) const;
  /// ... and of fakes in the turn of who made them.
  Verdict judge_made(const Turn& turn, const Side& fake) const;
  Loss generator(const Turn& turn, const Side& real, const Verdict& said) const;

  /// See Game. After D's move with this loss of its; `prefix` is what the game has put before the names of its terms.
  void moved(const Loss& loss, const std::string& prefix = {});
  std::vector<std::pair<std::string, Tensor>> state();
  void check(const DataKind& data) const;
  std::string stability_advice() const;
  NetworkNeeds needs() const;

 private:
  Side shown(const Side& side, const Turn& turn) const;
  Tensor blurred(const Tensor& x, const Turn& turn) const;
  std::vector<Verdict> ask(const Turn& turn, const std::vector<Side>& sides) const;
  void add_penalties(Loss& loss, const Turn& turn, const Side& real, const Side& fake) const;
  void add_lecam(Loss& loss, const Turn& turn, const Tensor& real, const Tensor& fake) const;
  Tensor told_apart(const Tensor& real, const Tensor& fake, const Targets& told) const;
  Tensor told_wrong(const Tensor& real, const Tensor& fake) const;
  Targets targets(const Tensor& like, const Turn& turn) const;

  CriticConfig config_;
  std::string network_;
  const Objective& objective_;
  Augment augment_;
  /// Sums of D's mean outputs on real and on fake, and of their weights, which fall by lecam_decay with each move.
  Tensor anchors_ = torch::zeros({3}, torch::kFloat64);
};

/// Config of a CriticGame. Derived ones add keys.
struct CriticGameConfig : Config {
  CriticConfig critic;
  void fields(Fields& f) override;
};

/// A game in which player and network "discriminator" judge what "generator" makes, from "z" unless it says otherwise.
class CriticGame : public Game {
 public:
  void check(const DataKind& data) const override { critic_.check(data); }
  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("generator")(given.at("z"), given);
  }
  void moved(const std::string& player, const Turn&, const Loss& loss) override {
    if (player == "discriminator") critic_.moved(loss);
  }
  std::vector<std::pair<std::string, Tensor>> state() override { return critic_.state(); }
  std::string stability_advice(const std::string& player) const override {
    return player == "discriminator" ? critic_.stability_advice() : "";
  }
  std::map<std::string, NetworkNeeds> needs() const override { return {{"discriminator", critic_.needs()}}; }

 protected:
  explicit CriticGame(const CriticConfig& config) : critic_(config) {}
  /// The samples of this turn: the generator learns from those that the discriminator has just judged, if no player
  /// has moved since.
  Tensor fake(const Turn& turn) const {
    return turn.once("fake", [&] { return sample(turn.nets, turn.given); });
  }
  Critic critic_;
};

}  // namespace duet
