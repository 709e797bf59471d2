#include "duet/games/latent_config.h"

namespace duet {

void LatentConfig::fields(Fields& f) {
  f.choice("kind", kind, {"normal", "uniform", "spherical"}, "distribution of z");
  f.integer("size", size, "numbers in z", {1, 1e6});
  if (kind == "uniform") {
    f.real("low", low, "uniform from");
    f.real("high", high, "uniform to");
  }
}

}  // namespace duet
