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

/// A spelling: its name, and its number where it has one.
struct Way {
  std::string name;
  double number = 0;
};

void check_width(const Way& way, const char* key, const std::string& text) {
  if (way.number < 0) fail(Fault::recipe, "{} = '{}'; expected a number of at least 0", key, text);
}

Way weight_way(const std::string& text) {
  Arguments how(text);
  Way way{how.name()};
  if (way.name == "normal" || way.name == "truncated") {
    way.number = how.real("deviation", 0.02);
  } else if (way.name == "uniform") {
    way.number = how.real("bound", 0.05);
  } else if (way.name == "sparse") {
    way.number = static_cast<double>(how.integer("count", 15, 1));
  } else if (way.name != "he" && way.name != "glorot" && way.name != "default") {
    fail(Fault::recipe, "init = '{}'; expected he, glorot, default, normal(s), truncated(s), uniform(r) or sparse(k)",
         text);
  }
  how.finish();
  check_width(way, "init", text);
  return way;
}

Way scale_way(const std::string& text) {
  Arguments how(text);
  Way way{how.name()};
  if (way.name == "normal") {
    way.number = how.real("deviation", 0.02);
  } else if (way.name != "one") {
    fail(Fault::recipe, "scale_init = '{}'; expected one or normal(s)", text);
  }
  how.finish();
  check_width(way, "scale_init", text);
  return way;
}

}  // namespace

void check_weight_init(const std::string& text) { weight_way(text); }
void check_scale_init(const std::string& text) { scale_way(text); }

void init_weight(Tensor weight, const Init& init, Generator& generator) {
  torch::NoGradGuard no_grad;
  const auto [name, number] = weight_way(init.weight);
  if (name == "he") {
    weight.normal_(0, std::sqrt(2 / fan_in(weight)), generator);
  } else if (name == "glorot") {
    const double bound = std::sqrt(6 / (fan_in(weight) + fan_out(weight)));
    weight.uniform_(-bound, bound, generator);
  } else if (name == "default") {
    const double bound = 1 / std::sqrt(fan_in(weight));
    weight.uniform_(-bound, bound, generator);
  } else if (name == "normal") {
    weight.normal_(0, number, generator);
  } else if (name == "truncated") {
    // Inverse of the normal's distribution function on the kept middle part: one draw each, no rejection.
    const double cut = std::erf(2 / std::sqrt(2.0));
    weight.uniform_(-cut, cut, generator).erfinv_().mul_(number * std::sqrt(2.0));
  } else if (name == "uniform") {
    weight.uniform_(-number, number, generator);
  } else {
    fill_sparse(weight, static_cast<int64_t>(number), generator);
  }
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
  const auto [name, number] = scale_way(init.scale);
  if (name == "one") {
    scale.fill_(1);
  } else {
    scale.normal_(1, number, generator);
  }
}

}  // namespace duet
