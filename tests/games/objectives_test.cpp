#include "duet/games/objectives.h"

#include <gtest/gtest.h>

#include <set>

#include "duet/core/error.h"
#include "tests/gradient.h"

namespace duet {
namespace {

/// Losses on r = [0.5, -1.0, 2.0], f = [0.2, -0.3, -1.5], computed once in double precision from the papers' formulas.
struct Golden {
  std::string objective;
  double discriminator, generator;
};

const std::vector<Golden>& golden() {
  static const std::vector<Golden> rows = {
      {"vanilla", 1.156058, 1.051302},
      {"goodfellow", 0.578029, 1.051302},
      {"minimax", 1.156058, -0.517969},
      {"least_squares", 1.271667, 1.430000},
      {"boundary", 1.156058, 0.396667},
      {"wgan", -1.033333, 0.533333},
      {"f_total_variation", -0.277273, 0.166514},
      {"f_kl", -0.232018, -0.267982},
      {"f_reverse_kl", 2.668552, 0.466667},
      {"f_pearson", -0.835000, 0.335000},
      {"f_squared_hellinger", 3.351978, -1.216760},
      {"f_jensen_shannon", -0.230236, 0.175178},
      {"f_jeffrey", -0.887301, 0.387301},
      {"f_gan", 1.156058, -0.517969},
      {"softmax", 2.813567, 2.296901},
      {"squared_hinge", 2.060000, 2.860000},
      {"hinge", 1.466667, 0.533333},
  };
  return rows;
}

constexpr double kPrinted = 1e-6;  // the table has six decimals

Tensor real_scores(torch::ScalarType type = torch::kFloat64) { return torch::tensor({0.5, -1.0, 2.0}, type); }
Tensor fake_scores(torch::ScalarType type = torch::kFloat64) { return torch::tensor({0.2, -0.3, -1.5}, type); }
Targets plain(const Tensor& like) { return {torch::ones_like(like), torch::zeros_like(like)}; }

TEST(Objectives, ReproduceTheGoldenValuesInBothPrecisions) {
  for (const auto& row : golden()) {
    for (const auto& [type, tolerance] :
         std::vector<std::pair<torch::ScalarType, double>>{{torch::kFloat64, kPrinted}, {torch::kFloat32, 1e-5}}) {
      const auto r = real_scores(type), f = fake_scores(type);
      const auto& entry = objective(row.objective);
      EXPECT_NEAR(entry.discriminator(r, f, plain(r)).item<double>(), row.discriminator, tolerance) << row.objective;
      EXPECT_NEAR(entry.generator(r, f, 1).item<double>(), row.generator, tolerance) << row.objective;
    }
  }
}

TEST(Objectives, EveryOneHasAGoldenRow) {
  std::set<std::string> known;
  for (const auto& row : golden()) known.insert(row.objective);
  for (const auto& entry : objectives()) EXPECT_TRUE(known.erase(entry.name)) << entry.name;
  EXPECT_TRUE(known.empty());
}

class EveryObjective : public testing::TestWithParam<std::string> {};

TEST_P(EveryObjective, HasTheGradientsOfCentralDifferences) {
  const auto& entry = objective(GetParam());
  const auto r = real_scores().requires_grad_(), f = fake_scores().requires_grad_();
  const Targets targets{torch::tensor({0.9, 1.0, 0.0}, torch::kFloat64),
                        torch::tensor({0.1, 1.0, 0.0}, torch::kFloat64)};
  EXPECT_TRUE(check_gradients([&] { return entry.discriminator(r, f, plain(r)); }, {r, f}));
  EXPECT_TRUE(check_gradients([&] { return entry.discriminator(r, f, targets); }, {r, f}));
  EXPECT_TRUE(check_gradients([&] { return entry.generator(r, f, 1); }, {r, f}));
}

TEST_P(EveryObjective, LooksAtTargetsAndAtRealScoresJustWhereItSaysSo) {
  const auto& entry = objective(GetParam());
  const auto r = real_scores(), f = fake_scores();
  const Targets swapped{torch::zeros_like(r), torch::ones_like(f)};
  const bool moved =
      entry.discriminator(r, f, plain(r)).item<double>() != entry.discriminator(r, f, swapped).item<double>();
  EXPECT_EQ(moved, entry.has_targets);
  const bool needed = entry.generator(r, f, 1).item<double>() != entry.generator(r + 1, f, 1).item<double>();
  EXPECT_EQ(needed, entry.needs_real);
  if (entry.needs_real) return;
  EXPECT_NO_THROW(entry.generator(Tensor(), f, 1));
}

TEST_P(EveryObjective, PullsEqualScoresApartForTheDiscriminatorAndBackForTheGenerator) {
  const auto& entry = objective(GetParam());
  const auto r = torch::full({3}, 0.5, torch::kFloat64).requires_grad_(), f = r.detach().clone().requires_grad_();
  const auto by_discriminator = torch::autograd::grad({entry.discriminator(r, f, plain(r.detach()))}, {r, f});
  // Which sign means real differs between objectives: two f-divergences and softmax score real examples low.
  const double real = by_discriminator[0].sum().item<double>(), fake = by_discriminator[1].sum().item<double>();
  EXPECT_LT(real * fake, 0);
  if (GetParam() == "boundary" || GetParam() == "softmax") return;  // their G aims at the middle, where it is
  EXPECT_LT(torch::autograd::grad({entry.generator(r, f, 1)}, {f})[0].sum().item<double>() * fake, 0);
}

std::vector<std::string> objective_names() {
  std::vector<std::string> names;
  for (const auto& entry : objectives()) names.push_back(entry.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Objectives, EveryObjective, testing::ValuesIn(objective_names()),
                         [](const auto& info) { return info.param; });

/// p = N(0, 1) and q = N(1, 1.5^2) by as many points of equal weight: their quantiles.
struct TwoGaussians {
  Tensor at_p, at_q;
  TwoGaussians() {
    const auto share = (torch::arange(400'000, torch::kFloat64) + 0.5) / 400'000;
    const auto normal = torch::erfinv(2 * share - 1) * std::sqrt(2.0);
    at_p = normal, at_q = 1 + 1.5 * normal;
  }
  /// log p / q.
  static Tensor log_ratio(const Tensor& x) {
    return -0.5 * x.square() + 0.5 * ((x - 1) / 1.5).square() + std::log(1.5);
  }
};

TEST(Objectives, OfDivergencesAreBoundsThatTheBestScoresReach) {
  struct Row {
    const char* name;
    std::function<Tensor(const Tensor& log_ratio)> best;
    double divergence;  // by adaptive quadrature (scipy)
  };
  const TwoGaussians two;
  for (const auto& row : {
           Row{"f_total_variation", [](const Tensor& l) { return 20 * l.sign(); }, 0.346123},
           Row{"f_kl", [](const Tensor& l) { return 1 + l; }, 0.349910},
           Row{"f_reverse_kl", [](const Tensor& l) { return -l; }, 0.719535},
           Row{"f_pearson", [](const Tensor& l) { return 2 * (l.exp() - 1); }, 0.600415},
           Row{"f_squared_hellinger", [](const Tensor& l) { return -0.5 * l; }, 0.220731},
           Row{"f_jensen_shannon", [](const Tensor& l) { return l; }, 0.198580},
           Row{"f_jeffrey", [](const Tensor& l) { return l + 1 - (-l).exp(); }, 1.069444},
           Row{"f_gan", [](const Tensor& l) { return l; }, -1.187714},
       }) {
    const auto bound = [&](const std::function<Tensor(const Tensor&)>& score) {
      const auto r = score(TwoGaussians::log_ratio(two.at_p)), f = score(TwoGaussians::log_ratio(two.at_q));
      return -objective(row.name).discriminator(r, f, plain(r)).item<double>();
    };
    // The quantiles leave out the far tails, where q / p is large: at most half a percent of any bound.
    EXPECT_NEAR(bound(row.best), row.divergence, 0.006 * std::abs(row.divergence)) << row.name;
    EXPECT_LT(bound([&](const Tensor& l) { return row.best(l) + 0.3 * (3 * l).sin(); }), row.divergence) << row.name;
  }
}

TEST(Objectives, OfLeastSquaresTakeAnyThreeNumbers) {
  const auto r = real_scores(), f = fake_scores();
  const Targets targets{torch::ones_like(r), -torch::ones_like(f)};  // (a, b, c) = (-1, 1, 0): Pearson's chi squared
  const auto entry = objective("least_squares");
  EXPECT_NEAR(entry.discriminator(r, f, targets).item<double>(),
              0.5 * ((r - 1).square().mean() + (f + 1).square().mean()).item<double>(), 1e-12);
  EXPECT_NEAR(entry.generator(r, f, 0).item<double>(), 0.5 * f.square().mean().item<double>(), 1e-12);
}

TEST(Objectives, OfJeffreyHaveTheSecondDerivativeToo) {
  const auto v = torch::tensor({-3.0, 0.0, 0.7, 2.5}, torch::kFloat64).requires_grad_();
  const auto value = [&] { return objective("f_jeffrey").generator(Tensor(), v, 1); };
  EXPECT_TRUE(check_second_gradients(value, v, {v}));
}

TEST(Objectives, ComputedFromLogitsDoNotOverflowAtTenThousand) {
  for (const auto& entry : objectives()) {
    const auto r = torch::tensor({1e4F, -1e4F, 0.0F}).requires_grad_();
    const auto f = torch::tensor({-1e4F, 1e4F, 0.0F}).requires_grad_();
    const auto d = entry.discriminator(r, f, plain(r.detach())), g = entry.generator(r, f, 1);
    EXPECT_TRUE(std::isfinite(d.item<float>())) << entry.name;
    EXPECT_TRUE(std::isfinite(g.item<float>())) << entry.name;
    for (const auto& loss : {d, g})
      for (const auto& gradient : torch::autograd::grad({loss}, {r, f}, {}, {}, false, /*allow_unused=*/true))
        EXPECT_TRUE(!gradient.defined() || torch::isfinite(gradient).all().item<bool>()) << entry.name;
  }
}

TEST(Objectives, TheNonSaturatingGradientIsTheMinimaxOneTimesTheOddsAgainstTheFake) {
  for (const double d : {0.01, 0.3, 0.5, 0.9}) {
    const auto f = torch::logit(torch::full({4}, d, torch::kFloat64)).requires_grad_();
    const auto slope = [&](const std::string& name) {
      return torch::autograd::grad({objective(name).generator(Tensor(), f, 1)}, {f})[0][0].item<double>();
    };
    EXPECT_NEAR(slope("vanilla") / slope("minimax"), (1 - d) / d, 1e-9 / d);
  }
}

TEST(Objectives, FlippingLabelsGivesTheNonSaturatingGradient) {
  const auto r = real_scores(), f = fake_scores().requires_grad_();
  const Targets flipped{torch::ones_like(r), torch::ones_like(f).detach()};
  const auto flipped_loss = objective("minimax").discriminator(r, f, flipped);
  const auto by_flipping = torch::autograd::grad({flipped_loss}, {f})[0];
  const auto non_saturating = torch::autograd::grad({objective("vanilla").generator(r, f, 1)}, {f})[0];
  EXPECT_LT((by_flipping - non_saturating).abs().max().item<double>(), 1e-15);
}

TEST(Objectives, RefuseAnUnknownNameWithTheNearest) {
  try {
    objective("least-squared");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::recipe);
    EXPECT_STREQ(error.what(),
                 "game.objective = \"least-squared\"; expected one of vanilla, goodfellow, minimax, least_squares, "
                 "boundary, wgan, hinge, squared_hinge, f_total_variation, f_kl, f_reverse_kl, f_pearson, "
                 "f_squared_hellinger, f_jensen_shannon, f_jeffrey, f_gan, softmax; did you mean 'least_squares'?");
  }
}

}  // namespace
}  // namespace duet
