// The floors beside a score: which examples each is computed from.
#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include <gtest/gtest.h>

#include "duet/score/scorer.h"
#include "tests/score/shapes_dataset.h"

namespace duet {
namespace {

using testing::TensorDataset;

TensorDataset points(int64_t n, double mean, uint64_t seed) {
  auto generator = make_generator(seed);
  return {torch::empty({n, 3, 1, 1}).normal_(mean, 1, generator), {}, {}};
}

TEST(Floors, AreOfTheExamplesThatTheyName) {
  // Training examples differ from held-out ones: frechet_train must show it, and the floor must not.
  const Scorer apart(points(2'000, 3, 1), points(2'000, 0, 2), "points", {});
  const auto report = apart.score(points(1'000, 0, 3).examples(), {}, {}, Half::report);
  const auto value = [&](const char* name) { return report.find(name)->value; };
  EXPECT_GT(value("frechet_train"), 50 * value("frechet_floor"));
  EXPECT_LT(value("frechet"), 4 * value("frechet_floor"));
  EXPECT_LT(value("energy_distance_floor"), 0.05);
  // Equally many standard deviations apart in each of three numbers; both sets are standardised by the training set.
  EXPECT_NEAR(value("frechet_train"), 3 * 9, 1.5);
}

}  // namespace
}  // namespace duet
