#pragma once

#include "duet/games/game.h"
#include "duet/train/captured_steps.h"
#include "duet/train/divergence.h"

namespace duet {

/// Every logged term of the moves since the last reading; stays on the device until it is read. Threads: not for
/// several at once.
class TermLog {
 public:
  /// A move that was made.
  struct Move {
    int64_t round = 0;
    std::string player;
  };

  /// A move of `player` in `round`, which is looked at when the move is made: in a captured step, after each replay.
  void add(const std::string& player, const Loss& loss, const int64_t& round, CapturedSteps& steps);
  /// Means of all terms, "generator/adversarial", in order of first appearance; or where the first number that is not
  /// finite was found. Forgets the terms.
  std::vector<std::pair<std::string, double>> take_means(std::optional<Divergence>& found);
  /// The moves since the last reading.
  const std::vector<Move>& moves() const { return moves_; }
  /// Begins the next reading; after numbers that were not finite nothing is remembered of the last move.
  void forget_moves(bool diverged);
  /// What comes is another training's.
  void begin() { before_.reset(); }

 private:
  struct Term {
    std::string name, player;
    std::vector<Tensor> values;  // one 0-dim tensor for each move since the last reading
    std::vector<size_t> moves;   // which moves they belong to, by place in moves_
  };
  void consider(const Term& term, const Tensor& values, std::optional<Divergence>& found) const;
  std::optional<Move> mover_before(size_t move) const;

  std::map<std::string, Term> terms_;
  std::vector<std::string> order_;
  std::vector<Move> moves_;
  std::optional<Move> before_;  // the last one before them
};

}  // namespace duet
