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
  Schedule instance_noise = 0.0;
  std::string augment{};

  void fields(Fields& f);
  bool moves_labels() const {
    return real_label != 1 || fake_label != 0 || real_label_spread > 0 || fake_label_spread > 0 || flip > 0;
  }
  bool is_penalised() const;
};

/// Both losses of a game whose discriminator is a network [N, data shape] -> one logit. Games use it as a building
/// block.
class Critic {
 public:
  /// `network` is the discriminator's name. Throws Error(recipe) for keys that do not fit together.
  explicit Critic(const CriticConfig& config, std::string network = "discriminator");

  /// The discriminator's loss on real and fake [N, data shape]: the objective "adversarial" and the penalties by name.
  Loss discriminator(const Turn& turn, const Tensor& real, const Tensor& fake) const;
  /// The loss of the player that made the fakes: "adversarial".
  Loss generator(const Turn& turn, const Tensor& real, const Tensor& fake) const;

  /// See Game.
  void check(const DataKind& data) const;
  std::string stability_advice() const;
  NetworkNeeds needs() const;

 private:
  Tensor shown(const Tensor& x, const Turn& turn) const;
  Tensor blurred(const Tensor& x, const Turn& turn) const;
  Targets targets(const Tensor& like, const Turn& turn) const;

  CriticConfig config_;
  std::string network_;
  const Objective& objective_;
  Augment augment_;
};

}  // namespace duet
