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
}

/// The largest distance of the distribution function of x from `expected` of its sorted numbers (Kolmogorov), times
/// sqrt(n): 1.628 is passed once in a hundred times.
double distance_from(const Tensor& x, const std::function<Tensor(const Tensor&)>& expected) {
  const auto sorted = std::get<0>(x.to(torch::kFloat64).flatten().sort());
  const auto n = static_cast<double>(sorted.size(0));
  const auto rank = torch::arange(sorted.size(0), torch::kFloat64), f = expected(sorted);
  const auto above = ((rank + 1) / n - f).max(), below = (f - rank / n).max();
  return std::sqrt(n) * torch::maximum(above, below).item<double>();
}

Tensor phi(const Tensor& x) { return 0.5 * (1 + torch::erf(x / std::sqrt(2.0))); }

TEST(Latent, HasTheDistributionFunctionOfItsPrior) {
  constexpr double kOnePercent = 1.628;
  const auto draw = [](const LatentConfig& config, uint64_t seed) {
    return draw_latent(config, 100'000, make_generator(seed)).select(1, 0);
  };
  EXPECT_LT(distance_from(draw(latent("normal", 2), 11), phi), kOnePercent);
  auto uniform = latent("uniform", 2);
  uniform.low = -3, uniform.high = 5;
  EXPECT_LT(distance_from(draw(uniform, 12), [](const Tensor& x) { return (x + 3) / 8; }), kOnePercent);
  auto truncated = latent("truncated", 2);
  truncated.cut = 1.5;
  const double low = 0.5 * (1 + std::erf(-1.5 / std::sqrt(2.0)));
  EXPECT_LT(distance_from(draw(truncated, 13), [&](const Tensor& x) { return (phi(x) - low) / (1 - 2 * low); }),
            kOnePercent);
  // Archimedes: each coordinate of a point on the sphere in three dimensions is uniform.
  EXPECT_LT(distance_from(draw(latent("spherical", 3), 14), [](const Tensor& x) { return (x + 1) / 2; }), kOnePercent);
  auto mixture = latent("mixture", 1);
  mixture.modes = 3, mixture.radius = 2, mixture.deviation = 0.7;
  EXPECT_LT(distance_from(draw(mixture, 15),
                          [](const Tensor& x) { return (phi((x + 2) / 0.7) + phi(x / 0.7) + phi((x - 2) / 0.7)) / 3; }),
            kOnePercent);
  // It tells a prior from one that is nearly the same.
  EXPECT_GT(distance_from(draw(latent("normal", 2), 11) + 0.02, phi), kOnePercent);
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
