#include "duet/games/latent_config.h"

namespace duet {

void LatentConfig::fields(Fields& f) {
  f.choice("kind", kind, {"normal", "truncated", "uniform", "spherical", "mixture", "categorical"},
           "distribution of z");
  f.integer("size", size, kind == "categorical" ? "classes, one of which is 1" : "numbers in z", {1, 1e6});
  if (kind == "uniform") {
    f.real("low", low, "uniform from");
    f.real("high", high, "uniform to");
  }
  if (kind == "truncated") f.real("cut", cut, "truncation of the normal: +- this", {1e-3, 100});
  if (kind == "mixture") {
    f.integer("modes", modes, "Gaussians, evenly on a circle in the first two numbers", {1, 1e6});
    f.real("radius", radius, "of the circle", {.low = 0});
    f.real("deviation", deviation, "of each Gaussian, in every number", {.low = 0});
  }
}

}  // namespace duet
