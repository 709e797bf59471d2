// What a layer says of itself must be what it does, however it is spelled.
#include <gtest/gtest.h>

#include <cmath>

#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include "duet/nn/layer.h"

namespace duet {
namespace {

struct Spelling {
  std::string text;
  Shape input;
};

const std::vector<Spelling>& spellings() {
  static const std::vector<Spelling> rows = {
      {"dense(4)", {4}},
      {"dense(4, spectral=true)", {4}},
      {"conv(2)", {2, 4, 4}},
      {"conv_transpose(2)", {2, 4, 4}},
      {"self_attention", {8, 2, 2}},
      {"batch_norm", {4}},
      {"conv(2, kernel=3x2, stride=1x2)", {2, 4, 4}},
      {"batch_norm(statistics=batch)", {2, 3, 3}},
      {"batch_norm(over=features)", {2, 2, 2}},
      {"batch_norm( statistics = batch )", {4}},
      {"instance_norm", {2, 3, 3}},
      {"layer_norm", {4}},
      {"pixel_norm", {4}},
      {"linear", {4}},
      {"relu", {4}},
      {"leaky_relu(0.1)", {4}},
      {"leaky_relu(-0.5)", {4}},
      {"prelu", {4}},
      {"tanh", {4}},
      {" tanh ", {4}},
      {"sigmoid", {4}},
      {"hard_sigmoid", {4}},
      {"hard_sigmoid(1/5)", {4}},
      {"slice(1)", {4}},
      {"softplus", {4}},
      {"swish", {4}},
      {"softmax", {4}},
      {"softmax", {1, 2, 2}},
      {"maxout(2)", {4}},
      {"reshape(1, 2, 2)", {4}},
      {"flatten", {1, 2, 2}},
      {"upsample", {1, 2, 2}},
      {"pixel_shuffle", {4, 1, 1}},
      {"max_pool", {1, 4, 4}},
      {"max_pool(2, padding=1)", {1, 4, 4}},
      {"average_pool", {1, 4, 4}},
      {"average_pool(2, padding=1)", {1, 4, 4}},
      {"global_average", {2, 2, 2}},
      {"global_sum", {2, 2, 2}},
      {"dropout(0.5)", {8}},
      {"dropout(0.5, 2, always)", {8}},
      {"dropout( 0.5 , 2 , always )", {8}},
      {"dropout(0.5, mode = always)", {8}},
      {"dropout(0.5, turns=a)", {8}},
      {"noise(0.3)", {4}},
      {"noise(0.3, always)", {4}},
      {"noise( mode = always )", {4}},
      {"noise_concat(2)", {4}},
      {"minibatch_stddev", {4}},
      {"minibatch_discrimination(2, 3)", {4}},
  };
  return rows;
}

std::unique_ptr<Layer> made(const Spelling& row) {
  auto layer = make_layer(row.text, row.input);
  auto generator = make_generator(1);
  layer->reset({}, generator);
  return layer;
}

/// As when sampling.
Tensor forward(Layer& layer, const Tensor& x, uint64_t seed = 1) {
  torch::NoGradGuard no_grad;
  Pass pass{.training = false, .update_statistics = false, .noise = make_generator(seed)};
  return layer.forward(x, pass);
}

Tensor numbers(const Shape& shape, int64_t n, double low, double high, uint64_t seed = 2) {
  const auto sizes = shape.is_vector() ? std::vector<int64_t>{n, shape.channels}
                                       : std::vector<int64_t>{n, shape.channels, shape.height, shape.width};
  return torch::empty(sizes).uniform_(low, high, make_generator(seed));
}

TEST(LayerFacts, SayWhetherALayerIsRandomWhenSampling) {
  int random = 0;
  for (const auto& row : spellings()) {
    const auto layer = made(row);
    const auto x = numbers(row.input, 4, -2, 2);
    EXPECT_EQ(layer->is_random_when_sampling(), !torch::equal(forward(*layer, x, 1), forward(*layer, x, 2)))
        << row.text;
    random += layer->is_random_when_sampling();
  }
  EXPECT_EQ(random, 6);
}

TEST(LayerFacts, SayWhetherALayerMixesExamplesWhenSampling) {
  int mixing = 0;
  for (const auto& row : spellings()) {
    const auto layer = made(row);
    const auto x = numbers(row.input, 4, -2, 2), other = x.clone();
    other[3].add_(1);
    EXPECT_EQ(layer->mixes_examples(), !torch::equal(forward(*layer, x)[0], forward(*layer, other)[0])) << row.text;
    mixing += layer->mixes_examples();
  }
  EXPECT_EQ(mixing, 4);
}

TEST(LayerFacts, SayWhatNumbersALayerCanGive) {
  for (const auto& row : spellings())
    for (const auto& [low, high] :
         std::vector<std::pair<double, double>>{{-3, 3}, {-1, 1}, {0, 1}, {0.5, 4}, {-4, 0}}) {
      const auto layer = made(row);
      const auto reach = layer->reach({low, high});
      const auto y = forward(*layer, numbers(row.input, 400, low, high));
      EXPECT_GE(y.min().item<double>(), reach.low - 1e-6) << row.text << " from " << low;
      EXPECT_LE(y.max().item<double>(), reach.high + 1e-6) << row.text << " to " << high;
    }
}

TEST(LayerFacts, SayNoMoreOfAnActivationThanItReaches) {
  for (const auto* text : {"linear", "relu", "leaky_relu(0.1)", "tanh", "sigmoid", "hard_sigmoid", "hard_sigmoid(1/5)",
                           "softplus", "swish", "reshape(4)", "max_pool(1)", "maxout(2)"}) {
    for (const auto& [low, high] : std::vector<std::pair<double, double>>{{-3, 3}, {0, 1}, {-4, -1}}) {
      const auto layer = made({text, {4, 1, 1}});
      const auto reach = layer->reach({low, high});
      const auto y = forward(*layer, torch::linspace(low, high, 4001).view({-1, 1, 1, 1}).expand({-1, 4, 1, 1}));
      EXPECT_NEAR(y.min().item<double>(), reach.low, 1e-3) << text << " from " << low;
      EXPECT_NEAR(y.max().item<double>(), reach.high, 1e-3) << text << " to " << high;
    }
    const auto everywhere = made({text, {4, 1, 1}})->reach(kEverything);
    EXPECT_FALSE(std::isnan(everywhere.low) || std::isnan(everywhere.high)) << text;
  }
}

TEST(LayerFacts, UndoWhatALayerDoes) {
  int undone = 0;
  for (const auto& row : spellings()) {
    const auto layer = made(row);
    auto x = numbers(row.input, 1, 0.1, 2);
    const auto y = forward(*layer, x);
    const auto back = layer->undone(y.flatten());
    if (!back.defined()) continue;
    ++undone;
    EXPECT_TRUE(torch::allclose(back, x.flatten(), 1e-3, 1e-4)) << row.text;
  }
  EXPECT_EQ(undone,
            11);  // linear, relu, one leaky_relu, tanh twice, sigmoid, hard_sigmoid twice, softplus, reshape, flatten
}

TEST(LayerFacts, SayWhatNormalisesAndWhatIsLimited) {
  for (const auto& row : spellings()) {
    const auto layer = made(row);
    EXPECT_EQ(layer->normalises_batch(), row.text.starts_with("batch_norm")) << row.text;
    EXPECT_EQ(layer->limits_slope(), row.text.find("spectral=true") != std::string::npos) << row.text;
    EXPECT_EQ(layer->flattens(), row.text == "flatten") << row.text;
  }
}

}  // namespace
}  // namespace duet
