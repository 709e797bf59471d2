#include "duet/games/penalties.h"

#include <gtest/gtest.h>

#include "duet/nn/layer.h"
#include "tests/gradient.h"

namespace duet {
namespace {

using Score = std::function<Tensor(const Tensor& x)>;

Tensor drawn(torch::IntArrayRef sizes, uint64_t seed) {
  auto generator = make_generator(seed);
  return torch::empty(sizes, torch::kFloat64).normal_(0, 1, generator);
}

const Penalty& penalty(const std::string& name) {
  for (const auto& entry : penalties())
    if (entry.name == name) return entry;
  throw std::logic_error(name + " is no penalty");
}

Tensor value_of(const std::string& name, const Tensor& real, const Tensor& fake, const Score& score,
                uint64_t seed = 5) {
  PenaltyInput input{real, fake, score, make_generator(seed)};
  return penalty(name).value(input);
}

double squared_norm(const Tensor& x) { return x.square().sum().item<double>(); }

TEST(Penalties, OfALinearDiscriminatorSeeItsWeightsEverywhere) {
  for (const auto& sizes : std::vector<std::vector<int64_t>>{{4, 6}, {4, 2, 3, 1}}) {
    const auto real = drawn(sizes, 1), fake = drawn(sizes, 2), w = drawn(sizes, 3)[0];
    const Score linear = [&](const Tensor& x) { return (x * w).flatten(1).sum(1) + 7; };
    const double norm = std::sqrt(squared_norm(w));
    EXPECT_NEAR(value_of("wgan_gp", real, fake, linear).item<double>(), (norm - 1) * (norm - 1), 1e-12);
    EXPECT_NEAR(value_of("dragan", real, fake, linear).item<double>(), (norm - 1) * (norm - 1), 1e-12);
    EXPECT_NEAR(value_of("r1", real, fake, linear).item<double>(), norm * norm, 1e-12);
    EXPECT_NEAR(value_of("r2", real, fake, linear).item<double>(), norm * norm, 1e-12);
  }
}

/// D(x) = a |x|^2 / 2, whose gradient is a x.
constexpr double kCurvature = 1.7;
Tensor quadratic(const Tensor& x) { return 0.5 * kCurvature * x.square().flatten(1).sum(1); }

TEST(Penalties, OfAQuadraticDiscriminatorDependOnWhereTheyLook) {
  const auto real = drawn({5, 3}, 1), fake = drawn({5, 3}, 2);
  const auto squared = [](const Tensor& x) { return (x * kCurvature).square().sum(1); };
  EXPECT_NEAR(value_of("r1", real, fake, quadratic).item<double>(), squared(real).mean().item<double>(), 1e-12);
  EXPECT_NEAR(value_of("r2", real, fake, quadratic).item<double>(), squared(fake).mean().item<double>(), 1e-12);
  // Between equal batches there is one point per example only.
  EXPECT_NEAR(value_of("wgan_gp", real, real, quadratic).item<double>(),
              (squared(real).sqrt() - 1).square().mean().item<double>(), 1e-12);
}

/// The points at which a penalty takes gradients.
Tensor points_of(const std::string& name, const Tensor& real, const Tensor& fake, uint64_t seed = 5) {
  Tensor seen;
  value_of(
      name, real, fake,
      [&](const Tensor& x) {
        seen = x.detach().clone();
        return quadratic(x);
      },
      seed);
  return seen;
}

TEST(Penalties, WganGpLooksAtOnePlacePerExampleBetweenRealAndFake) {
  for (const auto& sizes : std::vector<std::vector<int64_t>>{{400, 3}, {400, 2, 3, 2}}) {
    const auto real = drawn(sizes, 1), fake = drawn(sizes, 2);
    const auto share = ((points_of("wgan_gp", real, fake) - fake) / (real - fake)).flatten(1);
    const auto first = share.narrow(1, 0, 1);
    EXPECT_LT((share - first).abs().max().item<double>(), 1e-6) << "all numbers of an example share their place";
    EXPECT_GE(first.min().item<double>(), 0);
    EXPECT_LE(first.max().item<double>(), 1);
    EXPECT_NEAR(first.mean().item<double>(), 0.5, 4 / std::sqrt(12.0 * 400));
    EXPECT_NEAR(first.std().item<double>(), 1 / std::sqrt(12.0), 0.04);
  }
}

TEST(Penalties, DraganLooksAroundRealDataWithinHalfTheirDeviation) {
  const auto real = drawn({400, 3}, 1) * 2, fake = drawn({400, 3}, 2);
  const auto away = (points_of("dragan", real, fake) - real) / real.std();
  EXPECT_GE(away.min().item<double>(), 0);
  EXPECT_LE(away.max().item<double>(), 0.5);
  EXPECT_NEAR(away.mean().item<double>(), 0.25, 4 * 0.5 / std::sqrt(12.0 * 1200));
}

TEST(Penalties, ByDifferencesAreSlopesAlongTheirDirections) {
  const auto real = drawn({2000, 3}, 1), fake = drawn({2000, 3}, 2), w = drawn({1, 3}, 3)[0];
  const Score linear = [&](const Tensor& x) { return (x * w).sum(1) + 7; };
  // The mean of (w . direction)^2 over normal directions is |w|^2, with the deviation of a chi squared: sqrt(2) |w|^2.
  const double exact = squared_norm(w);
  EXPECT_NEAR(value_of("r1_difference", real, fake, linear).item<double>(), exact, 5 * std::sqrt(2.0 / 2000) * exact);
  const auto way = real - fake;
  const auto expected = (((way * w).sum(1) / way.norm(2, 1)).abs() - 1).square().mean();
  EXPECT_NEAR(value_of("wgan_gp_difference", real, fake, linear).item<double>(), expected.item<double>(), 1e-9);
  // The critic that is best for two points along the first axis: its slope is 1 from the one to the other.
  const auto left = torch::zeros({4, 3}, torch::kFloat64), right = left.clone();
  right.select(1, 0).fill_(5);
  const Score best = [](const Tensor& x) { return -x.select(1, 0); };
  EXPECT_NEAR(value_of("wgan_gp_difference", left, right, best).item<double>(), 0, 1e-12);
}

TEST(Penalties, OfRothWeighEachExampleByHowWrongTheDiscriminatorIs) {
  const auto real = drawn({5, 3}, 1), fake = drawn({5, 3}, 2), w = drawn({1, 3}, 3)[0];
  const Score linear = [&](const Tensor& x) { return (x * w).sum(1) - 0.3; };
  const auto doubt = (1 - linear(real).sigmoid()).square().mean() + linear(fake).sigmoid().square().mean();
  EXPECT_NEAR(value_of("roth", real, fake, linear).item<double>(), (doubt * squared_norm(w)).item<double>(), 1e-12);
}

TEST(Penalties, DrawTheirPlacesFromTheGeneratorTheyAreGiven) {
  const auto real = drawn({6, 3}, 1), fake = drawn({6, 3}, 2);
  for (const auto* name : {"wgan_gp", "dragan", "r1_difference", "wgan_gp_difference"}) {
    EXPECT_TRUE(torch::equal(points_of(name, real, fake, 5), points_of(name, real, fake, 5))) << name;
    EXPECT_FALSE(torch::equal(points_of(name, real, fake, 5), points_of(name, real, fake, 6))) << name;
  }
}

/// A discriminator of two smooth layers in double precision.
struct SmallMlp {
  std::vector<std::unique_ptr<Layer>> layers;
  std::vector<Tensor> parameters;

  SmallMlp() {
    Shape shape{3};
    auto generator = make_generator(8);
    for (const auto* text : {"dense(4)", "tanh", "dense(3)", "softplus", "dense(1)"}) {
      layers.push_back(make_layer(text, shape));
      shape = layers.back()->output();
      layers.back()->reset({.weight = "normal(0.8)", .scale = "one", .bias = 0.1}, generator);
      for (const auto& entry : layers.back()->parameters()) {
        entry.value.set_data(entry.value.to(torch::kFloat64));
        parameters.push_back(entry.value);
      }
    }
  }
  Tensor operator()(const Tensor& x) const {
    Pass pass{.training = true, .update_statistics = false, .noise = {}};
    auto h = x;
    for (const auto& layer : layers) h = layer->forward(h, pass);
    return h.flatten();
  }
};

TEST(Penalties, HaveTheSecondDerivativesOfCentralDifferences) {
  const SmallMlp discriminator;
  const auto real = drawn({3, 3}, 1), fake = drawn({3, 3}, 2);
  const Score score = [&](const Tensor& x) { return discriminator(x); };
  for (const auto& entry : penalties())
    EXPECT_TRUE(check_gradients([&] { return value_of(entry.name, real, fake, score); }, discriminator.parameters))
        << entry.name;
}

TEST(Penalties, OfAConstantDiscriminatorAreFiniteAndSoAreTheirGradients) {
  const SmallMlp discriminator;
  {
    torch::NoGradGuard no_grad;
    for (const auto& parameter : discriminator.parameters) parameter.zero_();
  }
  const auto real = drawn({3, 3}, 1), fake = drawn({3, 3}, 2);
  const Score score = [&](const Tensor& x) { return discriminator(x); };
  for (const auto& entry : penalties()) {
    const auto value = value_of(entry.name, real, fake, score);
    const bool wants_norm_one = entry.name.starts_with("wgan_gp") || entry.name == "dragan";
    EXPECT_NEAR(value.item<double>(), wants_norm_one ? 1 : 0, 1e-5) << entry.name;
    for (const auto& gradient : torch::autograd::grad({value}, discriminator.parameters, {}, {}, false, true))
      EXPECT_TRUE(!gradient.defined() || torch::isfinite(gradient).all().item<bool>()) << entry.name;
  }
}

TEST(Penalties, AskForNoGradientOfTheBatchesThemselves) {
  const SmallMlp discriminator;
  const auto real = drawn({3, 3}, 1).requires_grad_(), fake = drawn({3, 3}, 2).requires_grad_();
  for (const auto& entry : penalties()) {
    value_of(entry.name, real, fake, [&](const Tensor& x) { return discriminator(x); }).backward();
    EXPECT_FALSE(real.grad().defined() || fake.grad().defined()) << entry.name;
  }
}

TEST(SquaredGradient, IsOneNumberPerExample) {
  const auto at = drawn({4, 2, 3, 1}, 1).requires_grad_();
  const auto squared = squared_gradient(at, quadratic(at));
  ASSERT_EQ(squared.sizes(), torch::IntArrayRef({4}));
  for (int64_t i = 0; i < 4; ++i)
    EXPECT_NEAR(squared[i].item<double>(), squared_norm(at[i].detach() * kCurvature), 1e-12);
}

}  // namespace
}  // namespace duet
