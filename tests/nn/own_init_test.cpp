// Layers whose weights begin otherwise than those of their network.
#include "tests/nn/families.h"

namespace duet {
namespace {

const NetworkContext kAt{.name = "critic", .input = {2, 4, 4}, .output = {3}};

Network made(const std::string& list, const std::string& more = "init = 'he'\nbias_init = 0.5") {
  return made_of("layers", fmt::format("layers = ['{}', 'dense(3)']\n{}", list, more), kAt);
}

Tensor parameter(const Network& network, const std::string& name) {
  for (const auto& [own, value] : network.parameters())
    if (own == name) return value;
  throw std::logic_error("no parameter " + name);
}

bool is_all(const Tensor& x, double value) { return (x == value).all().item<bool>(); }

TEST(OwnInit, OfALayerStandsAboveItsNetworks) {
  for (const std::string layer : {"dense(400", "conv(40, kernel=3", "conv_transpose(40, kernel=3, stride=1"}) {
    SCOPED_TRACE(layer);
    const auto name = "00." + Arguments(layer + ")").name();
    const auto network = made(layer + ", init=uniform(0.01), bias_init=-2)");
    const auto weight = parameter(network, name + ".weight");
    EXPECT_LE(weight.abs().max().item<double>(), 0.01);
    EXPECT_GT(weight.abs().max().item<double>(), 0.0098);
    EXPECT_TRUE(is_all(parameter(network, name + ".bias"), -2));
    // The layer after it goes by the network's.
    EXPECT_GT(parameter(network, "01.dense.weight").abs().max().item<double>(), 0.01);
    EXPECT_TRUE(is_all(parameter(network, "01.dense.bias"), 0.5));
  }
}

TEST(OwnInit, OfTheBiasAloneLeavesTheWeightsAsTheNetworkSays) {
  const auto plain = made("dense(40)"), own = made("dense(40, bias_init=-2)");
  EXPECT_TRUE(torch::equal(parameter(plain, "00.dense.weight"), parameter(own, "00.dense.weight")));
  EXPECT_TRUE(is_all(parameter(own, "00.dense.bias"), -2));
  // Also where the network's weights are such that biases are drawn.
  EXPECT_TRUE(is_all(parameter(made("dense(40, bias_init=1)", "init = 'default'"), "00.dense.bias"), 1));
}

TEST(OwnInit, OfTheWeightsAloneLeavesTheBiasAsTheNetworkSays) {
  EXPECT_TRUE(is_all(parameter(made("dense(40, init=normal(0.1))"), "00.dense.bias"), 0.5));
  const auto drawn = parameter(made("dense(40, init=default)"), "00.dense.bias");
  EXPECT_LE(drawn.abs().max().item<double>(), 1 / std::sqrt(32.0));
  EXPECT_GT(drawn.std().item<double>(), 0.05);
}

TEST(OwnInit, OfTheSameSpellingAsTheNetworksGivesTheSameBytes) {
  const auto plain = made("conv(5)"), own = made("conv(5, init=he, bias_init=0.5)");
  for (size_t i = 0; i < plain.parameters().size(); ++i)
    EXPECT_TRUE(torch::equal(plain.parameters()[i].value, own.parameters()[i].value)) << i;
}

TEST(OwnInit, IsThatOfScalesTablesAndProjections) {
  auto scale = parameter(made("dense(400)', 'batch_norm(scale_init=normal(0.1))"), "01.batch_norm.scale");
  EXPECT_NEAR(scale.std().item<double>(), 0.1, 0.015);
  EXPECT_NEAR(scale.mean().item<double>(), 1, 0.02);
  EXPECT_TRUE(is_all(
      parameter(made("dense(9)', 'layer_norm(scale_init=one)", "scale_init = 'normal(3)'"), "01.layer_norm.scale"), 1));
  const auto projection =
      parameter(made("minibatch_discrimination(9, init=uniform(0.01))"), "00.minibatch_discrimination.projection");
  EXPECT_LE(projection.abs().max().item<double>(), 0.01);
  const auto labelled = [](const std::string& list) {
    return made_of("layers",
                   fmt::format("layers = ['{}', 'dense(1)', 'projection(label, seen, init=sparse(2))']", list),
                   {.name = "critic", .input = {8}, .output = {1}, .with = {{"label", {5}}}});
  };
  const auto network = labelled("dense(8)', 'mark(seen)', 'embedding(label, 8, init=uniform(0.02))");
  EXPECT_LE(parameter(network, "02.embedding.table").abs().max().item<double>(), 0.02);
  EXPECT_TRUE(((parameter(network, "04.projection.table") != 0).sum(1) == 2).all().item<bool>());
}

TEST(OwnInit, IsRefusedWithItsLayer) {
  const auto refused = [](const std::string& list) {
    return refusal_of("layers", fmt::format("layers = ['flatten', '{}']", list), kAt);
  };
  EXPECT_EQ(refused("dense(3, init=xavier)"),
            "[network.critic] layer 1: 'dense(3, init=xavier)': init = 'xavier'; expected he, glorot, default, "
            "normal(s), truncated(s), uniform(r) or sparse(k)");
  EXPECT_EQ(refused("dense(3, init=normal(wide))"),
            "[network.critic] layer 1: 'dense(3, init=normal(wide))': 'normal(wide)': deviation = wide; expected a "
            "number");
  EXPECT_EQ(refused("dense(3, init=uniform(-1))"),
            "[network.critic] layer 1: 'dense(3, init=uniform(-1))': init = 'uniform(-1)'; expected a number of at "
            "least 0");
  EXPECT_EQ(refused("dense(3, bias_init=low)"),
            "[network.critic] layer 1: 'dense(3, bias_init=low)': bias_init = low; expected a number");
  EXPECT_EQ(refused("batch_norm(scale_init=2)"),
            "[network.critic] layer 1: 'batch_norm(scale_init=2)': scale_init = '2'; expected one or normal(s)");
}

}  // namespace
}  // namespace duet
