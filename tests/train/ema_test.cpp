// The EMA of the weights, where something else changes them, too.
#include <cmath>

#include "tests/train/tiny.h"

namespace duet {
namespace {

TEST(Ema, FollowsWhatTheLimitOnColumnsLeaves) {
  // float32 uses the fused pass, float64 the tensor operations of other devices.
  for (const auto type : {torch::kFloat32, torch::kFloat64}) {
    PlayerConfig config;
    config.optimizer = "sgd";
    config.lr = 0.5;
    config.max_column_norm = 1;
    const auto weight = torch::tensor({3.0, 4.0, 0.1, 0.2}, type).view({2, 2}).requires_grad_();
    Weights weights({{"0.dense.weight", weight}});
    Optimizer optimizer(weights, config);
    weights.start_ema();
    const auto& ema = weights.ema();
    weights.ema().detach().zero_();
    for (int t = 0; t < 3; ++t) {
      const auto before = ema.clone();
      weight.mutable_grad() = torch::full({2, 2}, -0.2, type);
      optimizer.step({.updates = t}, 0.25);
      EXPECT_NEAR(weight[0].norm().item<double>(), 1, 1e-6) << "the limit binds";
      EXPECT_TRUE(torch::allclose(ema, before + 0.25 * (weights.values() - before), 1e-6)) << type << " " << t;
    }
    EXPECT_GT(ema.abs().min().item<double>(), 0.01) << type;
  }
}

TEST(Ema, CountsTheImagesOfEveryBatchBetweenTwoUpdatesOfItsPlayer) {
  // Three batches of 16 to each update of the generator.
  Training training(tiny(kTinyRing, {"player.generator.ema_kimg=0.048", "player.discriminator.steps=3"}));
  auto expected = training.weights("generator").clone();
  for (int i = 1; i <= 40; ++i) {
    training.rounds(1);
    const double keep = std::exp2(-0.048 / std::min(0.048, 0.05 * 0.048 * i));
    expected = keep * expected + (1 - keep) * training.weights("generator");
  }
  EXPECT_TRUE(torch::allclose(training.trainer.weights("generator").ema(), expected, 1e-5, 1e-6));
}

}  // namespace
}  // namespace duet
