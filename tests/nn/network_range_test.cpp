// A generator must be able to make the data's numbers, whatever follows the layer that bounds them.
#include <gtest/gtest.h>

#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include "duet/config/toml.h"
#include "duet/core/error.h"
#include "duet/nn/network.h"

namespace duet {
namespace {

std::shared_ptr<NetworkConfig> layers(const std::string& list, const std::string& more = "") {
  for (const auto& entry : network_entries()) {
    if (entry.name != "layers") continue;
    auto config = entry.make();
    TomlDocument("layers = [" + list + "]\n" + more, "test").read([&](Fields& fields) { config->fields(fields); });
    return config;
  }
  throw std::logic_error("no such family");
}

NetworkContext context(const Range& range, std::function<Tensor()> mean = {}) {
  return {.name = "generator",
          .input = {5},
          .output = {1, 4, 4},
          .classes = 3,
          .output_range = range,
          .data_mean = std::move(mean)};
}

std::string refusal(const NetworkConfig& config, const NetworkContext& context) {
  auto init = make_generator(1);
  try {
    Network(config, context, init);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::recipe);
    return error.what();
  }
  return "(accepted)";
}

std::string of_layers(const std::string& list, const Range& range) { return refusal(*layers(list), context(range)); }

TEST(OutputRange, IsThatOfTheLastLayerThatBoundsIt) {
  const Range signed_range{-1, 1}, unsigned_range{0, 1};
  EXPECT_EQ(of_layers("'dense(16)', 'tanh', 'reshape(1, 4)'", signed_range), "(accepted)");
  EXPECT_EQ(of_layers("'dense(16)', 'tanh', 'reshape(1, 4)'", unsigned_range),
            "[network.generator]: its output 'tanh' fills [-1, 1], but the data are in [0, 1]; use sigmoid, or "
            "data.range = \"-1..1\"");
  EXPECT_EQ(of_layers("'dense(64)', 'sigmoid', 'reshape(1, 8)', 'average_pool', 'linear'", signed_range),
            "[network.generator]: its output 'sigmoid' fills [0, 1], but the data are in [-1, 1]; use tanh, or "
            "data.range = \"0..1\"");
  EXPECT_EQ(of_layers("'dense(16)', ' hard_sigmoid ', 'flatten', 'reshape( 1, 4 )'", unsigned_range), "(accepted)");
  EXPECT_EQ(of_layers("'dense(16)', 'reshape(1, 4)', 'relu'", signed_range),
            "[network.generator]: its output 'relu' fills [0, inf], but the data are in [-1, 1]; use tanh, or "
            "data.range = \"0..1\"");
  EXPECT_EQ(of_layers("'dense(16)', 'reshape(1, 4)', 'relu'", unsigned_range), "(accepted)");
  EXPECT_EQ(of_layers("'dense(16)', 'relu', 'tanh', 'reshape(1, 4)'", signed_range),
            "[network.generator]: its output 'tanh' fills [0, 1], but the data are in [-1, 1]; use tanh right after "
            "the last layer with weights, or data.range = \"0..1\"");
  EXPECT_EQ(of_layers("'dense(16)', 'relu', 'sigmoid', 'reshape(1, 4)'", unsigned_range),
            "[network.generator]: its output 'sigmoid' fills [0.5, 1], but the data are in [0, 1]; use sigmoid right "
            "after the last layer with weights");
  EXPECT_EQ(of_layers("'dense(16)', 'reshape(1, 4)', 'batch_norm'", signed_range), "(accepted)");
}

/// The network's output where only the last bias speaks.
Tensor beginning(const std::string& list, const Range& range, const Tensor& mean) {
  auto init = make_generator(1);
  const Network network(*layers(list, "output_bias = 'marginals'"), context(range, [&] { return mean; }), init);
  torch::NoGradGuard no_grad;
  for (const auto& entry : network.parameters())
    if (entry.name.ends_with("weight")) entry.value.zero_();
  Pass pass;
  return network.forward(torch::ones({1, 5}), {}, pass);
}

TEST(OutputBias, OfTheMarginalsIsSeenThroughWhatFollows) {
  const auto mean = torch::linspace(0.1, 0.9, 16).view({1, 1, 4, 4});
  for (const auto* list :
       {"'dense(16)', 'sigmoid', 'reshape(1, 4)'", "'dense(16)', 'reshape(1, 4)', 'sigmoid', 'linear'",
        "'dense(16)', ' sigmoid ', 'flatten', 'reshape(1, 2, 8)', 'reshape(1, 4)'",
        "'dense(16)', 'leaky_relu', 'reshape(1, 4)'", "'dense(16)', 'reshape(1, 4)', 'hard_sigmoid'",
        "'conv_transpose(16, kernel=1, stride=1)', 'sigmoid', 'reshape(1, 4)'"})
    EXPECT_LT((beginning(list, {0, 1}, mean) - mean).abs().max().item<double>(), 1e-5) << list;
}

TEST(OutputBias, OfTheMarginalsIsRefusedWhereItCouldNotBeSeen) {
  const auto told = [](const std::string& list) {
    return refusal(*layers(list, "output_bias = 'marginals'"),
                   context({0, 1}, [] { return torch::full({1, 4, 4}, 0.5); }));
  };
  const auto expected = [](const std::string& found) {
    return "[network.generator]: output_bias = \"marginals\" needs a last dense layer with one bias per output, and "
           "after it only reshape, flatten, or what can be undone, such as tanh and sigmoid; found '" +
           found + "'; use output_bias = \"zero\"";
  };
  EXPECT_EQ(told("'dense(16)', 'batch_norm', 'sigmoid', 'reshape(1, 4)'"), expected("batch_norm"));
  EXPECT_EQ(told("'dense(4)', 'reshape(1, 2)', 'sigmoid', 'upsample'"), expected("upsample"));
  EXPECT_EQ(told("'dense(16, bias=false)', 'sigmoid', 'reshape(1, 4)'"), expected("dense(16, bias=false)"));
}

}  // namespace
}  // namespace duet
