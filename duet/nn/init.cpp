#include "duet/nn/init.h"

#include <cmath>

#include "duet/core/error.h"
#include "duet/nn/arguments.h"

namespace duet {
namespace {

/// Numbers that one output is computed from; the library's convention for every layer: size(1) times the kernel.
double fan_in(const Tensor& weight) { return static_cast<double>(weight[0].numel()); }
double fan_out(const Tensor& weight) {
  return static_cast<double>(weight.size(0)) * static_cast<double>(weight[0][0].numel());
}

void fill_sparse(Tensor& weight, int64_t count, Generator& generator) {
  auto rows = weight.zero_().view({weight.size(0), -1});
  count = std::min(count, rows.size(1));
  for (int64_t row = 0; row < rows.size(0); ++row) {
    const auto chosen = torch::randperm(rows.size(1), generator).slice(0, 0, count);
    rows[row].index_copy_(0, chosen, torch::empty({count}, weight.options()).normal_(0, 1, generator));
  }
}

}  // namespace

void init_weight(Tensor weight, const Init& init, Generator& generator) {
  torch::NoGradGuard no_grad;
  Arguments how(init.weight);
  if (how.name() == "he") {
    weight.normal_(0, std::sqrt(2 / fan_in(weight)), generator);
  } else if (how.name() == "glorot") {
    const double bound = std::sqrt(6 / (fan_in(weight) + fan_out(weight)));
    weight.uniform_(-bound, bound, generator);
  } else if (how.name() == "default") {
    const double bound = 1 / std::sqrt(fan_in(weight));
    weight.uniform_(-bound, bound, generator);
  } else if (how.name() == "normal") {
    weight.normal_(0, how.real("deviation", 0.02), generator);
  } else if (how.name() == "truncated") {
    // Inverse of the normal's distribution function on the kept middle part: one draw each, no rejection.
    const double deviation = how.real("deviation", 0.02), cut = std::erf(2 / std::sqrt(2.0));
    weight.uniform_(-cut, cut, generator).erfinv_().mul_(deviation * std::sqrt(2.0));
  } else if (how.name() == "uniform") {
    const double bound = how.real("bound", 0.05);
    weight.uniform_(-bound, bound, generator);
  } else if (how.name() == "sparse") {
    fill_sparse(weight, how.integer("count", 15, 1), generator);
  } else {
    fail(Fault::recipe, "init = '{}'; expected he, glorot, default, normal(s), truncated(s), uniform(r) or sparse(k)",
         init.weight);
  }
  how.finish();
}

void init_bias(Tensor bias, const Tensor& weight, const Init& init, Generator& generator) {
  torch::NoGradGuard no_grad;
  if (init.weight == "default") {
    const double bound = 1 / std::sqrt(fan_in(weight));
    bias.uniform_(-bound, bound, generator);
  } else {
    bias.fill_(init.bias);
  }
}

void init_scale(Tensor scale, const Init& init, Generator& generator) {
  torch::NoGradGuard no_grad;
  Arguments how(init.scale);
  if (how.name() == "one") {
    scale.fill_(1);
  } else if (how.name() == "normal") {
    scale.normal_(1, how.real("deviation", 0.02), generator);
  } else {
    fail(Fault::recipe, "scale_init = '{}'; expected one or normal(s)", init.scale);
  }
  how.finish();
}

}  // namespace duet
