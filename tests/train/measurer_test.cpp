// What a game measures of held-out examples: in scores of a training, and computed again from its checkpoint.
#include "duet/train/measurer.h"

#include "duet/data/tensors.h"
#include "duet/score/measured.h"
#include "tests/train/train_run.h"

namespace duet {
namespace {

constexpr const char* kMeasured = R"toml(
kimg = 0.4
batch = 16
tick = 0.2
sample_every = 0.4
checkpoint_every = 0.2
[data]
spec = "bars"
range = "0..1"
[latent]
size = 3
[game]
kind = "vae"
likelihood = "bernoulli"
[network.encoder]
kind = "mlp"
widths = [8]
norm = "batch_norm"
[network.decoder]
kind = "mlp"
widths = [8]
[player.autoencoder]
lr = 1e-2
ema_kimg = 0.1
[score]
every = 0.2
samples = 100
)toml";

double value(const Report& report, const std::string& name) { return report.find(name)->value; }

TEST(Measurer, AddsToAScoreWhatTheGameSaysAndLetsItDecide) {
  const FreshFolder folder;
  const auto recipe = tiny(kMeasured);
  std::vector<Report> reports;
  LoopHooks hooks;
  hooks.scored = [&](const Report& report, bool) { reports.push_back(report); };
  const auto outcome = train_run(folder / "run", recipe, hooks);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(outcome.best_metric, "negative_elbo");
  EXPECT_EQ(*outcome.best, std::min(value(reports[0], "negative_elbo"), value(reports[1], "negative_elbo")));
  EXPECT_LT(value(reports[1], "negative_elbo"), value(reports[0], "negative_elbo") - 1) << "it learns";
  EXPECT_GT(value(reports[1], "log_likelihood"), -value(reports[1], "negative_elbo")) << "a tighter bound";
  EXPECT_EQ(reports[1].find("annealed_likelihood"), nullptr) << "only on request";

  // The same from the checkpoint; with other examples another number.
  const auto data = open_training_data(recipe);
  Measurer measurer(recipe, data.facts, data);
  measurer.load(RunFolder::open(folder / "run").checkpoint("last"));
  Report again, other;
  measurer.add_to(again, nullptr, {.half = Half::decide});
  measurer.add_to(other, nullptr, {.half = Half::report});
  EXPECT_NEAR(value(again, "negative_elbo"), value(reports[1], "negative_elbo"), 1e-9);
  EXPECT_GT(std::abs(value(other, "negative_elbo") - value(again, "negative_elbo")), 1e-6);
  EXPECT_LT(std::abs(value(other, "negative_elbo") - value(again, "negative_elbo")),
            6 * *again.find("negative_elbo")->standard_error);
}

TEST(Measurer, MakesOnRequestWhatTakesLongAndRefusesWhatTheGameDoesNotHave) {
  const auto recipe = tiny(kMeasured);
  const auto data = open_training_data(recipe);
  const Measurer measurer(recipe, data.facts, data);
  measurer.check({"annealed_likelihood"});
  EXPECT_NE(error_of([&] { measurer.check({"identity"}); }, Fault::usage).find("has annealed_likelihood"),
            std::string::npos);
  const auto plain = tiny(kTinyRing);
  const auto points = open_training_data(plain);
  const Measurer none(plain, points.facts, points);
  EXPECT_FALSE(none.has_any());
  EXPECT_NE(error_of([&] { none.check({"identity"}); }, Fault::usage).find("leave it out"), std::string::npos);
}

TEST(Measurer, LeavesTheTrainingAsItWouldBeWithoutScores) {
  const FreshFolder folder;
  train_run(folder / "with", tiny(kMeasured));
  train_run(folder / "without", tiny(kMeasured, {"score.every=0"}));
  const auto with = RunFolder::open(folder / "with").checkpoint("last"),
             without = RunFolder::open(folder / "without").checkpoint("last");
  for (const auto& [name, tensor] : without.tensors) EXPECT_TRUE(torch::equal(tensor, with.tensors.at(name))) << name;
}

TEST(Measured, MeansHaveTheirStandardError) {
  const auto estimate = mean_of(torch::tensor({1.0, 2.0, 3.0, 6.0}));
  EXPECT_EQ(estimate.value, 3);
  EXPECT_NEAR(*estimate.standard_error, std::sqrt(14.0 / 3) / 2, 1e-12);
  EXPECT_FALSE(mean_of(torch::tensor({1.0})).standard_error);
}

TEST(Measured, CodesLikeTheirPriorAreWithinWhatChanceDoes) {
  auto generator = make_generator(4);
  const auto normal = [&](int64_t n) { return torch::empty({n, 3}).normal_(0, 1, generator); };
  const auto prior = normal(800);
  const auto of = [&](const Tensor& codes) {
    std::map<std::string, double> values;
    for (const auto& metric : code_metrics(codes, prior, "")) values[metric.name] = metric.value;
    return values;
  };
  const auto codes = normal(400);
  const auto right = of(codes);
  EXPECT_LT(right.at("code_mean"), 0.25);
  EXPECT_NEAR(right.at("code_deviation_least"), 1, 0.15);
  EXPECT_LT(right.at("code_distance"), 3 * right.at("code_distance_chance"));
  const auto wrong = of(torch::cat({codes.narrow(1, 0, 2), codes.narrow(1, 2, 1) * 0.3 + 0.5}, 1));
  EXPECT_NEAR(wrong.at("code_mean"), 0.5, 0.1);
  EXPECT_NEAR(wrong.at("code_deviation_least"), 0.3, 0.05);
  EXPECT_NEAR(wrong.at("code_deviation_most"), 1, 0.15);
  EXPECT_GT(wrong.at("code_distance"), 3 * wrong.at("code_distance_chance"));
}

}  // namespace
}  // namespace duet
