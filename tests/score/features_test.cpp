#include "duet/score/features.h"

#include <gtest/gtest.h>

#include <limits>

#include "duet/core/error.h"
#include "duet/data/tensors.h"
#include "tests/score/shapes_dataset.h"

namespace duet {
namespace {

using testing::shapes_dataset;
using testing::TensorDataset;

FeatureOptions of_kind(const std::string& kind) {
  FeatureOptions options;
  options.kind = kind;
  return options;
}

TEST(Features, OfUnlabelledPicturesComeFromARandomNetworkThatTheSeedFixes) {
  const auto set = shapes_dataset(300, 1, false);
  const Features features(set, set, of_kind("auto")), again(set, set, of_kind("random"));
  EXPECT_NE(features.description().find("random network (seed 0)"), std::string::npos) << features.description();
  const auto rows = features.of(set.examples());
  EXPECT_EQ(rows.size(1), features.size());
  EXPECT_TRUE(rows.equal(again.of(set.examples())));
  auto options = of_kind("random");
  options.seed = 1;
  EXPECT_FALSE(rows.allclose(Features(set, set, options).of(set.examples())));
}

TEST(Features, AreStandardisedOverTheTrainingSet) {
  const auto set = shapes_dataset(400, 1, false);
  for (const auto* kind : {"random", "raw"}) {
    const auto rows = Features(set, set, of_kind(kind)).of(set.examples());
    EXPECT_LT(rows.mean(0).abs().max().item<double>(), 1e-3) << kind;
    EXPECT_NEAR(rows.square().mean().item<double>(), 1, 0.02) << kind;
  }
}

TEST(Features, KeepAConstantColumnFinite) {
  const TensorDataset set(torch::ones({30, 3, 1, 1}), {}, {});
  EXPECT_TRUE(Features(set, set, of_kind("auto")).of(set.examples()).eq(0).all().item<bool>());
}

TEST(Features, SeePicturesInEightBits) {
  const auto set = shapes_dataset(100, 1, false);
  const Features features(set, set, of_kind("raw"));
  const auto values = to_values(set.examples(), {-1, 1});
  EXPECT_TRUE(features.from_samples(values + 0.4 / 127.5, {-1, 1}).equal(set.examples()));
  EXPECT_TRUE(features.from_samples(to_values(set.examples(), {0, 1}), {0, 1}).equal(set.examples()));
  EXPECT_TRUE(features.from_samples(set.examples(), {-1, 1}).equal(set.examples()));
}

TEST(Features, QuantisePicturesStoredAsFloatsToo) {
  const auto bytes = shapes_dataset(60, 1, false);
  const TensorDataset floats(to_values(bytes.examples(), {-1, 1}) + 0.3 / 127.5, {}, {});
  const Features features(floats, floats, of_kind("raw"));
  EXPECT_TRUE(
      features.read(floats, std::vector<int64_t>{0, 5}).equal(bytes.examples().index_select(0, torch::tensor({0, 5}))));
}

TEST(Features, TakeVectorsAsTheyAre) {
  auto generator = make_generator(1);
  const auto vectors = at::empty({200, 2, 1, 1}, torch::kFloat32).normal_(5, 3, generator);
  const TensorDataset set(vectors, {}, {});
  const Features features(set, set, of_kind("auto"));
  EXPECT_TRUE(features.from_samples(vectors, {-1, 1}).equal(vectors)) << "no clamping to the range of pictures";
  EXPECT_EQ(features.of(vectors).sizes(), (std::vector<int64_t>{200, 2}));
}

TEST(Features, RefuseSamplesThatDoNotFitOrAreNotFinite) {
  const auto set = shapes_dataset(30, 1, false);
  const Features features(set, set, of_kind("raw"));
  EXPECT_THROW(features.from_samples(torch::zeros({3, 3, 12, 12}), {-1, 1}), Error);
  auto values = torch::zeros({3, 1, 12, 12});
  values[1][0][4][4] = std::numeric_limits<float>::quiet_NaN();
  try {
    features.from_samples(values, {-1, 1});
    FAIL() << "a NaN must not be scored";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::diverged);
    EXPECT_NE(std::string(error.what()).find("1 of 3"), std::string::npos) << error.what();
  }
}

TEST(Features, RefuseAKindThatIsUnknownOrDoesNotFit) {
  const auto pictures = shapes_dataset(30, 1, false);
  const TensorDataset vectors(torch::randn({30, 2, 1, 1}), {}, {});
  EXPECT_THROW(Features(pictures, pictures, of_kind("inception")), Error);
  EXPECT_THROW(Features(vectors, vectors, of_kind("random")), Error);
  EXPECT_THROW(Features(pictures, pictures, of_kind("classifier")), Error);
}

}  // namespace
}  // namespace duet
