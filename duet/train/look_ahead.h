#pragma once

#include <set>

#include "duet/train/players.h"

namespace duet {

/// Players as they would be after some more steps of their own (unrolling: Metz et al. 2016, arXiv:1611.02163), as long
/// as this lives: their networks then compute with other weights, while weights, slots and averages themselves stay as
/// they are. Threads: not for several at once.
class LookAhead {
 public:
  /// `players` are borrowed. With `differentiable` the new weights depend on whatever the steps' losses depend on;
  /// without, they are constants.
  LookAhead(std::vector<Player*> players, bool differentiable);
  ~LookAhead();
  LookAhead(const LookAhead&) = delete;
  LookAhead& operator=(const LookAhead&) = delete;

  /// A step of all of them from the same point. `loss` gives a player's loss by the networks as they are then, `rates`
  /// what Player::rates says, on the device.
  void step(const std::function<Tensor(Player&)>& loss, const std::function<Tensor(Player&)>& rates);
  /// The networks that compute with other weights.
  std::set<std::string> networks() const;

 private:
  struct Ahead {
    Player* player;
    std::vector<OptimizerState> states;        ///< of each of its networks
    std::vector<std::vector<Tensor>> weights;  ///< the same, as its layers have them
  };
  std::vector<Tensor> gradients_of(const Ahead& ahead, const Tensor& loss) const;

  std::vector<Ahead> players_;
  bool differentiable_;
};

}  // namespace duet
