#include "duet/data/make.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/data/builtin.h"
#include "duet/data/drawn/faces.h"
#include "duet/data/formats/idx.h"
#include "duet/data/formats/npy.h"
#include "duet/picture/image.h"

namespace duet {
namespace {

namespace fs = std::filesystem;

class Make : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    root_ = fs::temp_directory_path() / ("duet-make-" + std::to_string(::getpid()) + "-" + test);
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  static std::shared_ptr<const Dataset> open(const std::string& name, SourceOptions options = {.seed = 6}) {
    return open_builtin(name, options).train;
  }
  static std::vector<uint8_t> pixels(const Dataset& set, int64_t index) {
    std::vector<uint8_t> example(static_cast<size_t>(set.info().shape.numel()));
    set.read(index, example.data());
    return example;
  }
  static Image decode(const fs::path& path) { return decode_image(read_bytes(path, Fault::data), path.string()); }
  static Fault fault_of(const Dataset& set, int64_t n, const fs::path& out, const std::string& format) {
    try {
      make_dataset(set, n, out, format);
    } catch (const Error& error) {
      return error.fault();
    }
    ADD_FAILURE() << "no error";
    return Fault::internal;
  }
  int64_t file_count() const {
    const auto files = fs::recursive_directory_iterator(root_);
    return std::count_if(begin(files), end(files), [](const auto& entry) { return entry.is_regular_file(); });
  }

  fs::path root_;
};

TEST_F(Make, WritesPicturesIntoAFolderPerClass) {
  const auto set = open("digits");
  make_dataset(*set, 40, root_, "");
  EXPECT_EQ(file_count(), 40);
  for (int64_t index : {0, 7, 39}) {
    char name[32];
    std::snprintf(name, sizeof name, "%06d.png", static_cast<int>(index));
    const Image image = decode(root_ / set->info().classes[static_cast<size_t>(set->label(index))] / name);
    EXPECT_EQ(image.channels, 1);
    EXPECT_EQ(image.pixels, pixels(*set, index));
  }
}

TEST_F(Make, WritesPicturesWithoutClassesIntoTheFolderItself) {
  const auto set = open("bars");
  make_dataset(*set, 3, root_, "png");
  EXPECT_EQ(decode(root_ / "000002.png").pixels, pixels(*set, 2));
  EXPECT_EQ(file_count(), 3);
}

TEST_F(Make, WritesColourPicturesWithInterleavedChannels) {
  const auto set = open("bars", {.resolution = 16, .channels = 3, .seed = 1});
  make_dataset(*set, 1, root_, "png");
  const Image image = decode(root_ / "000000.png");
  const std::vector<uint8_t> planes = pixels(*set, 0);
  ASSERT_EQ(image.channels, 3);
  for (size_t i = 0; i < 256; ++i)
    for (size_t c = 0; c < 3; ++c) ASSERT_EQ(image.pixels[i * 3 + c], planes[c * 256 + i]);
}

TEST_F(Make, WritesIdxFilesThatOpenAsTheSameSet) {
  const auto set = open("digits");
  make_dataset(*set, 25, root_, "idx");
  const Source back = open_idx(root_, {});
  ASSERT_EQ(back.train->info().size, 25);
  for (int64_t index = 0; index < 25; ++index) {
    EXPECT_EQ(pixels(*back.train, index), pixels(*set, index));
    EXPECT_EQ(back.train->label(index), set->label(index));
  }
}

TEST_F(Make, WritesVectorsAndLabelsAsNumpyArrays) {
  const auto set = open("ring");
  make_dataset(*set, 10, root_, "");
  const NpyArray x = parse_npy(read_bytes(root_ / "x.npy", Fault::data), "x");
  const NpyArray y = parse_npy(read_bytes(root_ / "y.npy", Fault::data), "y");
  EXPECT_EQ(x.shape, (std::vector<int64_t>{10, 2}));
  const std::vector<float> values = to_floats(x);
  const std::vector<int> labels = to_labels(y);
  for (int64_t index = 0; index < 10; ++index) {
    float example[2];
    set->read(index, example);
    EXPECT_EQ(values[static_cast<size_t>(2 * index)], example[0]);
    EXPECT_EQ(labels[static_cast<size_t>(index)], set->label(index));
  }
  const Source back = open_source(root_.string(), {});  // the folder opens as it was written
  EXPECT_EQ(back.train->info().size, 10);
  EXPECT_EQ(back.train->label(7), set->label(7));
}

TEST_F(Make, WritesTheAttributesOfFaces) {
  const auto set = open("faces");
  make_dataset(*set, 5, root_, "npy");
  std::ifstream file(root_ / "attributes.csv");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_TRUE(lines[0].starts_with("index,class,glasses,mouth,beard,hair,")) << lines[0];
  const FaceAttributes a = face_attributes(6, 3);
  const std::string expected = "3," + face_classes()[static_cast<size_t>(a.label())] + (a.glasses ? ",1," : ",0,");
  EXPECT_TRUE(lines[4].starts_with(expected)) << lines[4];
  const auto commas = [](const std::string& line) { return std::count(line.begin(), line.end(), ','); };
  EXPECT_EQ(commas(lines[4]), commas(lines[0]));
}

TEST_F(Make, RefusesAFolderThatIsNotEmptyAndLeavesItAlone) {
  fs::create_directories(root_);
  std::ofstream(root_ / "precious.txt") << "mine";
  EXPECT_EQ(fault_of(*open("digits"), 3, root_, "png"), Fault::usage);
  EXPECT_EQ(file_count(), 1);
  EXPECT_EQ(fault_of(*open("digits"), 3, root_ / "precious.txt", "png"), Fault::usage);
}

TEST_F(Make, FillsAnEmptyFolder) {
  fs::create_directories(root_);
  make_dataset(*open("bars"), 2, root_, "");
  EXPECT_EQ(file_count(), 2);
}

TEST_F(Make, RefusesWhatItCannotWriteBeforeTouchingTheDisk) {
  EXPECT_EQ(fault_of(*open("ring"), 3, root_, "png"), Fault::usage);
  EXPECT_EQ(fault_of(*open("ring"), 3, root_, "idx"), Fault::usage);
  EXPECT_EQ(fault_of(*open("digits"), 3, root_, "gif"), Fault::usage);
  EXPECT_EQ(fault_of(*open("digits"), 0, root_, "png"), Fault::usage);
  EXPECT_FALSE(fs::exists(root_));
}

TEST_F(Make, RefusesMoreExamplesThanAFiniteSetHas) {
  make_dataset(*open("digits"), 4, root_ / "four", "idx");
  const Source four = open_idx(root_ / "four", {});
  EXPECT_EQ(fault_of(*four.train, 5, root_ / "five", "png"), Fault::usage);
  EXPECT_FALSE(fs::exists(root_ / "five"));
}

}  // namespace
}  // namespace duet
