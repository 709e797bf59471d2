#include "duet/score/classifier.h"

#include <gtest/gtest.h>

#include "duet/core/error.h"
#include "tests/score/shapes_dataset.h"

namespace duet {
namespace {

using testing::shapes_dataset;
using testing::TensorDataset;

ClassifierOptions quick() {
  ClassifierOptions options;
  options.examples = 6'000;
  options.batch = 64;
  return options;
}

TEST(Classifier, LearnsShapesAndKnowsItsAccuracy) {
  const auto train = shapes_dataset(2'000, 1), test = shapes_dataset(500, 2);
  auto options = quick();
  int64_t seen = 0, reports = 0;
  double accuracy = 0;
  options.progress = [&](const ClassifierProgress& p) {
    EXPECT_LE(p.seen, p.total);
    EXPECT_EQ(p.seen == 0, reports == 0) << "the first comes before the reading";
    seen = p.seen;
    accuracy = p.accuracy;
    ++reports;
  };
  const auto classifier = train_classifier(train, test, options);
  EXPECT_GT(classifier.held_out_accuracy(), 0.97);
  EXPECT_DOUBLE_EQ(classifier.accuracy(test.examples(), torch::tensor(test.labels())), classifier.held_out_accuracy());
  EXPECT_GE(seen, 5'900);
  EXPECT_GE(reports, 40);
  EXPECT_GT(accuracy, 0.9);
  EXPECT_LE(accuracy, 1);
}

TEST(Classifier, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const auto train = shapes_dataset(500, 1), test = shapes_dataset(100, 2);
  auto options = quick();
  options.examples = 1'000;
  const auto first = train_classifier(train, test, options), again = train_classifier(train, test, options);
  options.seed = 1;
  const auto other = train_classifier(train, test, options);
  for (size_t i = 0; i < first.parts().weights.size(); ++i)
    EXPECT_TRUE(first.parts().weights[i].equal(again.parts().weights[i])) << "weight " << i;
  EXPECT_EQ(first.fingerprint(), again.fingerprint());
  EXPECT_NE(first.fingerprint(), other.fingerprint());
}

TEST(Classifier, DoesNotTouchTheGlobalRandomGenerator) {
  const auto train = shapes_dataset(200, 1), test = shapes_dataset(50, 2);
  auto options = quick();
  options.examples = 128;
  const auto before = at::detail::getDefaultCPUGenerator().get_state();
  train_classifier(train, test, options);
  EXPECT_TRUE(before.equal(at::detail::getDefaultCPUGenerator().get_state()));
}

TEST(Classifier, GivesFeaturesOfMeanSquareOneThatExplainItsLogits) {
  const auto train = shapes_dataset(1'000, 1), test = shapes_dataset(600, 2);
  const auto classifier = train_classifier(train, test, quick());
  const auto features = classifier.features(test.examples());
  EXPECT_EQ(features.sizes(), (std::vector<int64_t>{600, Classifier::kFeatures}));
  EXPECT_GE(features.min().item<float>(), 0);
  EXPECT_NEAR(features.square().mean().item<double>(), 1, 0.1);
  EXPECT_TRUE(classifier.logits_of_features(features).allclose(classifier.logits(test.examples())));
  EXPECT_FALSE(features.requires_grad());
}

TEST(Classifier, TakesColourPicturesOfOddAndLargeSizes) {
  auto generator = make_generator(0);
  for (const auto& size : {std::vector<int64_t>{8, 3, 8, 11}, {8, 3, 70, 65}, {8, 1, 128, 130}}) {
    const auto pictures = at::empty(size, torch::kUInt8).random_(0, 256, generator);
    const TensorDataset set(pictures, {0, 1, 0, 1, 0, 1, 0, 1}, {"a", "b"});
    auto options = quick();
    options.examples = 16, options.batch = 8;
    EXPECT_EQ(train_classifier(set, set, options).features(pictures).size(1), Classifier::kFeatures);
  }
}

TEST(Classifier, LeavesUnlabelledExamplesOut) {
  const auto set = shapes_dataset(500, 1);
  auto labels = set.labels();
  for (size_t i = 0; i < labels.size(); i += 2) labels[i] = -1;
  const TensorDataset half(set.examples(), labels, set.info().classes);
  auto options = quick();
  options.examples = 2'000;
  EXPECT_GT(train_classifier(half, shapes_dataset(200, 3), options).held_out_accuracy(), 0.8);
}

/// The message of the Error that `action` throws, or nothing.
template <class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(Classifier, RefusesWhatItCannotLearnFromNamingTheWayOut) {
  const auto good = shapes_dataset(50, 1);
  const auto unlabelled = shapes_dataset(50, 1, false);
  EXPECT_NE(message_of([&] { train_classifier(unlabelled, unlabelled, quick()); }).find("features = random"),
            std::string::npos);
  const TensorDataset tiny(torch::zeros({4, 1, 4, 4}, torch::kUInt8), {0, 1, 0, 1}, {"a", "b"});
  EXPECT_NE(message_of([&] { train_classifier(tiny, tiny, quick()); }).find("1x4x4"), std::string::npos);
  const TensorDataset other(torch::zeros({4, 1, 9, 9}, torch::kUInt8), {0, 1, 0, 1}, {"a", "b"});
  EXPECT_NE(message_of([&] { train_classifier(good, other, quick()); }).find("1x9x9"), std::string::npos);
}

TEST(Classifier, RefusesPicturesOfAnotherShapeOrType) {
  const auto set = shapes_dataset(50, 1);
  auto options = quick();
  options.examples = 64;
  const auto classifier = train_classifier(set, set, options);
  EXPECT_NE(message_of([&] { classifier.features(torch::zeros({2, 1, 9, 9}, torch::kUInt8)); }).find("[2,1,9,9]"),
            std::string::npos);
  EXPECT_THROW(classifier.features(torch::zeros({2, 1, 12, 12})), Error);
}

}  // namespace
}  // namespace duet
