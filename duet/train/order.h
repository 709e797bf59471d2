#pragma once

#include "duet/games/game.h"
#include "duet/train/recipe.h"

namespace duet {

/// Players that move from the same point: none sees another's update. Usually a single player.
using Group = std::vector<std::string>;

/// The groups that move in a round, one after the other, from [turns] or its current phase.
class TurnOrder {
 public:
  /// Throws Error(recipe) for an unknown player, phases that are not in order, or an order that contradicts a player's
  /// steps.
  TurnOrder(const Recipe& recipe, const std::vector<PlayerSpec>& players);

  using Updates = std::function<int64_t(const std::string& player)>;
  /// The groups of round `number` (from 0), which begins at `clock`. Players that have not started yet are left out.
  std::vector<Group> at(const Clock& clock, int64_t number, const Updates& updates) const;
  /// Factor of the learning rates in that round.
  double rate(const Clock& clock, int64_t number) const;
  /// "discriminator, generator"; for each phase with its end: "pretrain, until 2 kimg: discriminator".
  std::vector<std::string> lines() const;

 private:
  struct Phase {
    std::string name;
    double until = 0;  ///< 0: without end
    double rate = 1;
    bool alternating = true;    ///< all players in turn, each `steps` times
    std::vector<Group> groups;  ///< if not alternating
  };
  const Phase& phase_at(const Clock& clock, int64_t number) const;
  std::vector<Group> groups_of(const std::string& place, const std::string& order,
                               const std::vector<std::string>& list) const;
  Schedule steps_of(const std::string& player) const;
  std::string to_text(const Phase& phase) const;

  Recipe recipe_;
  std::vector<std::string> players_;
  std::vector<Phase> phases_;  ///< in order; the last is [turns] itself
};

/// "discriminator, generator + encoder"
std::string to_string(const std::vector<Group>& groups);

}  // namespace duet
