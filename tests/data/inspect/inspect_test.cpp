#include "duet/data/inspect/inspect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "duet/core/error.h"
#include "duet/data/formats/folder.h"
#include "duet/data/formats/idx.h"
#include "duet/data/inspect/inspect_findings.h"
#include "tests/picture/sample_pictures.h"

namespace duet {
namespace {

using sample::picture;
using sample::Scratch;

std::set<std::string> codes(const Inspection& inspection) {
  std::set<std::string> codes;
  for (const Finding& finding : inspection.findings) codes.insert(finding.code);
  return codes;
}

std::string text_of(const Inspection& inspection, const std::string& code) {
  for (const Finding& finding : inspection.findings)
    if (finding.code == code) return finding.text;
  return "(no finding)";
}

/// `count` different pictures in a folder.
void fill(const Scratch& scratch, const std::string& folder, int count, uint64_t seed) {
  for (int i = 0; i < count; ++i)
    scratch.write(folder + "/" + std::to_string(i) + ".png",
                  picture(4, 4, 3, seed * 1'000'000 + static_cast<uint64_t>(i)));
}

/// Numbers from a formula, as an endless or finite set.
class Numbers final : public Dataset {
 public:
  explicit Numbers(DatasetInfo info, std::vector<float> values = {})
      : info_(std::move(info)), values_(std::move(values)) {
    info_.element = Element::float32;
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t index, void* out) const override {
    for (int64_t i = 0; i < info_.shape.numel(); ++i)
      static_cast<float*>(out)[i] =
          values_.empty() ? static_cast<float>(index) : values_[static_cast<size_t>(index * info_.shape.numel() + i)];
  }
  int64_t label(int64_t) const override { return info_.classes.empty() ? -1 : 0; }
  std::string where(int64_t index) const override { return info_.name + "[" + std::to_string(index) + "]"; }

 private:
  DatasetInfo info_;
  std::vector<float> values_;
};

DatasetInfo numbers_info(int64_t width, int64_t size) {
  DatasetInfo info;
  info.name = "numbers";
  info.format = "csv";
  info.shape = {width, 1, 1};
  info.size = size;
  return info;
}

TEST(Inspect, AHealthySetHasNoFindings) {
  const Scratch scratch;
  fill(scratch, "cat", 300, 1);
  fill(scratch, "dog", 250, 2);
  const Inspection inspection = inspect(open_folder_source(scratch.path(), {}));
  EXPECT_TRUE(inspection.findings.empty()) << to_text(inspection);
  EXPECT_EQ(inspection.train.class_sizes, (std::vector<int64_t>{300, 250}));
  EXPECT_EQ(inspection.train.examined, 550);
  EXPECT_NE(to_text(inspection).find("Nothing looks wrong."), std::string::npos);
}

TEST(Inspect, ComputesRangeMeanAndDeviation) {
  Source source;
  source.train = std::make_shared<Numbers>(numbers_info(2, 3), std::vector<float>{1, 2, 3, 4, 5, 9});
  const auto part = inspect(source).train;
  EXPECT_EQ(part.min, 1);
  EXPECT_EQ(part.max, 9);
  EXPECT_DOUBLE_EQ(part.mean, 4);
  EXPECT_NEAR(part.stddev, std::sqrt(40.0 / 6), 1e-12);
}

TEST(Inspect, DoesNotDependOnTheNumberOfThreads) {
  Source source;
  source.train = std::make_shared<Numbers>(numbers_info(3, 5'000));
  const auto one = inspect(source, {.threads = 1}), four = inspect(source, {.threads = 4});
  EXPECT_EQ(to_json(one), to_json(four));
  EXPECT_NEAR(one.train.mean, 2499.5, 1e-9);
  EXPECT_NEAR(one.train.stddev, std::sqrt((5'000.0 * 5'000.0 - 1) / 12), 1e-6);
}

TEST(Inspect, NamesTheLabelsFileThatIsMissing) {
  const Scratch scratch;
  const std::vector<uint8_t> pixels(8, 7), labels{0, 1};
  write_idx(scratch.path(), {"train", {1, 2, 2}, pixels, {}});
  write_idx(scratch.path(), {"t10k", {1, 2, 2}, pixels, labels});
  EXPECT_TRUE(text_of(inspect(open_source(scratch.path().string(), {})), "no_labels")
                  .starts_with("The training part has no labels: train-labels-idx1-ubyte (or the same with .gz) is not "
                               "beside train-images-idx3-ubyte. Without them no conditional recipe can be trained"));
  write_idx(scratch.path(), {"train", {1, 2, 2}, pixels, labels});
  EXPECT_FALSE(codes(inspect(open_source(scratch.path().string(), {}))).contains("no_labels"));
  std::filesystem::remove(scratch / "t10k-labels-idx1-ubyte");
  EXPECT_TRUE(text_of(inspect(open_source(scratch.path().string(), {})), "no_labels")
                  .starts_with("The test part has no labels: t10k-labels-idx1-ubyte (or the same with .gz) is not"));
}

TEST(Inspect, PointsToDataOfAnotherFormatInsideAFolderOfPictures) {
  const Scratch scratch;
  fill(scratch, "pictures", 3, 1);
  scratch.write("list.csv", "1,2\n");
  EXPECT_FALSE(codes(inspect(open_source(scratch.path().string(), {}))).contains("inner_data"));
  write_idx(scratch / "mnist", {"train", {1, 2, 2}, std::vector<uint8_t>(8), {}});
  const auto text = text_of(inspect(open_source(scratch.path().string(), {})), "inner_data");
  EXPECT_TRUE(text.ends_with("If you meant those, pass " + (scratch / "mnist").string() + " (idx).")) << text;
}

TEST(Inspect, NamesTheCorruptPicture) {
  const Scratch scratch;
  fill(scratch, ".", 5, 1);
  scratch.write("2.png", "no picture");
  const Inspection inspection = inspect(open_folder_source(scratch.path(), {}));
  EXPECT_EQ(inspection.train.corrupt.count, 1);
  ASSERT_EQ(inspection.train.corrupt.names.size(), 1U);
  EXPECT_NE(inspection.train.corrupt.names[0].find("/2.png: is not a picture"), std::string::npos);
  EXPECT_TRUE(codes(inspection).contains("corrupt"));
  EXPECT_NE(to_text(inspection).find("/2.png: is not a picture"), std::string::npos);
}

TEST(Inspect, GoesOnWherePicturesDifferInSize) {
  const Scratch scratch;
  // The odd one comes first in reading order: the set's size is that of most.
  scratch.write("a.png", picture(40, 30, 3, 1));
  scratch.write("b.png", picture(40, 30, 3, 1));
  fill(scratch, ".", 6, 2);
  scratch.write("x.png", "no picture");
  const auto source = open_folder_source(scratch.path(), {.mixed_sizes = true});
  EXPECT_EQ(source.train->info().shape, (Shape{3, 4, 4}));
  const Inspection inspection = inspect(source);
  const auto& part = inspection.train;
  EXPECT_EQ(part.other_size.names, (std::vector<std::string>{(scratch / "a.png").string() + " 40x30",
                                                             (scratch / "b.png").string() + " 40x30"}));
  ASSERT_EQ(part.sizes.size(), 2U);
  EXPECT_EQ(part.sizes[0].count, 6);
  EXPECT_EQ(part.corrupt.count, 1);
  EXPECT_EQ(part.duplicates.names,
            (std::vector<std::string>{(scratch / "b.png").string() + " = " + (scratch / "a.png").string()}));
  const auto path = scratch.path().string();
  EXPECT_NE(
      to_text(inspection)
          .find("\n  sizes       6 pictures of 4x4, 2 of another size:\n              " + path + "/a.png 40x30\n"),
      std::string::npos)
      << to_text(inspection);
  EXPECT_EQ(text_of(inspection, "mixed_sizes"),
            "Pictures of different sizes in the training part: 2 of 9 are not 4x4. Training needs one size: a recipe "
            "with a resolution (--set data.resolution=16) crops and resizes them all, and `duet inspect " +
                path + " --resolution 16` shows them so. First: " + path + "/a.png 40x30");
  EXPECT_EQ(to_json(inspection)["train"]["sizes"][1]["width"], 40);
}

TEST(Inspect, OfSizesThatNearlyAllDifferTellsTheExtremes) {
  const Scratch scratch;
  for (int i = 0; i < 5; ++i) scratch.write(std::to_string(i) + ".png", picture(60 + i, 50, 1, 1));
  const Inspection inspection = inspect(open_folder_source(scratch.path(), {.mixed_sizes = true}));
  EXPECT_NE(to_text(inspection).find("5, from 60x50 to 64x50; the most frequent is 60x50 (1 picture)"),
            std::string::npos)
      << to_text(inspection);
  EXPECT_NE(text_of(inspection, "mixed_sizes").find(": 5 sizes are there. "), std::string::npos);
}

TEST(Inspect, TellsATestPartWhosePicturesHaveAnotherSize) {
  const Scratch scratch;
  fill(scratch, "train", 3, 1);
  for (int i = 0; i < 2; ++i) scratch.write("test/" + std::to_string(i) + ".png", picture(9, 7, 3, 5));
  const Inspection inspection = inspect(open_folder_source(scratch.path(), {.mixed_sizes = true}));
  const auto text = to_text(inspection);
  EXPECT_NE(text.find("Test part: 2 examples, pictures of 3x7x9, 8 bits\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  sizes       9x7, where the training part has 4x4\n"), std::string::npos) << text;
  EXPECT_TRUE(text_of(inspection, "mixed_sizes")
                  .starts_with("Pictures of different sizes in the test part: all are 9x7 "
                               "where the training part has 4x4. "));
}

TEST(Inspect, SaysNothingOfSizesThatAreAlike) {
  const Scratch scratch;
  fill(scratch, ".", 3, 1);
  const Inspection inspection = inspect(open_folder_source(scratch.path(), {.mixed_sizes = true}));
  EXPECT_FALSE(codes(inspection).contains("mixed_sizes"));
  EXPECT_EQ(to_text(inspection).find("sizes"), std::string::npos);
}

TEST(Inspect, NamesBlankPicturesAndDuplicates) {
  const Scratch scratch;
  fill(scratch, ".", 4, 1);
  scratch.write("x.png", blank_image(4, 4, 3, 9));
  scratch.write("y.png", picture(4, 4, 3, 1'000'002));
  const Inspection inspection = inspect(open_folder_source(scratch.path(), {}));
  EXPECT_EQ(inspection.train.blank.names, (std::vector<std::string>{(scratch / "x.png").string()}));
  EXPECT_EQ(inspection.train.duplicates.names,
            (std::vector<std::string>{(scratch / "y.png").string() + " = " + (scratch / "2.png").string()}));
}

TEST(Inspect, NamesAFewAndCountsAll) {
  const Scratch scratch;
  for (int i = 0; i < 9; ++i) scratch.write(std::to_string(i) + ".png", blank_image(4, 4, 1, 5));
  const Inspection inspection = inspect(open_folder_source(scratch.path(), {}), {.named = 2});
  EXPECT_EQ(inspection.train.blank.count, 9);
  EXPECT_EQ(inspection.train.blank.names.size(), 2U);
  EXPECT_EQ(inspection.train.duplicates.count, 8);
  EXPECT_NE(to_text(inspection).find("and 7 more"), std::string::npos);
}

TEST(Inspect, OneClassFolderAsksWhetherTheLevelIsWrong) {
  const Scratch scratch;
  fill(scratch, "pictures", 4, 1);
  const std::string path = scratch.path().string();
  EXPECT_EQ(text_of(inspect(open_folder_source(scratch.path(), {})), "one_class"),
            "Wrong folder level? There is one class folder, 'pictures', so every label is the same. Pass '" + path +
                "/pictures' for pictures without labels, or add a folder per class.");
}

TEST(Inspect, ClassFoldersOneLevelBelowAreNamed) {
  const Scratch scratch;
  fill(scratch, "data/cat", 2, 1);
  fill(scratch, "data/dog", 2, 2);
  EXPECT_EQ(text_of(inspect(open_folder_source(scratch.path(), {})), "one_class"),
            "Wrong folder level? There is one class folder, 'data', and the folders inside it (cat, dog) count as one "
            "class. Pass '" +
                scratch.path().string() + "/data' if those are the classes.");
}

TEST(Inspect, SetsBesideOneAnotherAreNoClasses) {
  const Scratch scratch;
  uint64_t seed = 0;
  for (const char* name : {"pets/cat", "pets/dog", "shapes/disc", "shapes/ring"}) fill(scratch, name, 2, ++seed);
  EXPECT_EQ(text_of(inspect(open_folder_source(scratch.path(), {})), "inner_sets"),
            "Wrong folder level? Each of the 2 class folders holds folders of pictures itself ('pets' holds cat, dog), "
            "as sets with classes of their own do; here each counts as one class. If each is a set, pass one of them, "
            "such as '" +
                scratch.path().string() + "/pets'.");
  // A class with pictures of its own is one, whatever its neighbour holds.
  fill(scratch, "plain", 2, 9);
  EXPECT_FALSE(codes(inspect(open_folder_source(scratch.path(), {}))).contains("inner_sets"));
}

TEST(Inspect, CountsASingleExampleInTheSingular) {
  const Scratch scratch;
  fill(scratch, "cat", 1, 1);
  EXPECT_TRUE(text_of(inspect(open_folder_source(scratch.path(), {})), "few")
                  .starts_with("There is only 1 training example. Fewer"));
}

TEST(Inspect, FindsAnEmptyClassAndUnevenOnes) {
  const Scratch scratch;
  fill(scratch, "cat", 50, 1);
  fill(scratch, "dog", 2, 2);
  std::filesystem::create_directories(scratch / "eel");
  const Inspection inspection = inspect(open_folder_source(scratch.path(), {}));
  EXPECT_EQ(codes(inspection), (std::set<std::string>{"empty_class", "imbalance", "few"}));
  EXPECT_EQ(
      text_of(inspection, "empty_class"),
      "Classes without examples: 1 of 3 (eel). A generator cannot learn them; remove the folders or add pictures.");
  EXPECT_EQ(text_of(inspection, "imbalance"),
            "Classes are uneven: 'cat' has 50 examples, 'dog' only 2. The small ones will be learned poorly; add "
            "examples, or train without labels.");
}

TEST(Inspect, TwentyToOneIsStillEvenEnough) {
  const Scratch scratch;
  fill(scratch, "cat", 40, 1);
  fill(scratch, "dog", 2, 2);
  EXPECT_FALSE(codes(inspect(open_folder_source(scratch.path(), {}))).contains("imbalance"));
}

TEST(Inspect, GreyPicturesInThreeChannelsAreFound) {
  const Scratch scratch;
  for (int i = 0; i < 3; ++i)
    scratch.write(std::to_string(i) + ".png", fit_image(picture(5, 5, 1, static_cast<uint64_t>(i)), 0, 3));
  EXPECT_TRUE(codes(inspect(open_folder_source(scratch.path(), {}))).contains("grey_as_rgb"));
  scratch.write("3.png", picture(5, 5, 3, 3));
  EXPECT_FALSE(codes(inspect(open_folder_source(scratch.path(), {}))).contains("grey_as_rgb"));
}

TEST(Inspect, TestPicturesAlsoInTrainingAreNamed) {
  const Scratch scratch;
  fill(scratch, "train", 5, 1);
  fill(scratch, "test", 3, 2);
  scratch.write("test/z.png", picture(4, 4, 3, 1'000'004));
  const Inspection inspection = inspect(open_folder_source(scratch.path(), {}));
  EXPECT_EQ(inspection.overlap.count, 1);
  EXPECT_EQ(inspection.overlap.names,
            (std::vector<std::string>{(scratch / "test/z.png").string() + " = " + (scratch / "train/4.png").string()}));
  EXPECT_TRUE(codes(inspection).contains("overlap"));
}

TEST(Inspect, DarkPicturesAreFound) {
  const Scratch scratch;
  Image image = blank_image(4, 4, 1);
  image.pixels[3] = 1;
  scratch.write("a.png", image);
  EXPECT_TRUE(codes(inspect(open_folder_source(scratch.path(), {}))).contains("dark"));
}

TEST(Inspect, OfAnEndlessSetTheFirstExamplesAreDrawn) {
  Source source;
  DatasetInfo info = numbers_info(2, 100'000);
  info.endless = true;
  source.train = std::make_shared<Numbers>(info);
  const Inspection inspection = inspect(source);
  EXPECT_EQ(inspection.train.examined, 2'000);
  EXPECT_EQ(inspection.train.max, 1'999);
  EXPECT_TRUE(inspection.findings.empty());
}

TEST(Inspect, NumbersThatAreNotFiniteAreCounted) {
  Source source;
  source.train = std::make_shared<Numbers>(numbers_info(1, 4), std::vector<float>{1, NAN, INFINITY, 3});
  const Inspection inspection = inspect(source);
  EXPECT_EQ(inspection.train.not_finite, 2);
  EXPECT_DOUBLE_EQ(inspection.train.mean, 2);
  EXPECT_TRUE(codes(inspection).contains("not_finite"));
}

TEST(Inspect, OneLabelForAllIsFoundWhereMoreAreNamed) {
  Source source;
  DatasetInfo info = numbers_info(1, 4);
  info.classes = {"a", "b", "c"};
  source.train = std::make_shared<Numbers>(info);
  EXPECT_EQ(
      text_of(inspect(source), "one_class"),
      "All training examples have the label 'a' although 3 classes are named. Check the labels, or that the other "
      "classes' files are there.");
}

TEST(Inspect, ErrorsThatAreNotTheDatasAreThrown) {
  class Broken final : public Dataset {
   public:
    const DatasetInfo& info() const override { return info_; }
    void read(int64_t, void*) const override { fail(Fault::internal, "broken"); }
    int64_t label(int64_t) const override { return -1; }
    std::string where(int64_t) const override { return "broken"; }

   private:
    DatasetInfo info_ = numbers_info(1, 1'000);
  };
  Source source;
  source.train = std::make_shared<Broken>();
  EXPECT_THROW(inspect(source), Error);
}

TEST(Inspect, TheTextIsApproved) {
  Source source;
  source.train = std::make_shared<Numbers>(numbers_info(2, 3), std::vector<float>{1, 2, 3, 4, 5, 9});
  EXPECT_EQ(
      to_text(inspect(source)),
      "numbers (csv)\n\nTraining part: 3 examples, vectors of 2 numbers, 32-bit floating point\n  values      1 to 9, "
      "mean 4, standard deviation 2.582\n  columns               smallest    largest       mean  deviation\n           "
      "   1                1          5          3      1.633\n              2                2          9          5  "
      "    2.944\n  classes     none (no labels)\n  corrupt     none\n  duplicates  none\n\n1 thing to look at:\n  1. "
      "There are only 3 training examples. Fewer than 500 are soon memorised; add examples.\n");
}

TEST(Inspect, TheJsonHoldsPartsAndFindings) {
  const Scratch scratch;
  fill(scratch, "train/cat", 3, 1);
  fill(scratch, "train/dog", 3, 2);
  fill(scratch, "test/dog", 2, 3);
  const auto json = to_json(inspect(open_folder_source(scratch.path(), {})));
  EXPECT_EQ(json["train"]["examples"], 6);
  EXPECT_EQ(json["train"]["classes"][1]["name"], "dog");
  EXPECT_EQ(json["test"]["shape"], (std::vector<int64_t>{3, 4, 4}));
  EXPECT_EQ(json["findings"][0]["code"], "one_class");  // the test part knows only dogs
}

TEST(Inspect, GroupsDigitsByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(50'000), "50,000");
  EXPECT_EQ(grouped(1'002'003), "1,002,003");
}

}  // namespace
}  // namespace duet
