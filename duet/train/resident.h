#pragma once

#include <memory>

#include "duet/data/feed.h"

namespace duet {

/// Examples that stay on the device as they are stored, so that each crosses to it once, however many epochs there are.
/// Threads: not for several at once.
class Resident {
 public:
  /// From now on `feed` gives the numbers of an example once. Null, and the feed as it is, where that is of no use or
  /// no room: on the CPU, for endless data or an order that does not cover them in an epoch, for more than
  /// `limit_bytes`, or than the device has left.
  static std::unique_ptr<Resident> make(Feed& feed, torch::Device device, int64_t limit_bytes);

  /// What `stored` [N,C,H,W] is on the device, channels-last; where it is undefined the picks are found here.
  Tensor batch(const Tensor& stored, const Feed::Picks& picks);

 private:
  explicit Resident(Tensor examples) : examples_(std::move(examples)) {}
  Tensor examples_;  // [size,C,H,W], channels-last, not mirrored
};

}  // namespace duet
