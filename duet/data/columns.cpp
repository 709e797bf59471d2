#include "duet/data/columns.h"

namespace duet {

Columns::Columns(const ColumnScale& scale, torch::Device device) {
  if (scale.empty()) return;
  const auto deviation = torch::tensor(scale.deviation, torch::kFloat64);
  mean_ = torch::tensor(scale.mean, torch::kFloat64).to(device);
  deviation_ = deviation.to(device);
  inverse_ = torch::where(deviation > 0, deviation.reciprocal(), torch::zeros_like(deviation)).to(device);
}

// In double, because for columns far from zero only the difference to the mean matters.

Tensor Columns::scaled(const Tensor& numbers) const {
  const auto single = numbers.to(torch::kFloat32);
  if (!mean_.defined()) return single;
  return single.to(torch::kFloat64).flatten(1).sub_(mean_).mul_(inverse_).to(torch::kFloat32).view(numbers.sizes());
}

Tensor Columns::restored(const Tensor& values) const {
  if (!mean_.defined()) return values;
  return values.detach().to(torch::kFloat64).mul(deviation_).add_(mean_).to(torch::kFloat32);
}

}  // namespace duet
