#pragma once

#include "duet/games/game.h"
#include "duet/train/recipe.h"

namespace duet {

/// Players that move from the same point: nobody sees what another of them does. Most often one alone.
using Group = std::vector<std::string>;

/// Who moves in a round, one group after the other: as [turns] says, or the phase of it that it is.
class TurnOrder {
 public:
  /// Throws Error(recipe): a name that is no player, phases that do not follow one another, an order that does not go
  /// with a player's steps.
  TurnOrder(const Recipe& recipe, const std::vector<PlayerSpec>& players);

  using Updates = std::function<int64_t(const std::string& player)>;
  /// The groups of the round `number` (from 0), which begins at `clock`; its first batch is seen then. `updates` tells
  /// how many each player has made, for steps that follow them. Players that have not started yet are left out.
  std::vector<Group> at(const Clock& clock, int64_t number, const Updates& updates) const;
  /// What learning rates are multiplied by then.
  double rate(const Clock& clock, int64_t number) const;
  /// "discriminator, generator", for each phase with its end: "pretrain, until 2 kimg: discriminator".
  std::vector<std::string> lines() const;

 private:
  struct Phase {
    std::string name;
    double until = 0;  ///< 0: without end
    double rate = 1;
    bool alternating = true;    ///< everybody in turn, each as often as its steps
    std::vector<Group> groups;  ///< else
  };
  const Phase& phase_at(const Clock& clock, int64_t number) const;
  std::vector<Group> groups_of(const std::string& place, const std::string& order,
                               const std::vector<std::string>& list) const;
  Schedule steps_of(const std::string& player) const;
  std::string to_text(const Phase& phase) const;

  Recipe recipe_;
  std::vector<std::string> players_;
  std::vector<Phase> phases_;  ///< in order; the last is what [turns] itself says
};

/// "discriminator, generator + encoder"
std::string to_string(const std::vector<Group>& groups);

}  // namespace duet
