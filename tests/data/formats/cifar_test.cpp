#include "duet/data/formats/cifar.h"

#include <gtest/gtest.h>

#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

namespace fs = std::filesystem;

/// A record: label bytes, then 3072 pixels of one value.
std::string record(std::initializer_list<int> labels, int value) {
  std::string bytes;
  for (const int label : labels) bytes += static_cast<char>(label);
  return bytes + std::string(3072, static_cast<char>(value));
}

void write_cifar10(const fs::path& folder) {
  for (int batch = 1; batch <= 5; ++batch)
    put_file(folder / ("data_batch_" + std::to_string(batch) + ".bin"), record({batch}, 10 * batch) + record({9}, 200));
  put_file(folder / "test_batch.bin", record({3}, 77));
}

std::string open_error(const fs::path& path) {
  return error_of([&] { open_cifar(path, {}); });
}

TEST(Cifar, ReadsTheFiveBatchesInOrderAndTheTestBatch) {
  FreshFolder folder;
  write_cifar10(folder.path());
  const Source source = open_cifar(folder.path(), {});
  EXPECT_EQ(source.train->info().size, 10);
  EXPECT_EQ(source.train->info().shape, (Shape{3, 32, 32}));
  EXPECT_EQ(source.train->info().format, "cifar");
  EXPECT_EQ(source.train->info().classes.size(), 10u);
  EXPECT_EQ(source.train->label(4), 3);
  std::vector<uint8_t> pixels(3072);
  source.train->read(4, pixels.data());
  EXPECT_EQ(pixels, std::vector<uint8_t>(3072, 30));
  EXPECT_EQ(source.test->label(0), 3);
}

TEST(Cifar, TakesClassNamesFromTheMetaFileAndFindsTheArchivesFolder) {
  FreshFolder folder;
  const fs::path inner = folder / "cifar-10-batches-bin";
  fs::create_directory(inner);
  write_cifar10(inner);
  put_file(inner / "batches.meta.txt", "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\r\ntruck\n\n");
  EXPECT_TRUE(has_cifar_files(folder.path()));
  const Source source = open_cifar(folder.path(), {});
  EXPECT_EQ(source.train->info().classes.at(3), "cat");
  EXPECT_EQ(source.test->info().classes.at(8), "ship");
  put_file(inner / "batches.meta.txt", "airplane\nbird\n");
  EXPECT_NE(open_error(folder.path()).find("2 class names, expected 10"), std::string::npos);
}

TEST(Cifar, TakesTheFineLabelsOfTheHundredClasses) {
  FreshFolder folder;
  put_file(folder / "train.bin", record({19, 99}, 1) + record({2, 0}, 255));
  const Source source = open_cifar(folder.path(), {});
  EXPECT_EQ(source.train->info().size, 2);
  EXPECT_EQ(source.train->info().classes.size(), 100u);
  EXPECT_EQ(source.train->label(0), 99);
  EXPECT_FALSE(source.test);
}

TEST(Cifar, RefusesAMissingBatchATruncatedOneAndAWrongLabel) {
  FreshFolder folder;
  write_cifar10(folder.path());
  fs::remove(folder / "data_batch_3.bin");
  EXPECT_NE(open_error(folder.path()).find("data_batch_3.bin: missing"), std::string::npos);
  put_file(folder / "data_batch_3.bin", record({1}, 0).substr(0, 3000));
  EXPECT_NE(open_error(folder.path()).find("data_batch_3.bin: 3000 bytes are not whole CIFAR-10 records of 3073 bytes"),
            std::string::npos);
  put_file(folder / "data_batch_3.bin", record({1}, 0) + record({10}, 0));
  EXPECT_NE(open_error(folder.path()).find("data_batch_3.bin[1]: label 10"), std::string::npos);
}

TEST(Cifar, SaysWhatItExpectedInAFolderWithoutItsFiles) {
  FreshFolder folder;
  EXPECT_FALSE(has_cifar_files(folder.path()));
  EXPECT_NE(open_error(folder.path()).find("expected a folder with data_batch_1.bin"), std::string::npos);
}

TEST(Cifar, SurvivesDamagedFiles) {
  FreshFolder folder;
  const int refused = try_damaged(record({1, 2}, 3) + record({4, 5}, 6), 200, [&](const std::string& damaged) {
    put_file(folder / "train.bin", damaged);
    open_cifar(folder.path(), {});
  });
  EXPECT_GT(refused, 250);
}

}  // namespace
}  // namespace duet
