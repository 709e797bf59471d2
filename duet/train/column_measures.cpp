#include "duet/train/column_measures.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"

namespace duet {
namespace {

constexpr int64_t kMeasured = 100'000;
constexpr double kFarthest = 20;

std::vector<double> numbers_of(const Tensor& tensor) {
  const auto whole = tensor.to(torch::kFloat64).contiguous();
  return {whole.data_ptr<double>(), whole.data_ptr<double>() + whole.numel()};
}

/// Whether networks can learn the columns as they are.
bool is_in_scale(const ColumnScale& scale) {
  for (size_t i = 0; i < scale.mean.size(); ++i) {
    const double deviation = scale.deviation[i];
    if (std::abs(scale.mean[i]) > 10 || deviation > 10 || (deviation > 0 && deviation < 0.1)) return false;
  }
  return true;
}

/// The interval that the generator's last activation gives; none for an unbounded one.
std::optional<Range> reach_of_generator(const Recipe& recipe, const Shape& shape) {
  const auto found = recipe.network.find("generator");
  if (found == recipe.network.end()) return {};
  NetworkContext context;
  context.name = "generator";
  context.input = {recipe.latent.size, 1, 1};
  context.output = shape;
  return reach_of(dynamic_cast<const NetworkConfig&>(*found->second.config).layers(context));
}

bool is_of_numbers(const DatasetInfo& info) { return info.element == Element::float32 && info.shape.is_vector(); }

}  // namespace

ColumnMeasures measure_columns(const Dataset& train) {
  const auto examples = read_examples(train, stratified_indices(train.info().size, kMeasured)).flatten(1);
  const auto exact = examples.to(torch::kFloat64);
  const auto mean = exact.mean(0), low = std::get<0>(exact.min(0)), high = std::get<0>(exact.max(0));
  const auto farthest = torch::maximum(high - mean, mean - low);
  auto deviation = torch::maximum((exact - mean).square().mean(0).sqrt(), farthest / kFarthest);
  // Rounding in the mean is no deviation.
  deviation = torch::where(high > low, deviation, torch::zeros_like(deviation));
  return {{numbers_of(torch::where(high > low, mean, high)), numbers_of(deviation)}, numbers_of(low), numbers_of(high)};
}

ColumnScale column_scale(const Recipe& recipe, const DatasetInfo& info, const ColumnMeasures& measures) {
  const auto& how = recipe.data.standardise;
  if (!is_of_numbers(info) || how == "never") return {};
  if (how == "always") return measures.scale;
  const bool as_they_are =
      info.format == "builtin" || reach_of_generator(recipe, info.shape) || is_in_scale(measures.scale);
  return as_they_are ? ColumnScale{} : measures.scale;
}

}  // namespace duet
