#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <iostream>

#include "duet/data/tensors.h"
#include "duet/score/scorer.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

double value(const Report& report, const std::string& name) { return report.find(name)->value; }

// One test, because the classifier is trained once for all of it.
TEST(Slow_MnistScore, ClassifierReaches985AndItsScoresOrderSamplesAsTheyShould) {
  const auto mnist = real_data() / "mnist";
  if (!std::filesystem::exists(mnist))
    GTEST_SKIP() << "no MNIST in " << mnist << "; set DUET_DATA to the folder that holds mnist/";
  const auto source = open_source(mnist.string(), {});
  const FreshFolder folder;
  ScorerOptions options;
  options.features.cache_folder = folder.path();
  const auto start = std::chrono::steady_clock::now();
  const Scorer scorer(*source.train, *source.test, "mnist", options);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::cout << "scorer ready in " << took.count() << " s\n";
  EXPECT_GE(scorer.classifier()->held_out_accuracy(), 0.985);

  // Training pictures other than those of the scorer's training reference stand in for a perfect generator.
  const auto real = read_examples(*source.train, 20'001, 5'000);
  const auto labels = read_labels(*source.train, 20'001, 5'000);
  const auto good = scorer.score(real, {}, labels, Half::report);
  std::cout << to_text(good);
  EXPECT_EQ(value(good, "modes"), 10);
  EXPECT_LT(std::abs(good.primary.value), 4 * good.primary.standard_error.value());
  EXPECT_GT(value(good, "agreement"), 0.985);
  EXPECT_GT(value(good, "confident"), 0.9);
  EXPECT_LT(value(good, "frechet"), 1.5 * value(good, "frechet_floor"));

  const auto dropped = scorer.score(real.index_select(0, labels.ne(7).nonzero().flatten()), {}, {}, Half::report);
  EXPECT_EQ(value(dropped, "modes"), 9);
  EXPECT_GT(dropped.primary.value, 10 * dropped.primary.standard_error.value());
  EXPECT_GT(value(dropped, "frechet"), 3 * value(good, "frechet"));

  auto generator = make_generator(0);
  const auto grain = at::empty(real.sizes(), torch::kFloat32).normal_(0, 60, generator);
  const auto noisy =
      scorer.score((real.to(torch::kFloat32) + grain).clamp(0, 255).to(torch::kUInt8), {}, {}, Half::report);
  EXPECT_GT(value(noisy, "frechet"), 10 * value(good, "frechet"));
  const auto noise = at::empty(real.sizes(), torch::kUInt8).random_(0, 256, generator);
  const auto worst = scorer.score(noise, {}, {}, Half::report);
  std::cout << to_text(worst);
  EXPECT_GT(worst.primary.value, noisy.primary.value);
  EXPECT_GT(value(worst, "frechet"), 100 * value(good, "frechet"));
}

}  // namespace
}  // namespace duet
