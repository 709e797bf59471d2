#pragma once

#include <set>

#include "duet/train/players.h"

namespace duet {

/// Players as they would be after some more steps of their own (unrolling: Metz et al. 2016, arXiv:1611.02163). While
/// this object exists their networks compute with other weights; the weights, slots and EMA themselves do not change.
/// Threads: not for several at once.
class LookAhead {
 public:
  /// `players` are borrowed. With `differentiable` the new weights depend on everything that the steps' losses depend
  /// on; otherwise they are constants.
  LookAhead(std::vector<Player*> players, bool differentiable);
  ~LookAhead();
  LookAhead(const LookAhead&) = delete;
  LookAhead& operator=(const LookAhead&) = delete;

  /// One step of all of them from the same point. `loss` computes a player's loss with the networks' current look-ahead
  /// weights, `rates` are those of Player::rates, on the device.
  void step(const std::function<Tensor(Player&)>& loss, const std::function<Tensor(Player&)>& rates);
  /// The networks that compute with other weights.
  std::set<std::string> networks() const;

 private:
  struct Ahead {
    Player* player;
    std::vector<OptimizerState> states;        ///< of each of its networks
    std::vector<std::vector<Tensor>> weights;  ///< the same in the layers' shapes
  };
  std::vector<Tensor> gradients_of(const Ahead& ahead, const Tensor& loss) const;

  std::vector<Ahead> players_;
  bool differentiable_;
};

}  // namespace duet
