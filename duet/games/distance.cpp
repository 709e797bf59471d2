#include "duet/games/distance.h"

namespace duet {

std::vector<std::string> distances() { return {"squares", "mean_squares", "distance", "mean_distance"}; }

Tensor distance_of(const Tensor& a, const Tensor& b, const std::string& how) {
  const auto difference = (a - b).flatten(1);
  if (how == "squares") return difference.square().sum(1);
  if (how == "mean_squares") return difference.square().mean(1);
  return how == "distance" ? difference.abs().sum(1) : difference.abs().mean(1);
}

}  // namespace duet
