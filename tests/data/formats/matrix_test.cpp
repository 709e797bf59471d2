#include "duet/data/formats/matrix.h"

#include <gtest/gtest.h>

#include <numeric>

#include "duet/core/files.h"
#include "duet/data/formats/npy.h"
#include "tests/data/damage.h"
#include "tests/data/formats/sample_arrays.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

namespace fs = std::filesystem;

/// Packs arrays of `folder` as numpy.savez_compressed does.
void write_zip(const fs::path& path, const fs::path& folder, const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, std::string>> arrays;
  for (const auto& name : names)
    arrays.emplace_back(fs::path(name).stem().string(), read_text(folder / name, Fault::data));
  sample::write_npz(path, arrays, /*deflated=*/true);
}

std::vector<uint8_t> counting(size_t size) {
  std::vector<uint8_t> bytes(size);
  std::iota(bytes.begin(), bytes.end(), uint8_t{0});
  return bytes;
}

std::string open_error(const fs::path& path, const SourceOptions& options = {}) {
  return error_of([&] { open_matrix(path, options); });
}

Shape shape_of_floats(const FreshFolder& folder, const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t dimension : shape) count *= dimension;
  write_npy(folder / "s.npy", {shape, std::vector<float>(static_cast<size_t>(count))});
  return open_matrix(folder / "s.npy", {}).train->info().shape;
}

TEST(Matrix, TellsVectorsAndPicturesByTheirDimensions) {
  FreshFolder folder;
  EXPECT_EQ(shape_of_floats(folder, {4}), (Shape{1, 1, 1}));
  EXPECT_EQ(shape_of_floats(folder, {4, 7}), (Shape{7, 1, 1}));
  EXPECT_EQ(shape_of_floats(folder, {4, 5, 6}), (Shape{1, 5, 6}));
  EXPECT_EQ(shape_of_floats(folder, {4, 3, 5, 6}), (Shape{3, 5, 6}));
  EXPECT_EQ(shape_of_floats(folder, {4, 5, 6, 3}), (Shape{3, 5, 6}));
  EXPECT_EQ(shape_of_floats(folder, {4, 100, 1, 1}), (Shape{100, 1, 1}));
  EXPECT_NE(error_of([&] { shape_of_floats(folder, {1, 1, 1, 1, 1}); }).find("5 dimensions"), std::string::npos);
  EXPECT_NE(error_of([&] { shape_of_floats(folder, {0, 2}); }).find("shape 0x2 holds nothing"), std::string::npos);
}

TEST(Matrix, PutsTheChannelsOfBytePicturesFirst) {
  FreshFolder folder;
  write_npy(folder / "hwc.npy", {{2, 2, 2, 3}, counting(24)});
  const Source source = open_matrix(folder / "hwc.npy", {});
  EXPECT_EQ(source.train->info().element, Element::uint8);
  EXPECT_EQ(source.train->info().format, "npy");
  std::vector<uint8_t> planes(12);
  source.train->read(1, planes.data());
  EXPECT_EQ(planes, (std::vector<uint8_t>{12, 15, 18, 21, 13, 16, 19, 22, 14, 17, 20, 23}));
  EXPECT_EQ(source.train->where(1), "hwc.npy[1]");
}

TEST(Matrix, KeepsFloatsAsTheyAre) {
  FreshFolder folder;
  write_npy(folder / "x.npy", {{2, 3}, std::vector<float>{1, -2.5f, 1000, 4, 5, 6}});
  const Source source = open_matrix(folder / "x.npy", {});
  EXPECT_EQ(source.train->info().element, Element::float32);
  std::vector<float> row(3);
  source.train->read(0, row.data());
  EXPECT_EQ(row, (std::vector<float>{1, -2.5f, 1000}));
  EXPECT_EQ(source.train->label(0), -1);
}

TEST(Matrix, ResizesPicturesOfBytesAndFloatsButNotOfManyChannels) {
  FreshFolder folder;
  write_npy(folder / "b.npy", {{1, 4, 4}, std::vector<uint8_t>(16, 50)});
  EXPECT_EQ(open_matrix(folder / "b.npy", {.resolution = 8, .channels = 3}).train->info().shape, (Shape{3, 8, 8}));
  write_npy(folder / "f.npy", {{1, 4, 4}, std::vector<float>(16)});
  EXPECT_EQ(open_matrix(folder / "f.npy", {.resolution = 4}).train->info().shape, (Shape{1, 4, 4}));
  EXPECT_EQ(open_matrix(folder / "f.npy", {.resolution = 8}).train->info().shape, (Shape{1, 8, 8}));
  write_npy(folder / "m.npy", {{1, 7, 5, 5}, std::vector<uint8_t>(175)});
  EXPECT_EQ(open_matrix(folder / "m.npy", {}).train->info().shape, (Shape{7, 5, 5}));
  EXPECT_NE(open_error(folder / "m.npy", {.resolution = 8}).find("set data.resolution and data.channels to 0"),
            std::string::npos);
}

TEST(Matrix, ReadsExamplesAndLabelsOfAnNpz) {
  FreshFolder folder;
  write_npy(folder / "y.npy", {{3}, std::vector<uint8_t>{2, 0, 1}});
  write_npy(folder / "images.npy", {{3, 2, 2}, counting(12)});
  write_zip(folder / "set.npz", folder.path(), {"y.npy", "images.npy"});
  const Source source = open_matrix(folder / "set.npz", {});
  EXPECT_EQ(source.train->info().shape, (Shape{1, 2, 2}));
  EXPECT_EQ(source.train->info().classes.size(), 3u);
  EXPECT_EQ(source.train->label(0), 2);
  EXPECT_EQ(source.train->where(2), "set.npz:images[2]");
  EXPECT_FALSE(source.test);
}

TEST(Matrix, TakesTheFirstArrayOfAnNpzWithoutKnownNamesAndKnowsATestPart) {
  FreshFolder folder;
  write_npy(folder / "arr_0.npy", {{4, 2, 2, 3}, counting(48)});
  write_npy(folder / "arr_1.npy", {{4}, counting(4)});
  write_zip(folder / "samples.npz", folder.path(), {"arr_0.npy", "arr_1.npy"});
  EXPECT_EQ(open_matrix(folder / "samples.npz", {}).train->info().shape, (Shape{3, 2, 2}));
  for (const char* name : {"x_train.npy", "x_test.npy"}) write_npy(folder / name, {{2, 2, 2}, counting(8)});
  for (const char* name : {"y_train.npy", "y_test.npy"}) write_npy(folder / name, {{2}, counting(2)});
  write_zip(folder / "keras.npz", folder.path(), {"x_test.npy", "x_train.npy", "y_train.npy", "y_test.npy"});
  const Source source = open_matrix(folder / "keras.npz", {});
  ASSERT_TRUE(source.test);
  EXPECT_EQ(source.test->label(1), 1);
  EXPECT_EQ(source.test->where(0), "keras.npz:x_test[0]");
}

TEST(Matrix, RefusesLabelsOfAnotherCount) {
  FreshFolder folder;
  write_npy(folder / "x.npy", {{3, 2}, counting(6)});
  write_npy(folder / "y.npy", {{2}, counting(2)});
  write_zip(folder / "set.npz", folder.path(), {"x.npy", "y.npy"});
  EXPECT_NE(open_error(folder / "set.npz").find("set.npz:y: 2 labels, but"), std::string::npos);
}

TEST(Matrix, ReadsCsvAsVectorsWithClasses) {
  FreshFolder folder;
  put_file(folder / "points.csv", "x,y0,label\n1,2,0\n3,4,2\n");
  const Source source = open_matrix(folder / "points.csv", {.resolution = 64});
  EXPECT_EQ(source.train->info().shape, (Shape{2, 1, 1}));
  EXPECT_EQ(source.train->info().format, "csv");
  EXPECT_EQ(source.train->info().classes, (std::vector<std::string>{"0", "1", "2"}));
  std::vector<float> row(2);
  source.train->read(1, row.data());
  EXPECT_EQ(row, (std::vector<float>{3, 4}));
}

TEST(Matrix, TellsTheFormatByContentWhereTheNameDoesNot) {
  FreshFolder folder;
  put_file(folder / "points.txt", "1,2\n3,4\n");
  EXPECT_EQ(open_matrix(folder / "points.txt", {}).train->info().format, "csv");
  write_npy(folder / "array.bin", {{2, 2}, counting(4)});
  EXPECT_EQ(open_matrix(folder / "array.bin", {}).train->info().format, "npy");
}

TEST(Matrix, SurvivesDamagedNpzFiles) {
  FreshFolder folder;
  write_npy(folder / "x.npy", {{3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6}});
  write_npy(folder / "y.npy", {{3}, counting(3)});
  write_zip(folder / "set.npz", folder.path(), {"x.npy", "y.npy"});
  const int refused = try_damaged(read_text(folder / "set.npz", Fault::data), 500, [&](const std::string& damaged) {
    put_file(folder / "damaged.npz", damaged);
    open_matrix(folder / "damaged.npz", {});
  });
  EXPECT_GT(refused, 300);
}

}  // namespace
}  // namespace duet
