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

/// Whether networks can learn the columns without standardisation.
bool is_in_scale(const ColumnScale& scale) {
  for (size_t i = 0; i < scale.mean.size(); ++i) {
    const double deviation = scale.deviation[i];
    if (std::abs(scale.mean[i]) > 10 || deviation > 10 || (deviation > 0 && deviation < 0.1)) return false;
  }
  return true;
}

/// Whether the last activation of the network that makes samples is bounded.
bool is_bounded(const Recipe& recipe, const DataFacts& facts, const std::string& stream) {
  if (recipe.game.kind.empty()) return false;  // samples from another tool
  const auto game = game_spec(recipe, facts);
  const auto* output_network = game.output_network();
  if (!output_network || output_network->makes != stream || !recipe.network.contains(output_network->keys()))
    return false;
  auto init = make_generator(0);
  const auto reach =
      build_network(recipe, output_network->name, facts, init, /*data_mean=*/{}, /*trained=*/true)->reach();
  return std::isfinite(reach.low) && std::isfinite(reach.high);
}

}  // namespace

ColumnScale measure_columns(const Dataset& train) {
  const auto examples = read_examples(train, stratified_indices(train.info().size, kMeasured)).flatten(1);
  const auto exact = examples.to(torch::kFloat64);
  const auto mean = exact.mean(0), low = std::get<0>(exact.min(0)), high = std::get<0>(exact.max(0));
  const auto farthest = torch::maximum(high - mean, mean - low);
  auto deviation = torch::maximum((exact - mean).square().mean(0).sqrt(), farthest / kFarthest);
  // A rounding error of the mean is not a deviation.
  deviation = torch::where(high > low, deviation, torch::zeros_like(deviation));
  return {numbers_of(torch::where(high > low, mean, high)), numbers_of(deviation)};
}

ColumnScale column_scale(const Recipe& recipe, const DataFacts& facts, const Dataset& train,
                         const std::string& stream) {
  const auto& how = recipe.data_of(stream).standardise;
  // Before measuring, which reads the data.
  if (how == "never" || (how == "auto" && train.info().format == "builtin")) return {};
  const auto measured = measure_columns(train);
  if (how == "always") return measured;
  return is_in_scale(measured) || is_bounded(recipe, facts, stream) ? ColumnScale{} : measured;
}

}  // namespace duet
