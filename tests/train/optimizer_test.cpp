#include "duet/train/optimizer.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace duet {
namespace {

constexpr size_t kNumbers = 5;
constexpr int kSteps = 10;
using Numbers = std::array<double, kNumbers>;

constexpr Numbers kStart = {0.5, -1.25, 2.0, 0.0, -0.03};

/// Gradient of number i at step t when the parameter is p: curved, of both signs, and not small.
double slope(double p, size_t i, int t) {
  return (1.0 + static_cast<double>(i)) * p - std::cos(1.7 * t + static_cast<double>(i));
}

/// Two parameters that make up the five numbers: a 2x2 matrix and one bias.
std::vector<NamedTensor> parameters(torch::ScalarType type = torch::kFloat64) {
  const auto options = torch::TensorOptions(type);
  auto weight = torch::tensor({kStart[0], kStart[1], kStart[2], kStart[3]}, options).view({2, 2}).requires_grad_();
  auto bias = torch::tensor({kStart[4]}, options).requires_grad_();
  return {{"0.dense.weight", weight}, {"0.dense.bias", bias}};
}

Numbers numbers_of(const Tensor& flat) {
  Numbers all{};
  for (size_t i = 0; i < kNumbers; ++i) all[i] = flat[static_cast<int64_t>(i)].item<double>();
  return all;
}

/// duet's result of ten steps from the start.
Numbers moved(const PlayerConfig& config, torch::ScalarType type = torch::kFloat64) {
  auto list = parameters(type);
  Weights weights(list);
  Optimizer optimizer(weights, config);
  for (int t = 0; t < kSteps; ++t) {
    const auto before = numbers_of(weights.values());
    weights.zero_grad();
    auto gradient = torch::empty({2, 2}, list[0].value.options().requires_grad(false));
    for (size_t i = 0; i < 4; ++i) gradient.view({-1})[static_cast<int64_t>(i)] = slope(before[i], i, t);
    list[0].value.mutable_grad() = gradient;
    list[1].value.mutable_grad() = torch::full({1}, slope(before[4], 4, t), gradient.options());
    optimizer.step({.updates = t});
  }
  return numbers_of(weights.values());
}

/// One number's ten steps, written as the papers write them: `rule(p, g, t)` returns the next p.
/// float32 takes the one pass, float64 the operations that other devices take.
template <class Rule>
void expect_trace(const PlayerConfig& config, Rule rule) {
  const auto found = moved(config), in_one_pass = moved(config, torch::kFloat32);
  for (size_t i = 0; i < kNumbers; ++i) {
    double p = kStart[i];
    auto own = rule;  // with its own state
    for (int t = 0; t < kSteps; ++t) p = own(p, slope(p, i, t), t);
    EXPECT_NEAR(found[i], p, 1e-7) << config.optimizer << ", number " << i;
    EXPECT_NEAR(in_one_pass[i], p, 1e-6) << config.optimizer << " in one pass, number " << i;
  }
}

TEST(Optimizer, FollowsPlainGradientDescent) {
  PlayerConfig config;
  config.optimizer = "sgd";
  config.lr = 0.05;
  expect_trace(config, [](double p, double g, int) { return p - 0.05 * g; });
}

TEST(Optimizer, FollowsClassicalMomentum) {
  PlayerConfig config;
  config.optimizer = "sgd";
  config.lr = 0.05;
  config.momentum = 0.8;
  expect_trace(config, [v = 0.0](double p, double g, int) mutable {
    v = 0.8 * v - 0.05 * g;
    return p + v;
  });
}

TEST(Optimizer, FollowsNesterovMomentum) {
  PlayerConfig config;
  config.optimizer = "sgd";
  config.lr = 0.05;
  config.momentum = 0.8;
  config.nesterov = true;
  expect_trace(config, [v = 0.0](double p, double g, int) mutable {
    v = 0.8 * v - 0.05 * g;
    return p + 0.8 * v - 0.05 * g;
  });
}

TEST(Optimizer, FollowsRmsprop) {
  PlayerConfig config;
  config.optimizer = "rmsprop";
  config.lr = 0.02;
  config.alpha = 0.9;
  config.eps = 0.05;  // large enough to see where it is added
  expect_trace(config, [s = 0.0](double p, double g, int) mutable {
    s = 0.9 * s + 0.1 * g * g;
    return p - 0.02 * g / (std::sqrt(s) + 0.05);
  });
}

TEST(Optimizer, FollowsAdam) {
  PlayerConfig config;
  config.lr = 0.03;
  config.beta1 = 0.5;
  config.beta2 = 0.95;
  config.eps = 0.05;  // large enough to see where it is added
  expect_trace(config, [m = 0.0, s = 0.0](double p, double g, int t) mutable {
    m = 0.5 * m + 0.5 * g;
    s = 0.95 * s + 0.05 * g * g;
    const double mean = m / (1 - std::pow(0.5, t + 1)), square = s / (1 - std::pow(0.95, t + 1));
    return p - 0.03 * mean / (std::sqrt(square) + 0.05);
  });
}

TEST(Optimizer, FollowsAdamax) {
  PlayerConfig config;
  config.optimizer = "adamax";
  config.lr = 0.03;
  config.beta1 = 0.5;
  config.beta2 = 0.95;
  config.eps = 0.05;
  expect_trace(config, [m = 0.0, u = 0.0](double p, double g, int t) mutable {
    m = 0.5 * m + 0.5 * g;
    u = std::max(0.95 * u, std::abs(g) + 0.05);
    return p - 0.03 / (1 - std::pow(0.5, t + 1)) * m / u;
  });
}

TEST(Optimizer, MovesItsRateWithItsOwnUpdates) {
  PlayerConfig config;
  config.optimizer = "sgd";
  config.lr.shape = "exponential";
  config.lr.from = 0.1;
  config.lr.divide = 1.5;
  config.lr.unit = "update";
  expect_trace(config, [](double p, double g, int t) { return p - 0.1 * std::pow(1.5, -t) * g; });
}

TEST(Optimizer, AddsWeightDecayToTheGradient) {
  PlayerConfig config;
  config.optimizer = "sgd";
  config.lr = 0.05;
  config.weight_decay = 0.3;
  expect_trace(config, [](double p, double g, int) { return p - 0.05 * (g + 0.3 * p); });
}

TEST(Optimizer, CutsEveryGradientNumber) {
  PlayerConfig config;
  config.optimizer = "sgd";
  config.lr = 0.05;
  config.clip_value = 0.4;
  expect_trace(config, [](double p, double g, int) { return p - 0.05 * std::clamp(g, -0.4, 0.4); });
}

TEST(Optimizer, ScalesTheWholeGradientToItsNorm) {
  for (const double norm : {0.5, 1e6}) {
    PlayerConfig config;
    config.optimizer = "sgd";
    config.lr = 0.05;
    config.clip_norm = norm;
    auto p = kStart;
    for (int t = 0; t < kSteps; ++t) {
      Numbers g{};
      double square = 0;
      for (size_t i = 0; i < kNumbers; ++i) g[i] = slope(p[i], i, t), square += g[i] * g[i];
      for (size_t i = 0; i < kNumbers; ++i) p[i] -= 0.05 * g[i] * std::min(1.0, norm / std::sqrt(square));
    }
    const auto found = moved(config), in_one_pass = moved(config, torch::kFloat32);
    for (size_t i = 0; i < kNumbers; ++i) EXPECT_NEAR(found[i], p[i], 1e-7) << norm;
    for (size_t i = 0; i < kNumbers; ++i) EXPECT_NEAR(in_one_pass[i], p[i], 1e-5) << norm;
  }
}

TEST(Optimizer, ScalesByTheNormOverAllNetworksOfAPlayer) {
  const auto a = torch::zeros({2}).requires_grad_(), b = torch::zeros({1}).requires_grad_();
  Weights of_a({{"0.dense.bias", a}}), of_b({{"0.dense.bias", b}});
  a.mutable_grad() = torch::tensor({0.F, 3.F}), b.mutable_grad() = torch::tensor({4.F});
  EXPECT_NEAR(gradient_scale(std::vector<Weights*>{&of_a, &of_b}, 1).item<double>(), 0.2, 1e-9);
  EXPECT_EQ(gradient_scale(std::vector<Weights*>{&of_a, &of_b}, 6).item<double>(), 1) << "short ones stay as they are";
}

TEST(Optimizer, CutsEveryParameterAfterTheStep) {
  PlayerConfig config;
  config.optimizer = "sgd";
  config.lr = 0.05;
  config.weight_clip = 0.25;
  expect_trace(config, [](double p, double g, int) { return std::clamp(p - 0.05 * g, -0.25, 0.25); });
}

/// Weights of a layer after one step that would not move them, with the column norm bound.
Tensor bounded(const std::string& name, const Tensor& weight, double bound) {
  PlayerConfig config;
  config.optimizer = "sgd";
  config.lr = 0.0;
  config.max_column_norm = bound;
  const auto value = weight.clone().requires_grad_();
  Weights weights({{name, value}});
  Optimizer optimizer(weights, config);
  optimizer.step({});
  return value.detach().clone();
}

TEST(Optimizer, BoundsTheIncomingWeightsOfEveryUnit) {
  const auto generator = make_generator(1);
  const auto dense = torch::randn({6, 40}, generator) * torch::arange(1, 7).view({6, 1});
  const auto after = bounded("03.dense.weight", dense, 7.0);
  for (int64_t unit = 0; unit < 6; ++unit) {
    const double before = dense[unit].norm().item<double>();
    EXPECT_NEAR(after[unit].norm().item<double>(), std::min(before, 7.0), 1e-5);
    EXPECT_EQ(torch::equal(after[unit], dense[unit]), before <= 7.0);
  }
  const auto conv = torch::randn({3, 4, 5, 5}, generator);
  const auto convolved = bounded("00.conv.weight", conv, 2.0).flatten(1).norm(2, 1);
  EXPECT_TRUE(torch::allclose(convolved, torch::full({3}, 2.0), 1e-5));
}

TEST(Optimizer, BoundsTheUnitsOfATransposedConvolution) {
  // [inputs, units, k, k]: the unit is the second dimension.
  const auto weight = torch::randn({4, 3, 5, 5}, make_generator(2));
  const auto after = bounded("00.conv_transpose.weight", weight, 2.0).transpose(0, 1).flatten(1).norm(2, 1);
  EXPECT_TRUE(torch::allclose(after, torch::full({3}, 2.0), 1e-5)) << after;
}

TEST(Optimizer, LeavesBiasesAndScalesUnbounded) {
  for (const char* name : {"03.dense.bias", "04.batch_norm.scale"}) {
    const auto value = torch::full({5}, 100.0);
    EXPECT_TRUE(torch::equal(bounded(name, value, 2.0), value)) << name;
  }
}

TEST(Optimizer, KeepsParametersInAFlatBuffer) {
  const auto list = parameters();
  Weights weights(list);
  Optimizer optimizer(weights, {});
  ASSERT_EQ(weights.values().numel(), 5);
  // The parameters and the buffer share memory, both ways.
  EXPECT_EQ(list[1].value.data_ptr<double>(), weights.values().data_ptr<double>() + 4);
  {
    torch::NoGradGuard no_grad;
    list[0].value[1][0] = 77;
  }
  EXPECT_EQ(weights.values()[2].item<double>(), 77);
}

TEST(Optimizer, TellsEveryParameterThatItHasChanged) {
  const auto list = parameters(torch::kFloat32);
  Weights weights(list);
  Optimizer optimizer(weights, {});
  const auto version = list[0].value._version();
  optimizer.step({});
  EXPECT_GT(list[0].value._version(), version);
}

TEST(Optimizer, TakesAParameterWithoutGradientForOneOfZeros) {
  for (const auto type : {torch::kFloat32, torch::kFloat64}) {
    PlayerConfig config;
    config.optimizer = "sgd";
    config.lr = 1.0;
    const auto list = parameters(type);
    Weights weights(list);
    Optimizer optimizer(weights, config);
    list[1].value.mutable_grad() = torch::ones({1}, type);
    optimizer.step({});
    EXPECT_NEAR(weights.values()[0].item<double>(), kStart[0], 1e-7);
    EXPECT_NEAR(weights.values()[4].item<double>(), kStart[4] - 1, 1e-7);
    EXPECT_FALSE(list[1].value.grad().defined());
  }
}

TEST(Optimizer, HasTheSlotsOfItsRule) {
  const auto names = [](const char* rule) {
    PlayerConfig config;
    config.optimizer = rule;
    Weights weights(parameters());
    const Optimizer optimizer(weights, config);
    std::string all;
    for (const auto& [name, slot] : optimizer.slots()) {
      all += name + " ";
      EXPECT_EQ(slot.numel(), 5);
    }
    return all;
  };
  EXPECT_EQ(names("sgd"), "velocity ");
  EXPECT_EQ(names("rmsprop"), "square ");
  EXPECT_EQ(names("adam"), "mean square ");
  EXPECT_EQ(names("adamax"), "mean square ");
}

}  // namespace
}  // namespace duet
