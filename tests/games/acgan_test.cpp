#include <cmath>

#include "duet/games/measures.h"
#include "tests/games/in_double.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kAcgan = R"toml(
batch = 16
seed = 3
[data]
spec = "ring"
[latent]
size = 2
[game]
kind = "acgan"
class_real = 2
class_fake = 0.5
class_generator = 3
[network.generator]
kind = "mlp"
widths = [8]
label = "concat"
[network.discriminator]
kind = "mlp"
widths = [8]
)toml";

double value(const Tensor& x) { return x.item<double>(); }

/// A logit and three classes for each of three examples, real ones and then fakes.
void let_say(InDouble& on, const Tensor& real, const Tensor& fake) {
  on.turn.nets["discriminator"] =
      Net([=, calls = 0](const Tensor&, const Named&, int64_t) mutable { return calls++ % 2 == 0 ? real : fake; });
}

TEST(Acgan, AddsTheCrossEntropiesOfClassesThatAreAsked) {
  InDouble on(kAcgan, points_of_three_classes());
  const auto logits =
      torch::tensor({{0.5, 2.0, 0.0, 0.0}, {-1.0, 0.0, 1.0, 0.0}, {2.0, 1.0, 1.0, 0.0}}, torch::kFloat64);
  const auto fakes =
      torch::tensor({{0.2, 0.0, 0.0, 1.0}, {-0.3, 0.0, 0.0, 0.0}, {-1.5, 0.0, 0.0, 3.0}}, torch::kFloat64);
  let_say(on, logits, fakes);
  const auto discriminator = on.loss("discriminator");
  const double of_real =
      (std::log(1 + 2 * std::exp(-2)) + std::log(1 + 2 * std::exp(-1)) + std::log(1 + 2 * std::exp(1))) / 3;
  const double of_fake = (std::log(2 + std::exp(1)) + std::log(3) + std::log(1 + 2 * std::exp(-3))) / 3;
  EXPECT_NEAR(value(named(discriminator, "adversarial")), 1.156058, 1e-6) << "vanilla's golden value";
  EXPECT_NEAR(value(named(discriminator, "class_real")), of_real, 1e-12);
  EXPECT_NEAR(value(named(discriminator, "class_fake")), of_fake, 1e-12);
  EXPECT_NEAR(value(named(discriminator, "class_accuracy")), 2.0 / 3, 1e-12);
  EXPECT_NEAR(value(discriminator.total()), value(named(discriminator, "adversarial")) + 2 * of_real + 0.5 * of_fake,
              1e-12);
  let_say(on, fakes, logits);
  const auto generator = on.loss("generator");
  EXPECT_NEAR(value(generator.total()), 1.051302 + 3 * of_fake, 1e-6);
}

// The seed's class loss once took the softmax of a softmax (wiseodd/generative-models #20): sure and right was no gain.
TEST(Acgan, LosesNothingOnClassesThatItIsSureOf) {
  InDouble on(kAcgan, points_of_three_classes());
  const auto sure = torch::cat({torch::zeros({3, 1}, torch::kFloat64), 1e4 * torch::eye(3, torch::kFloat64)}, 1);
  let_say(on, sure, sure);
  EXPECT_EQ(value(named(on.loss("discriminator"), "class_real")), 0);
  let_say(on, -sure, -sure);
  const auto wrong = on.loss("discriminator").total();
  EXPECT_TRUE(std::isfinite(value(wrong)));
  EXPECT_GT(value(wrong), 1e4);
}

TEST(Acgan, LearnsTheClassesOfItsExamples) {
  const auto recipe = tiny(kAcgan, {"player.discriminator.lr=0.02", "player.generator.lr=1e-3"});
  Training training(recipe);
  training.rounds(300);
  training.trainer.read();
  training.rounds(20);
  double accuracy = 0;
  for (const auto& [name, mean] : training.trainer.read().means)
    if (name == "discriminator/class_accuracy") accuracy = mean;
  EXPECT_GT(accuracy, 0.95);
  expect_goes_on(training, recipe);
}

TEST(Acgan, MeasuresHowOftenTheDiscriminatorTellsTheClass) {
  InDouble on(kAcgan, points_of_three_classes());
  const auto said = torch::tensor({{9.0, 2.0, 0.0, 0.0}, {9.0, 0.0, 1.0, 0.0}, {9.0, 1.0, 3.0, 0.0}}, torch::kFloat64);
  let_say(on, said, said);
  const auto& measuring = dynamic_cast<const Measuring&>(*on.game);
  ASSERT_EQ(measuring.measures().list.size(), 1u);
  const auto right = measuring.measure("class_accuracy", on.turn.nets, on.turn.given, on.turn.noise);
  EXPECT_TRUE(torch::equal(right, torch::tensor({1.0, 1.0, 0.0}, torch::kFloat64)));
}

TEST(Acgan, NeedsClasses) {
  const auto game = make_game(tiny(kAcgan).game);
  EXPECT_EQ(error_of([&] { game->check({.shape = {2, 1, 1}}); }, Fault::recipe),
            "[game]: kind = \"acgan\" learns classes, and the data have no labels; expected labelled data");
}

}  // namespace
}  // namespace duet
