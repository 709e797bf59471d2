#pragma once

#include "duet/games/game.h"

namespace duet {

/// Earlier fakes, half of which a discriminator is shown instead of new ones, so that it does not forget what the
/// generator has given up (Shrivastava et al. 2017, arXiv:1612.07828; Zhu et al. 2017, arXiv:1703.10593). Each fake
/// meets a random place. In an empty one it is kept, and it is shown; otherwise it is kept there with probability 1/2,
/// and the earlier one is shown in its stead.
class Replay {
 public:
  /// `name` is that of its state and its draws; size 0: off.
  Replay(std::string name, int64_t size) : name_(std::move(name)), size_(size) {}

  /// See Game::begin; `shape` is that of a fake.
  void begin(const Shape& shape);
  /// What is shown in place of fakes [N, shape]: the same in every call in a turn, and again in keep().
  Tensor shown(const Tensor& fakes, const Turn& turn) const;
  /// Keeps fakes after the turn; see Game::moved.
  void keep(const Tensor& fakes, const Turn& turn);
  /// See Game::state.
  void add_state(std::vector<std::pair<std::string, Tensor>>& state) const;

 private:
  /// Which fakes meet which kept ones: the first ones, each another place, and whether both are exchanged.
  struct Meeting {
    Tensor places;     ///< int64 [n], n at most the size
    Tensor exchanged;  ///< bool [n]: there is a kept one, and it is shown
    Tensor kept;       ///< [n, shape]
  };
  Meeting meet(const Tensor& fakes, const Turn& turn) const;

  std::string name_;
  int64_t size_;
  Tensor fakes_;   ///< [size, shape]
  Tensor filled_;  ///< [size]: 1 where there is one
};

}  // namespace duet
