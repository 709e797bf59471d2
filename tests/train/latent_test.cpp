#include <cmath>

#include "tests/train/tiny.h"

namespace duet {
namespace {

LatentConfig latent(const std::string& kind, int64_t size) {
  LatentConfig config;
  config.kind = kind;
  config.size = size;
  return config;
}

double mean_of(const Tensor& x) { return x.mean().item<double>(); }

TEST(Latent, OfASphereHasTheNormOneToTheLastDigits) {
  const auto z = draw_latent(latent("spherical", 64), 2000, make_generator(1)).to(torch::kFloat64);
  // A float has 24 bits: each number is off by at most 6e-8 of itself, and their mean error is far below that.
  EXPECT_LT((z.norm(2, 1) - 1).abs().max().item<double>(), 3e-7);
  EXPECT_LT(std::abs(mean_of(z.norm(2, 1)) - 1), 3e-8);
  EXPECT_LT(z.mean(0).abs().max().item<double>(), 5.0 / std::sqrt(64 * 2000)) << "every direction is as likely";
}

TEST(Latent, OfANormalPriorIsOneInEveryNumber) {
  const auto z = draw_latent(latent("normal", 4), 100'000, make_generator(2)).to(torch::kFloat64);
  const double error = 5 / std::sqrt(100'000.0);  // five standard errors
  for (int64_t i = 0; i < 4; ++i) {
    const auto x = z.select(1, i);
    EXPECT_NEAR(mean_of(x), 0, error) << i;
    EXPECT_NEAR(mean_of(x.square()), 1, std::sqrt(2.0) * error) << i;
    EXPECT_NEAR(mean_of(x.pow(4)), 3, std::sqrt(96.0) * error) << i;
  }
  EXPECT_NEAR(mean_of(z.select(1, 0) * z.select(1, 1)), 0, error);
}

TEST(Latent, OfAUniformPriorFillsItsRangeEvenly) {
  auto config = latent("uniform", 1);
  config.low = -3, config.high = 5;
  const auto z = draw_latent(config, 100'000, make_generator(3)).to(torch::kFloat64).flatten();
  EXPECT_GE(z.min().item<double>(), -3);
  EXPECT_LE(z.max().item<double>(), 5);
  const auto counts = torch::histc(z.to(torch::kFloat32), 8, -3, 5);
  EXPECT_LT((counts - 12'500).abs().max().item<double>(), 5 * std::sqrt(12'500.0));
}

}  // namespace
}  // namespace duet
