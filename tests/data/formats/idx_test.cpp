#include "duet/data/formats/idx.h"

#include <gtest/gtest.h>

#include <array>

#include "duet/core/files.h"
#include "duet/data/formats/gzip.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

namespace fs = std::filesystem;

/// `count` pictures of 2x3 whose bytes count up from `first`, labelled 0, 1, 2, 0, ...
void write_small(const fs::path& folder, const std::string& name, int count, uint8_t first) {
  std::vector<uint8_t> images(static_cast<size_t>(count) * 6), labels(static_cast<size_t>(count));
  for (size_t i = 0; i < images.size(); ++i) images[i] = static_cast<uint8_t>(first + i);
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<uint8_t>(i % 3);
  write_idx(folder, {name, {1, 2, 3}, images, labels});
}

std::string idx_bytes(std::vector<uint8_t> header, size_t payload) {
  std::string bytes(header.begin(), header.end());
  return bytes + std::string(payload, '\x05');
}

std::vector<uint8_t> example(const Dataset& dataset, int64_t index) {
  std::vector<uint8_t> bytes(static_cast<size_t>(dataset.info().shape.numel()));
  dataset.read(index, bytes.data());
  return bytes;
}

std::string open_error(const fs::path& path) {
  return error_of([&] { open_idx(path, {}); });
}

TEST(Idx, ReadsWhatItWrote) {
  FreshFolder folder;
  write_small(folder.path(), "train", 5, 10);
  write_small(folder.path(), "t10k", 2, 100);
  const Source source = open_idx(folder.path(), {});
  const DatasetInfo& info = source.train->info();
  EXPECT_EQ(info.format, "idx");
  EXPECT_EQ(info.shape, (Shape{1, 2, 3}));
  EXPECT_EQ(info.size, 5);
  EXPECT_EQ(info.classes, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(example(*source.train, 1), (std::vector<uint8_t>{16, 17, 18, 19, 20, 21}));
  EXPECT_EQ(source.train->label(4), 1);
  EXPECT_EQ(source.train->where(3), "train-images-idx3-ubyte[3]");
  ASSERT_TRUE(source.test);
  EXPECT_EQ(source.test->info().size, 2);
  EXPECT_EQ(example(*source.test, 0)[0], 100);
  EXPECT_EQ(source.test->info().classes.size(), 3u);
}

TEST(Idx, ReadsCompressedFilesTheSame) {
  FreshFolder folder;
  write_small(folder.path(), "train", 5, 10);
  for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}) {
    put_file(folder / (std::string(name) + ".gz"), gzip(read_bytes(folder / name, Fault::data)));
    fs::remove(folder / name);
  }
  const Source source = open_idx(folder.path(), {});
  EXPECT_EQ(example(*source.train, 4)[5], 39);
  EXPECT_EQ(source.train->label(2), 2);
  EXPECT_FALSE(source.test);
}

TEST(Idx, ReadsColourPicturesFromFourDimensions) {
  FreshFolder folder;
  std::vector<uint8_t> images(2 * 3 * 2 * 2);
  for (size_t i = 0; i < images.size(); ++i) images[i] = static_cast<uint8_t>(i);
  write_idx(folder.path(), {"train", {3, 2, 2}, images, {}});
  EXPECT_TRUE(fs::exists(folder / "train-images-idx4-ubyte"));
  const Source source = open_idx(folder.path(), {});
  EXPECT_EQ(source.train->info().shape, (Shape{3, 2, 2}));
  EXPECT_EQ(example(*source.train, 1)[0], 12);
}

TEST(Idx, TakesOneImagesFileWithoutLabelsAsTheTrainingPart) {
  FreshFolder folder;
  write_small(folder.path(), "train", 3, 0);
  write_small(folder.path(), "t10k", 3, 0);
  fs::remove(folder / "train-labels-idx1-ubyte");
  const Source source = open_idx(folder / "train-images-idx3-ubyte", {});
  EXPECT_EQ(source.train->label(0), -1);
  EXPECT_TRUE(source.train->info().classes.empty());
  EXPECT_FALSE(source.test);
}

TEST(Idx, KnowsTheNamesOfEmnistAndAsksWhichOfTwoSetsIsMeant) {
  FreshFolder folder;
  write_small(folder.path(), "emnist-letters-train", 3, 0);
  write_small(folder.path(), "emnist-letters-test", 2, 0);
  EXPECT_EQ(open_idx(folder.path(), {}).test->info().size, 2);
  write_small(folder.path(), "emnist-digits-train", 3, 0);
  const std::string text = open_error(folder.path());
  EXPECT_NE(text.find("emnist-digits-train-images-idx3-ubyte and emnist-letters-train-images"), std::string::npos)
      << text;
}

TEST(Idx, FitsPicturesToTheAskedResolutionAndChannels) {
  FreshFolder folder;
  const std::vector<uint8_t> images(2 * 4 * 4, 90);
  write_idx(folder.path(), {"train", {1, 4, 4}, images, {}});
  const Source source = open_idx(folder.path(), {.resolution = 2, .channels = 3});
  EXPECT_EQ(source.train->info().shape, (Shape{3, 2, 2}));
  EXPECT_EQ(example(*source.train, 1), std::vector<uint8_t>(12, 90));
}

TEST(Idx, SaysWhatThePicturesWereBeforeTheyWereFitted) {
  FreshFolder folder;
  write_small(folder.path(), "train", 2, 0);
  EXPECT_EQ(open_idx(folder.path(), {.resolution = 2, .channels = 3}).train->info().original, (Shape{1, 2, 3}));
  EXPECT_EQ(open_idx(folder.path(), {}).train->info().original, Shape{});
}

TEST(Idx, RefusesAResolutionThatTheMemoryCannotHold) {
  FreshFolder folder;
  write_small(folder.path(), "train", 8, 0);
  const auto text = error_of([&] { open_idx(folder.path(), {.resolution = 1 << 20}); }, Fault::recipe);
  EXPECT_TRUE(
      text.starts_with("train-images-idx3-ubyte: resized to 1x1048576x1048576, its 8 pictures would take 8192 "
                       "GiB, and this machine has "))
      << text;
  EXPECT_NE(text.find("; expected a resolution of at most "), std::string::npos) << text;
}

TEST(Idx, RefusesATruncatedFileNamingBothSizes) {
  FreshFolder folder;
  const fs::path file = folder / "train-images-idx3-ubyte";
  put_file(file, idx_bytes({0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3}, 11));
  const std::string text = open_error(folder.path());
  EXPECT_EQ(text, file.string() + ": 27 bytes, the header declares 28; the file is cut short, get it again");
  put_file(file, idx_bytes({0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3}, 13));
  EXPECT_NE(open_error(folder.path()).find("more than the 28 bytes"), std::string::npos);
}

TEST(Idx, RefusesACompressedFileThatIsCutShortNamingBothSizes) {
  FreshFolder folder;
  std::vector<uint8_t> images(100 * 28 * 28);
  for (size_t i = 0; i < images.size(); ++i) images[i] = static_cast<uint8_t>(mix(i));
  write_idx(folder.path(), {"train", {1, 28, 28}, images, {}});
  const auto compressed = gzip(read_bytes(folder / "train-images-idx3-ubyte", Fault::data));
  fs::remove(folder / "train-images-idx3-ubyte");
  put_file(folder / "train-images-idx3-ubyte.gz", std::span(compressed).first(compressed.size() / 2));
  const std::string text = open_error(folder.path());
  EXPECT_NE(text.find("after decompression, the header declares 78416"), std::string::npos) << text;
}

TEST(Idx, RefusesAWrongMagicNumberNamingIt) {
  FreshFolder folder;
  const fs::path file = folder / "train-images-idx3-ubyte";
  put_file(file, std::string("\x89PNG....", 8));
  EXPECT_NE(open_error(folder.path()).find("begins with 0x89504e47, not an IDX file"), std::string::npos);
  put_file(file, idx_bytes({0, 0, 13, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}, 4));
  EXPECT_NE(open_error(folder.path()).find("magic 0x00000d03 says element type 0x0d"), std::string::npos);
  put_file(file, idx_bytes({0, 0, 8, 1, 0, 0, 0, 1}, 1));
  EXPECT_NE(open_error(folder.path()).find("magic 0x00000801 says 1 dimensions; expected images (0x00000803"),
            std::string::npos);
}

TEST(Idx, RefusesCountsThatDisagreeNamingBothCountsAndFiles) {
  FreshFolder folder;
  write_small(folder.path(), "train", 5, 0);
  put_file(folder / "train-labels-idx1-ubyte", idx_bytes({0, 0, 8, 1, 0, 0, 0, 4}, 4));
  const std::string text = open_error(folder.path());
  EXPECT_NE(text.find("train-labels-idx1-ubyte: 4 labels"), std::string::npos) << text;
  EXPECT_NE(text.find("train-images-idx3-ubyte has 5 images"), std::string::npos) << text;
}

TEST(Idx, RefusesAHeaderThatDeclaresMoreThanAnyFileHolds) {
  FreshFolder folder;
  put_file(folder / "train-images-idx3-ubyte",
           idx_bytes({0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, 10));
  EXPECT_NE(open_error(folder.path()).find("header is damaged"), std::string::npos);
}

TEST(Idx, RefusesTestPicturesOfAnotherShapeAndUnknownTestLabels) {
  FreshFolder folder;
  write_small(folder.path(), "train", 5, 0);
  write_idx(folder.path(), {"t10k", {1, 2, 2}, std::array<uint8_t, 4>{}, {}});
  EXPECT_NE(open_error(folder.path()).find("test examples are 1x2x2, the training examples"), std::string::npos);
  write_idx(folder.path(), {"t10k", {1, 2, 3}, std::array<uint8_t, 6>{}, std::array<uint8_t, 1>{9}});
  EXPECT_NE(open_error(folder.path()).find("label 9, but the 3 classes"), std::string::npos);
}

TEST(Idx, SurvivesDamagedFiles) {
  FreshFolder folder;
  write_small(folder.path(), "train", 40, 0);
  const std::string content = read_text(folder / "train-images-idx3-ubyte", Fault::data);
  const auto read = [&](const std::string& damaged) {
    put_file(folder / "train-images-idx3-ubyte", damaged);
    open_idx(folder.path(), {});
  };
  EXPECT_GT(try_damaged(content, 300, read), 200);
  put_file(folder / "train-images-idx3-ubyte", content);
  const auto compressed = gzip(std::as_bytes(std::span(content.data(), content.size())));
  EXPECT_GT(try_damaged({reinterpret_cast<const char*>(compressed.data()), compressed.size()}, 300, read), 200);
}

TEST(Idx, ReadsTheRealMnist) {
  const fs::path mnist = real_data() / "mnist";
  if (!fs::exists(mnist)) GTEST_SKIP() << "no " << mnist << "; set DUET_DATA to a folder that holds mnist";
  const Source source = open_idx(mnist, {});
  ASSERT_EQ(source.train->info().size, 60'000);
  ASSERT_EQ(source.test->info().size, 10'000);
  EXPECT_EQ(source.train->info().shape, (Shape{1, 28, 28}));
  std::array<int, 10> histogram{};
  for (int64_t i = 0; i < 60'000; ++i) ++histogram[static_cast<size_t>(source.train->label(i))];
  EXPECT_EQ(histogram, (std::array<int, 10>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}));
  EXPECT_EQ(source.train->label(0), 5);
  EXPECT_EQ(source.test->label(0), 7);
  EXPECT_EQ(example(*source.train, 0)[5 * 28 + 12], 3);  // the first inked pixel of the first picture
}

}  // namespace
}  // namespace duet
