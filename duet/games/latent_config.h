#pragma once

#include <string>

#include "duet/config/fields.h"

namespace duet {

/// [latent]: the generator's noise z.
struct LatentConfig {
  std::string kind = "normal";  ///< "normal", "uniform" in [low, high], or "spherical" (a normal scaled to norm 1)
  int64_t size = 100;
  double low = -1;
  double high = 1;
  void fields(Fields& f);
};

}  // namespace duet
