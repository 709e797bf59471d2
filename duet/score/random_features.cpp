#include "duet/score/random_features.h"

#include <algorithm>

#include "duet/core/error.h"

namespace duet {
namespace {

constexpr int64_t kChunk = 250;

Tensor centred_values(const Tensor& bytes) { return bytes.to(torch::kFloat32).div_(127.5).sub_(1); }

Tensor layer(const Tensor& x, const Tensor& weight, const Tensor& bias) { return at::conv2d(x, weight, bias, 2, 1); }

}  // namespace

RandomFeatures::RandomFeatures(const Tensor& sample, uint64_t seed) {
  if (sample.dim() != 4 || sample.size(0) < 2 || std::min(sample.size(2), sample.size(3)) < 8)
    fail(Fault::data, "random features: given [{}]; at least two pictures [N,C,H,W] of 8x8 or more are needed",
         fmt::join(sample.sizes(), ","));
  torch::NoGradGuard no_grad;
  auto generator = make_generator(seed);
  auto x = centred_values(sample);
  for (int64_t channels = 16; std::min(x.size(2), x.size(3)) > 4; channels = std::min<int64_t>(48, channels + 16)) {
    auto weight = at::empty({channels, x.size(1), 3, 3}, torch::kFloat32).normal_(0, 1, generator);
    const auto raw = layer(x, weight, {});
    const auto deviation = raw.std(at::IntArrayRef{0, 2, 3}).clamp_min(1e-3);
    const auto bias = raw.mean({0, 2, 3}).div(deviation).neg();
    weight = weight / deviation.view({-1, 1, 1, 1});
    x = at::relu(layer(x, weight, bias));
    weights_.push_back(weight);
    weights_.push_back(bias);
  }
}

Tensor RandomFeatures::of(const Tensor& bytes) const {
  torch::NoGradGuard no_grad;
  std::vector<Tensor> rows;
  for (int64_t first = 0; first < bytes.size(0); first += kChunk) {
    auto x = centred_values(bytes.narrow(0, first, std::min(kChunk, bytes.size(0) - first)));
    std::vector<Tensor> parts;
    for (size_t i = 0; i < weights_.size(); i += 2) {
      x = at::relu(layer(x, weights_[i], weights_[i + 1]));
      const bool last = i + 2 == weights_.size();
      parts.push_back(last ? at::adaptive_avg_pool2d(x, {2, 2}).flatten(1) : x.mean({2, 3}));
    }
    rows.push_back(at::cat(parts, 1));
  }
  return at::cat(rows);
}

}  // namespace duet
