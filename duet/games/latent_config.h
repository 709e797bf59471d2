#pragma once

#include <string>

#include "duet/config/fields.h"

namespace duet {

/// [latent]: the generator's noise z, or a code in it.
struct LatentConfig {
  /// - "normal": N(0, 1)
  /// - "truncated": the same, nothing of it beyond +-cut
  /// - "uniform": in [low, high]
  /// - "spherical": a normal scaled to norm 1
  /// - "mixture": one of `modes` Gaussians of this deviation, all as likely, whose centres lie on a circle of this
  /// radius
  ///   in the first two numbers, evenly; of a single number on the line from -radius to radius
  /// - "categorical": a class of `size`, all as likely, one-hot
  std::string kind = "normal";
  int64_t size = 100;
  double low = -1;
  double high = 1;
  double cut = 2;
  int64_t modes = 10;
  double radius = 4;
  double deviation = 0.5;
  void fields(Fields& f);
};

}  // namespace duet
