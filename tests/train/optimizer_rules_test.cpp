// What the four rules share: weight decay, schedules, EMA, and gradients in any memory layout.
#include <gtest/gtest.h>

#include <cmath>

#include "duet/train/optimizer.h"

namespace duet {
namespace {

PlayerConfig with(const std::string& rule) {
  PlayerConfig config;
  config.optimizer = rule;
  config.lr = 0.05;
  config.beta1 = 0.5;
  config.beta2 = 0.9;
  config.alpha = 0.9;
  config.eps = 0.01;
  return config;
}

const char* const kRules[] = {"sgd", "rmsprop", "adam", "adamax"};

/// One number after `steps` updates with gradients cos(t) + `decay` times itself. float32 takes the one pass, float64
/// the operations that other devices take.
double moved(const PlayerConfig& config, torch::ScalarType type, int steps, double decay = 0) {
  const auto value = torch::full({1}, 1.5, type).requires_grad_();
  Weights weights({{"0.dense.bias", value}});
  Optimizer optimizer(weights, config);
  for (int t = 0; t < steps; ++t) {
    value.mutable_grad() = (torch::full({1}, std::cos(t), type) + decay * value.detach());
    optimizer.step({.updates = t});
  }
  return value.item<double>();
}

TEST(OptimizerRules, TakeWeightDecayForAPartOfTheGradient) {
  // L2's gradient passes through moments and denominators like any other (and is not AdamW's decay beside them).
  for (const auto type : {torch::kFloat32, torch::kFloat64})
    for (const char* rule : kRules) {
      auto config = with(rule);
      const double by_hand = moved(config, type, 5, 0.3), without = moved(config, type, 5);
      config.weight_decay = 0.3;
      EXPECT_NEAR(moved(config, type, 5), by_hand, 1e-6) << rule << " " << type;
      EXPECT_GT(std::abs(by_hand - without), 1e-3) << rule;
    }
}

TEST(OptimizerRules, LetMomentumFollowItsSchedule) {
  for (const auto type : {torch::kFloat32, torch::kFloat64}) {
    auto config = with("sgd");
    config.momentum.shape = "linear";
    config.momentum.from = 0.2;
    config.momentum.to = 0.8;
    config.momentum.end = 6;
    config.momentum.unit = "update";
    double p = 1.5, v = 0;
    for (int t = 0; t < 5; ++t) {
      v = (0.2 + 0.1 * t) * v - 0.05 * std::cos(t);
      p += v;
    }
    EXPECT_NEAR(moved(config, type, 5), p, 1e-6) << type;
  }
}

TEST(OptimizerRules, MoveTheAverageTowardsWhatTheyLeave) {
  for (const auto type : {torch::kFloat32, torch::kFloat64})
    for (const char* rule : kRules)
      for (const bool nesterov : {false, true}) {
        auto config = with(rule);
        config.momentum = 0.5;
        config.nesterov = nesterov;
        const auto value = torch::full({3}, 1.5, type).requires_grad_();
        Weights weights({{"0.dense.bias", value}});
        Optimizer optimizer(weights, config);
        weights.start_ema();
        weights.ema().detach().zero_();
        auto expected = torch::zeros({3}, type);
        for (int t = 0; t < 3; ++t) {
          value.mutable_grad() = torch::full({3}, std::cos(t), type);
          optimizer.step({.updates = t}, 0.25);
          expected = expected + 0.25 * (value.detach() - expected);
        }
        EXPECT_TRUE(torch::allclose(weights.ema(), expected, 1e-6)) << rule << " " << type;
      }
}

TEST(OptimizerRules, ReadAGradientInWhateverOrderItLies) {
  const auto gradient = torch::arange(24, torch::kFloat32).view({2, 3, 2, 2});
  for (const auto& lying : {gradient, gradient.contiguous(torch::MemoryFormat::ChannelsLast),
                            gradient.transpose(0, 1).contiguous().transpose(0, 1)}) {
    const auto value = torch::zeros({2, 3, 2, 2}).requires_grad_();
    Weights weights({{"0.conv.weight", value}});
    Optimizer optimizer(weights, with("sgd"));
    value.mutable_grad() = lying;
    optimizer.step({});
    EXPECT_TRUE(torch::allclose(value, -0.05 * gradient)) << lying.strides();
  }
}

}  // namespace
}  // namespace duet
