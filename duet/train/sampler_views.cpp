// Views: what belongs to a sample beside itself, such as a translation's original.
#include "duet/train/sampler.h"

namespace duet {

Tensor Sampler::make_views(const Nets& nets, const Named& given) const {
  std::vector<Tensor> flat;
  for (const auto& view : game_->views(nets, given)) flat.push_back(view.flatten(1));
  return torch::cat(flat, 1);
}

std::vector<Sampler::Viewed> Sampler::views(const Request& request, int64_t first) const {
  std::vector<Viewed> all;
  if (spec_.views.empty()) return all;
  const auto together = network_values(request, first, &Sampler::make_views);
  int64_t column = 0;
  for (const auto& [name, like] : spec_.views) {
    const auto& shape = facts_.stream(like).shape;
    auto values = together.narrow(1, column, shape.numel());
    if (!shape.is_vector()) values = values.reshape({-1, shape.channels, shape.height, shape.width});
    all.push_back({name, like, stored(values, like).contiguous()});
    column += shape.numel();
  }
  return all;
}

}  // namespace duet
