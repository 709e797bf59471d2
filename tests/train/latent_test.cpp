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

TEST(Latent, OfATruncatedPriorIsTheNormalOneWithoutItsTails) {
  auto config = latent("truncated", 1);
  config.cut = 1.5;
  const auto z = draw_latent(config, 100'000, make_generator(4)).to(torch::kFloat64).flatten();
  EXPECT_LE(z.abs().max().item<double>(), 1.5);
  // The largest distance of the distribution functions (Kolmogorov): 1.95 / sqrt(n) is passed once in a thousand times.
  const auto sorted = std::get<0>(z.sort());
  const auto phi = [](const Tensor& x) { return 0.5 * (1 + torch::erf(x / std::sqrt(2.0))); };
  const double low = 0.5 * (1 + std::erf(-1.5 / std::sqrt(2.0)));
  const auto expected = (phi(sorted) - low) / (1 - 2 * low);
  const auto found = (torch::arange(100'000, torch::kFloat64) + 0.5) / 100'000;
  EXPECT_LT((found - expected).abs().max().item<double>(), 1.95 / std::sqrt(100'000.0));
}

TEST(Latent, OfAMixtureLiesAboutItsCentresEquallyOften) {
  auto config = latent("mixture", 3);
  config.modes = 4, config.radius = 2, config.deviation = 0.1;
  const auto z = draw_latent(config, 40'000, make_generator(5));
  const auto centres = torch::tensor({{2.0F, 0.F, 0.F}, {0.F, 2.F, 0.F}, {-2.F, 0.F, 0.F}, {0.F, -2.F, 0.F}});
  const auto [nearest, which] = torch::cdist(z, centres).min(1);
  EXPECT_LT((torch::bincount(which, {}, 4) - 10'000).abs().max().item<int64_t>(), 5 * 87);
  // A chi of three dimensions: the mean square is three times the deviation's.
  EXPECT_NEAR(nearest.square().mean().item<double>(), 3 * 0.01, 5 * 0.01 * std::sqrt(6.0 / 40'000));
  config.size = 1;
  const auto line = draw_latent(config, 1000, make_generator(6));
  const auto places = torch::tensor({-2.F, -2.F / 3, 2.F / 3, 2.F});
  EXPECT_LT(std::get<0>((line - places).abs().min(1)).max().item<double>(), 0.5);
  config.modes = 1;
  EXPECT_NEAR(mean_of(draw_latent(config, 1000, make_generator(6))), 0, 5 * 0.1 / std::sqrt(1000.0)) << "in the middle";
}

TEST(Latent, OfACategoricalPriorIsOneClassEachTime) {
  const auto z = draw_latent(latent("categorical", 5), 50'000, make_generator(7));
  EXPECT_TRUE(torch::equal(z.sum(1), torch::ones({50'000})));
  EXPECT_TRUE(torch::equal(std::get<0>(z.max(1)), torch::ones({50'000})));
  EXPECT_LT((z.sum(0) - 10'000).abs().max().item<double>(), 5 * std::sqrt(50'000 * 0.2 * 0.8));
}

}  // namespace
}  // namespace duet
