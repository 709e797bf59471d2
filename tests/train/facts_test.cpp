#include "duet/train/facts.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "duet/data/formats/npy.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

const DataFacts kFacts{.shape = {1, 28, 28},
                       .pictures = true,
                       .classes = {"zero", "one"},
                       .class_share = {0.25, 0.75},
                       .examples = 40,
                       .content = "abc"};

std::string refused(const std::string& key, const nlohmann::json& value) {
  nlohmann::json json = to_json(kFacts);
  json[key] = value;
  return error_of([&] { facts_from(json, "run.json: data"); }, Fault::checkpoint);
}

TEST(Facts, AreReadBackAsTheyWereWritten) {
  const auto facts = facts_from(to_json(kFacts), "run.json");
  EXPECT_EQ(facts.shape, kFacts.shape);
  EXPECT_EQ(facts.pictures, kFacts.pictures);
  EXPECT_EQ(facts.classes, kFacts.classes);
  EXPECT_EQ(facts.class_share, kFacts.class_share);
  EXPECT_EQ(facts.examples, kFacts.examples);
  EXPECT_EQ(facts.content, kFacts.content);
  EXPECT_TRUE(differences(kFacts, facts).empty());
}

TEST(Facts, OfAnotherTypeOrRangeAreRefusedWithTheirPlace) {
  const std::string end = "; restore the file, for instance from a copy of the run";
  EXPECT_EQ(refused("shape", {1, 28.5, 28}),
            "run.json: data.shape: damaged: is 28.5; expected a whole number of at least 1" + end);
  EXPECT_EQ(refused("shape", {0, 28, 28}),
            "run.json: data.shape: damaged: is 0; expected a whole number of at least 1" + end);
  EXPECT_EQ(refused("shape", {1, 28}),
            "run.json: data.shape: damaged: is [1,28]; expected three whole numbers: channels, height, width" + end);
  EXPECT_EQ(refused("shape", {1, 1 << 20, 1 << 20}),
            "run.json: data.shape: damaged: is [1,1048576,1048576]; expected at most 67,108,864 numbers" + end);
  for (const auto& shape : std::vector<nlohmann::json>{
           "x", 5, nullptr, {1, int64_t{1} << 62, 4}, {1, -28, 28}, {1, uint64_t{1} << 63, 28}, {1, "28", 28}})
    EXPECT_NE(refused("shape", shape), "") << shape;
  EXPECT_EQ(refused("class_share", nlohmann::json::array()),
            "run.json: data.class_share: damaged: is []; expected as many numbers as there are classes, 2" + end);
  EXPECT_EQ(refused("class_share", {-0.5, 1.5}),
            "run.json: data.class_share: damaged: is -0.5; expected a number from 0 to 1" + end);
  EXPECT_EQ(refused("class_share", {0.9, 0.9}),
            "run.json: data.class_share: damaged: is [0.9,0.9]; expected numbers whose sum is 1, not 1.8" + end);
  EXPECT_NE(refused("class_share", {"a", 1}), "");
  EXPECT_NE(refused("classes", nlohmann::json::object()), "");
  EXPECT_NE(refused("classes", {"a", 5}), "");
  EXPECT_NE(refused("pictures", 1), "");
  EXPECT_NE(refused("examples", -1), "");
  EXPECT_NE(refused("examples", "a"), "");
  EXPECT_NE(refused("content", 5), "");
  EXPECT_EQ(refused("spec", 5), "run.json: data.spec: damaged: is 5; expected a text" + end);
  EXPECT_EQ(refused("place", nullptr), "run.json: data.place: damaged: is null; expected a text" + end);
  for (const nlohmann::json& whole : {nlohmann::json::array(), nlohmann::json(5), nlohmann::json::object()})
    EXPECT_NE(error_of([&] { facts_from(whole, "run.json: data"); }, Fault::checkpoint), "") << whole;
}

TEST(Facts, OfOlderRunsAreReadAndNotComparedWhereTheySayNothing) {
  nlohmann::json json = to_json(kFacts);
  json.erase("examples");
  json.erase("content");
  EXPECT_TRUE(differences(facts_from(json, "run.json"), kFacts).empty());
}

TEST(Facts, AreComparedInAllThatMovesLabels) {
  using Lines = std::vector<std::string>;
  const auto with = [](const auto& change) {
    auto facts = kFacts;
    change(facts);
    return differences(kFacts, facts);
  };
  EXPECT_EQ(with([](auto& f) { f.classes = {"one", "zero"}; }), Lines{"classes: zero, one -> one, zero"});
  EXPECT_EQ(with([](auto& f) { f.classes = {}, f.class_share = {}; }), Lines{"classes: zero, one -> (none)"});
  EXPECT_EQ(with([](auto& f) { f.examples = 41; }), Lines{"examples to train on: 40 -> 41"});
  EXPECT_EQ(with([](auto& f) { f.examples = 0; }), Lines{"examples to train on: 40 -> endless"});
  EXPECT_EQ(with([](auto& f) { f.shape = {3, 28, 28}; }), Lines{"shape: 1x28x28 -> 3x28x28"});
  EXPECT_EQ(with([](auto& f) { f.pictures = false; }), Lines{"kind: pictures -> numbers"});
  EXPECT_EQ(with([](auto& f) { f.class_share = {0.75, 0.25}; }),
            Lines{"labels: some classes occur more or less often than they did"});
  EXPECT_EQ(with([](auto& f) { f.content = "abd"; }),
            Lines{"content: as many examples of the same classes, but other ones, or read otherwise"});
  DataFacts many = kFacts, more = kFacts;
  for (int i = 0; i < 20; ++i) many.classes.push_back(std::to_string(i));
  more.classes = many.classes;
  more.classes[17] = "other";
  EXPECT_EQ(differences(many, more), Lines{"class 17: 15 -> other, and perhaps others after it"});
}

TEST(Facts, ContentIsAnotherWhereExamplesOrLabelsAre) {
  const FreshFolder folder;
  std::vector<float> x(200);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  std::vector<uint8_t> y(100);
  for (size_t i = 0; i < y.size(); ++i) y[i] = i % 2;
  const auto content = [&] {
    write_npy(folder / "x.npy", {{100, 2}, x});
    write_npy(folder / "y.npy", {{100}, y});
    return content_of(*open_source(folder.path().string(), {}).train);
  };
  const auto before = content();
  EXPECT_EQ(before.size(), 16u);
  EXPECT_EQ(content(), before);
  std::reverse(x.begin(), x.end());
  const auto reversed = content();
  EXPECT_NE(reversed, before);
  for (auto& label : y) label = 1 - label;
  EXPECT_NE(content(), reversed);
  EXPECT_EQ(content_of(*open_source("ring", {}).train), "") << "what is drawn has no content of its own";
}

TEST(Facts, OfStreamsAndColumnsAreReadBackAndRefusedWithTheirPlace) {
  DataFacts facts{.shape = {2, 1, 1}, .classes = {}, .class_share = {}, .columns = {"a", "b"}};
  facts.scale = {{-3, 5}, {0, 2}};
  facts.streams["b"] = kFacts;
  const auto found = facts_from(to_json(facts), "run.json: data");
  EXPECT_EQ(found.columns, facts.columns);
  EXPECT_EQ(found.scale, facts.scale);
  EXPECT_EQ(found.streams.at("b").content, "abc");
  nlohmann::json json = to_json(facts);
  json["streams"]["b"]["pictures"] = 1;
  EXPECT_EQ(error_of([&] { facts_from(json, "run.json: data"); }, Fault::checkpoint)
                .find("run.json: data.streams.b.pictures: damaged: is 1"),
            0u);
  json = to_json(facts);
  json["scale"]["deviation"] = {-0.5, 1};
  EXPECT_NE(error_of([&] { facts_from(json, "run.json: data"); }, Fault::checkpoint), "");
  // Measures of each stream are those of the run's beginning.
  auto now = facts;
  now.scale.mean[0] = 7;
  now.streams.at("b").scale = {{1}, {1}};
  auto begun = facts;
  begun.streams.at("b").scale = {{2}, {3}};
  scale_as_begun(now, begun);
  EXPECT_EQ(now.scale, facts.scale);
  EXPECT_EQ(now.streams.at("b").scale, begun.streams.at("b").scale);
  now.streams.at("b").classes[0] = "caf\xe9";
  EXPECT_EQ(error_of([&] { check_names(now, "pictures"); }).find("pictures: stream.b: the name of class 'caf"), 0u);
}

TEST(Facts, DifferWhereThereAreFewerOrMoreExamples) {
  for (const int64_t count : {39, 41}) {
    auto now = kFacts;
    now.examples = count;
    EXPECT_EQ(differences(kFacts, now), std::vector<std::string>{fmt::format("examples to train on: 40 -> {}", count)});
  }
}

TEST(Facts, NamesThatNoRunCanHoldAreRefusedAsTheDatas) {
  auto facts = kFacts;
  facts.classes[1] = "caf\xe9";
  EXPECT_EQ(error_of([&] { check_names(facts, "pictures"); }).find("pictures: the name of class 'caf"), 0u);
  check_names(kFacts, "pictures");
}

TEST(Facts, DifferWhereClassesOccurALittleMoreOrLessOften) {
  const DataFacts then{.shape = {2, 1, 1}, .classes = {"a", "b"}, .class_share = {0.25, 0.75}, .examples = 1000};
  auto now = then;
  EXPECT_TRUE(differences(then, now).empty());
  now.class_share = {0.251, 0.749};
  ASSERT_EQ(differences(then, now).size(), 1u);
  EXPECT_EQ(differences(then, now)[0], "labels: some classes occur more or less often than they did");
}

}  // namespace
}  // namespace duet
