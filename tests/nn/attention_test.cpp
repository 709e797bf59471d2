#include <gtest/gtest.h>

#include "tests/gradient.h"
#include "tests/nn/double_layer.h"

namespace duet {
namespace {

TEST(SelfAttention, BeginsAsItsInput) {
  const auto layer = double_layer("self_attention", {16, 3, 4});
  const auto x = drawn({2, 16, 3, 4});
  EXPECT_TRUE(is_same(forward(*layer, x), x));
  EXPECT_EQ(layer->parameters().at(0).value.sizes().vec(), (std::vector<int64_t>{2, 16, 1, 1})) << "an eighth";
  EXPECT_FALSE(layer->limits_slope());
}

TEST(SelfAttention, AddsWhatEachPixelSeesOfAllOthers) {
  const auto layer = double_layer("self_attention(3)", {5, 2, 3});
  const auto x = drawn({2, 5, 2, 3});
  std::map<std::string, Tensor> p;
  for (const auto& [name, value] : layer->parameters()) p[name] = value.detach();
  p.at("gamma").fill_(0.7);
  auto expected = x.clone();
  for (int64_t n = 0; n < 2; ++n) {
    const auto pixels = x[n].flatten(1);  // [C, places]
    const auto of = [&](const char* name) { return p.at(name).flatten(1).mm(pixels); };
    const auto f = of("key.weight"), g = of("query.weight"), h = of("value.weight");
    for (int64_t j = 0; j < 6; ++j) {
      auto sum = torch::zeros({3}, torch::kFloat64), weights = torch::zeros({}, torch::kFloat64);
      for (int64_t i = 0; i < 6; ++i) {
        const auto weight = torch::exp(torch::dot(f.select(1, i), g.select(1, j)));
        sum += weight * h.select(1, i);
        weights += weight;
      }
      expected[n].flatten(1).select(1, j) += 0.7 * p.at("output.weight").flatten(1).mv(sum / weights);
    }
  }
  EXPECT_LT((forward(*layer, x) - expected).abs().max().item<double>(), 1e-12);
}

TEST(SelfAttention, InBfloat16StaysNearTheTruth) {
  const auto layer = make_layer("self_attention(4)", {16, 4, 4});
  auto generator = make_generator(1);
  layer->reset({.weight = "normal(0.3)"}, generator);
  for (const auto& [name, value] : layer->parameters())
    if (name == "gamma") value.detach().fill_(1);
  const auto x = torch::randn({3, 16, 4, 4}, generator);
  Pass pass, rounded{.noise = {}, .bfloat16 = true};
  const auto y = layer->forward(x, pass), y16 = layer->forward(x.to(torch::kBFloat16), rounded);
  EXPECT_EQ(y16.scalar_type(), torch::kBFloat16);
  EXPECT_LE((y16 - y).norm().item<double>(), 0.02 * y.norm().item<double>());
}

TEST(SelfAttention, BeginsByItsOwnInitWithAtLeastOneChannel) {
  const auto layer = make_layer("self_attention(init=uniform(0.01))", {4, 2, 2});
  auto generator = make_generator(1);
  layer->reset({.weight = "normal(3)"}, generator);
  for (const auto& [name, value] : layer->parameters()) EXPECT_LE(value.abs().max().item<double>(), 0.01) << name;
  EXPECT_EQ(layer->parameters().at(0).value.sizes().vec(), (std::vector<int64_t>{1, 4, 1, 1}));
}

TEST(SelfAttention, WeighsInFloat32InBfloat16Too) {
  // Two pixels (16, 1) and (16, 0), and weights that pass them on: the first sees itself by 257 and the other by 256,
  // which bfloat16 cannot tell apart.
  const auto layer = make_layer("self_attention(2)", {2, 1, 2});
  for (const auto& [name, value] : layer->parameters())
    value.detach().copy_(name == "gamma" ? torch::ones({1}) : torch::eye(2).view({2, 2, 1, 1}));
  Pass pass{.noise = {}, .bfloat16 = true};
  const auto y = layer->forward(torch::tensor({16.F, 16.F, 1.F, 0.F}).view({1, 2, 1, 2}).to(torch::kBFloat16), pass);
  EXPECT_NEAR(y[0][1][0][0].item<double>(), 1 + 1 / (1 + std::exp(-1.0)), 0.01);
}

}  // namespace
}  // namespace duet
