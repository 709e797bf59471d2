#pragma once

#include "duet/games/game.h"
#include "duet/train/captured_steps.h"
#include "duet/train/divergence.h"

namespace duet {

/// Collects the logged terms of moves since the last reading; they stay on the device until they are read. Threads: not
/// for several at once.
class TermLog {
 public:
  /// A move of a player.
  struct Move {
    int64_t round = 0;
    std::string player;
  };

  /// Records a move of `player` in `round`; in a captured step, after each replay.
  void add(const std::string& player, const Loss& loss, const int64_t& round, CapturedSteps& steps);
  /// Means of all terms, "generator/adversarial", in order of first appearance; or the place of the first number that
  /// is not finite. Clears the terms.
  std::vector<std::pair<std::string, double>> take_means(std::optional<Divergence>& found);
  /// The moves since the last reading.
  const std::vector<Move>& moves() const { return moves_; }
  /// Begins the next reading; after numbers that were not finite the last move is forgotten.
  void forget_moves(bool diverged);
  /// Resets everything for another training.
  void begin() { before_.reset(); }

 private:
  struct Term {
    std::string name, player;
    std::vector<Tensor> values;  // one 0-dim tensor for each move since the last reading
    std::vector<size_t> moves;   // indices in moves_ of the moves they belong to
  };
  void consider(const Term& term, const Tensor& values, std::optional<Divergence>& found) const;
  std::optional<Move> mover_before(size_t move) const;

  std::map<std::string, Term> terms_;
  std::vector<std::string> order_;
  std::vector<Move> moves_;
  std::optional<Move> before_;  // the last move before them
};

}  // namespace duet
