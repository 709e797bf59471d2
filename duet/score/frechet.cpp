#include "duet/score/frechet.h"

#include <algorithm>

#include "duet/core/error.h"

namespace duet {

Moments moments_of(const Tensor& rows) {
  if (rows.dim() != 2 || rows.size(0) < 2)
    fail(Fault::data, "moments: given rows of shape [{}]; at least two rows [N,D] are needed: score more samples",
         fmt::join(rows.sizes(), ","));
  const auto x = rows.to(torch::kFloat64);
  const auto mean = x.mean(0);
  const auto centred = x - mean;
  return {mean, centred.t().mm(centred) / static_cast<double>(x.size(0) - 1), x.size(0)};
}

double frechet_distance(const Moments& a, const Moments& b) {
  if (a.mean.sizes() != b.mean.sizes())
    fail(Fault::internal, "frechet_distance: {} features against {}; both sets must have passed the same network",
         a.mean.numel(), b.mean.numel());
  const auto [values, vectors] = at::linalg_eigh(a.covariance);
  const auto root = (vectors * values.clamp_min(0).sqrt()).mm(vectors.t());
  const auto product = root.mm(b.covariance).mm(root);
  const auto trace_of_root = at::linalg_eigvalsh((product + product.t()) / 2).clamp_min(0).sqrt().sum();
  const auto distance =
      (a.mean - b.mean).square().sum() + a.covariance.trace() + b.covariance.trace() - 2 * trace_of_root;
  return std::max(0.0, distance.item<double>());
}

}  // namespace duet
