#pragma once

#include <memory>

#include "duet/data/feed.h"

namespace duet {

/// Examples that stay on the device as stored, so that each is transferred once, however many epochs there are.
/// Threads: not for several at once.
class Resident {
 public:
  /// From now on `feed` returns the values of an example only once. Returns null, and leaves the feed unchanged, if
  /// that is useless or impossible: on the CPU, for endless data or an order that does not cover them in an epoch, for
  /// more than `limit_bytes`, or for more than the device's free memory.
  static std::unique_ptr<Resident> make(Feed& feed, torch::Device device, int64_t limit_bytes);

  /// `stored` [N,C,H,W] on the device, channels-last; if it is undefined the picks are taken from here.
  Tensor batch(const Tensor& stored, const Feed::Picks& picks);

 private:
  explicit Resident(Tensor examples) : examples_(std::move(examples)) {}
  Tensor examples_;  // [size,C,H,W], channels-last, not mirrored
};

}  // namespace duet
