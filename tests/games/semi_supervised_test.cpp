#include <cmath>

#include "duet/score/example_bytes.h"
#include "duet/train/training_data.h"
#include "tests/games/in_double.h"
#include "tests/games/judged.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kFewLabels = R"toml(
batch = 16
seed = 3
[data]
spec = "ring"
[stream.labelled]
spec = "ring"
limit = 16
order = "balanced"
[latent]
size = 2
[game]
kind = "semi_supervised"
features = 8
[network.features]
kind = "layers"
layers = ["dense(16)", "relu", "dense(8)", "relu"]
[network.classes]
kind = "layers"
layers = ["dense(8)"]
[network.generator]
kind = "mlp"
widths = [8]
)toml";

double value(const Tensor& x) { return x.item<double>(); }

TEST(SemiSupervised, CountsWhatIsGeneratedAsOneMoreClassWhoseLogitIsZero) {
  auto facts = points_of_three_classes();
  facts.streams["labelled"] = points_of_three_classes();
  InDouble on(kFewLabels, facts, {"network.classes.layers=['dense(3)']"});
  const auto labelled = torch::tensor({{2.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {1.0, 1.0, 3.0}}, torch::kFloat64);
  const auto x = torch::tensor({{1.0, 0.0, 0.0}, {0.0, 0.0, 0.0}, {-1.0, -2.0, -3.0}}, torch::kFloat64), made = -x;
  int64_t calls = 0;
  on.turn.nets["features"] = made_up([](const Tensor& batch, const Tensor&) { return batch; });
  on.turn.nets["classes"] = made_up([&](const Tensor&, const Tensor&) {
    return std::vector<Tensor>{labelled, x, made}[static_cast<size_t>(calls++ % 3)];
  });
  on.turn.given["labelled_label"] = torch::tensor({0, 1, 2});
  const auto loss = on.loss("discriminator");
  double of_class = 0, of_real = 0, of_fake = 0;
  for (int64_t i = 0; i < 3; ++i) {
    const auto share = [](const Tensor& logits, double with_zero) { return value(logits.exp().sum()) + with_zero; };
    of_class -= std::log(value(labelled[i][i].exp()) / share(labelled[i], 0)) / 3;
    of_real -= std::log(share(x[i], 0) / share(x[i], 1)) / 3;
    of_fake -= std::log(1 / share(made[i], 1)) / 3;
  }
  EXPECT_NEAR(value(named(loss, "class")), of_class, 1e-12);
  EXPECT_NEAR(value(named(loss, "adversarial")), 0.5 * (of_real + of_fake), 1e-12);
}

TEST(SemiSupervised, GeneratorsMatchMeanFeatures) {
  auto facts = points_of_three_classes();
  facts.streams["labelled"] = points_of_three_classes();
  InDouble on(kFewLabels, facts, {"network.classes.layers=['dense(3)']"});
  on.turn.nets["features"] = made_up([](const Tensor& batch, const Tensor&) { return 2 * batch; });
  on.turn.nets["generator"] = made_up([](const Tensor& z, const Tensor&) { return z; });
  const auto loss = on.loss("generator");
  ASSERT_EQ(loss.terms.size(), 1u);
  const auto distance = 2 * (on.turn.given.at("z").mean(0) - on.turn.x().mean(0));
  EXPECT_NEAR(value(loss.total()), value(distance.square().sum()), 1e-12);
}

TEST(SemiSupervised, LearnsEveryClassFromTwoLabelsOfEach) {
  const auto recipe = tiny(kFewLabels, {"player.discriminator.lr=5e-3", "player.generator.lr=1e-3"});
  Training training(recipe);
  EXPECT_EQ(training.data.split_of("labelled").train->info().size, 16);
  training.rounds(300);
  expect_goes_on(training, recipe);
  // Of held-out examples of the ring.
  const auto& held_out = *training.data.split.held_out;
  const auto x = some_examples(held_out, 400).flatten(1);
  const auto& networks = training.trainer.networks();
  Pass pass;
  const torch::NoGradGuard no_grad;
  const auto said = networks.at("classes")->forward(networks.at("features")->forward(x, {}, pass), {}, pass).argmax(1);
  int64_t right = 0;
  const auto indices = stratified_indices(held_out.info().size, 400);
  for (int64_t i = 0; i < 400; ++i) right += said[i].item<int64_t>() == held_out.label(indices[static_cast<size_t>(i)]);
  EXPECT_GT(right, 380);
}

TEST(SemiSupervised, NeedsLabelsWhereItLearnsThem) {
  const auto game = make_game(tiny(kFewLabels).game);
  DataKind data{.shape = {2, 1, 1}};
  data.streams["labelled"] = {.shape = {2, 1, 1}};
  EXPECT_EQ(error_of([&] { game->check(data); }, Fault::recipe),
            "[stream.labelled]: its examples have no labels; expected labels of at least two classes");
  data.streams["labelled"] = {.shape = {3, 1, 1}, .range = {}, .classes = 2};
  EXPECT_EQ(error_of([&] { game->check(data); }, Fault::recipe),
            "[stream.labelled]: its examples are 3, and those of [data] 2; expected the same");
  EXPECT_EQ(error_of([&] { make_game(tiny(kFewLabels, {"game.feature_matching=0"}).game); }, Fault::recipe),
            "[game]: feature_matching = 0 and adversarial = 0: the generator minimises nothing; expected one of them "
            "above 0");
}

}  // namespace
}  // namespace duet
