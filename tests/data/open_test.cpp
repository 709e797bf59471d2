#include <gtest/gtest.h>

#include "duet/data/builtin.h"
#include "duet/data/dataset.h"
#include "duet/data/formats/idx.h"
#include "duet/data/formats/npy.h"
#include "duet/picture/image.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

namespace fs = std::filesystem;

std::string format_of(const std::string& spec) { return open_source(spec, {}).train->info().format; }

std::string open_error(const std::string& spec) {
  return error_of([&] { open_source(spec, {}); });
}

TEST(OpenSource, OpensABuiltInSetByName) {
  const std::string name = builtin_sets().front().name;
  for (const auto& spec : {name, "builtin:" + name}) {
    const Source source = open_source(spec, {});
    EXPECT_TRUE(source.train->info().endless);
    EXPECT_EQ(source.train->info().name, name);
  }
}

TEST(OpenSource, DetectsTheFormatOfFilesAndFolders) {
  FreshFolder folder;
  const std::vector<uint8_t> pixels(16);
  write_idx(folder / "idx", {"train", {1, 2, 2}, pixels, {}});
  EXPECT_EQ(format_of((folder / "idx").string()), "idx");
  EXPECT_EQ(format_of((folder / "idx/train-images-idx3-ubyte").string()), "idx");
  fs::create_directory(folder / "cifar");
  put_file(folder / "cifar/train.bin", std::string(3074, '\0'));
  EXPECT_EQ(format_of((folder / "cifar").string()), "cifar");
  write_npy(folder / "a.npy", {{4, 4}, pixels});
  EXPECT_EQ(format_of((folder / "a.npy").string()), "npy");
  put_file(folder / "a.csv", "1,2\n");
  EXPECT_EQ(format_of((folder / "a.csv").string()), "csv");
  fs::create_directory(folder / "pictures");
  write_png(folder / "pictures/a.png", blank_image(4, 4, 1));
  EXPECT_EQ(format_of((folder / "pictures").string()), "folder");
}

TEST(OpenSource, OpensAFileInTheStatedFormat) {
  FreshFolder folder;
  put_file(folder / "points.txt", "1,2\n");
  EXPECT_EQ(format_of("csv:" + (folder / "points.txt").string()), "csv");
  EXPECT_NE(open_error((folder / "points.txt").string()).find("is not clear from its name"), std::string::npos);
  EXPECT_NE(open_error("idx:" + folder.path().string()).find("no training images in IDX format"), std::string::npos);
}

TEST(OpenSource, AdvisesAFormatOnlyWhereTheContentLooksLikeIt) {
  FreshFolder folder;
  const auto hint = [&](const std::string& name) {
    const auto text = open_error((folder / name).string());
    const std::string before = "or a folder; ";
    return text.substr(text.find(before) + before.size());
  };
  const auto named = [&](const std::string& format, const std::string& name) {
    return fmt::format("it begins like {0}: name the format as in {0}:{1}", format, (folder / name).string());
  };
  put_file(folder / "README.md", "# 60,000 digits\n1. Unpack them.\n");
  EXPECT_EQ(hint("README.md"), "its content is not data either; check the path");
  put_file(folder / "empty", "");
  EXPECT_EQ(hint("empty"), "its content is not data either; check the path");
  put_file(folder / "points", "x,y\n1.5,-2e3\n");
  EXPECT_EQ(hint("points"), named("csv", "points"));
  put_file(folder / "pictures", std::string("\0\0\x08\x03\0\0\0\x01", 8));
  EXPECT_EQ(hint("pictures"), named("idx", "pictures"));
  put_file(folder / "packed.gz", "\x1f\x8b\x08");
  EXPECT_TRUE(hint("packed.gz").starts_with("it is compressed by gzip, and its content is in no format"));
  write_png(folder / "a.png", blank_image(4, 4, 1));
  EXPECT_EQ(hint("a.png"), "it is one picture: give the folder it lies in");
}

TEST(OpenSource, SendsFromAFileBesideTheDataToTheirFolder) {
  FreshFolder folder;
  write_idx(folder / "set", {"train", {1, 2, 2}, std::vector<uint8_t>(8), std::vector<uint8_t>(2)});
  put_file(folder / "set/README.md", "About.\n");
  for (const char* name : {"set/README.md", "set/train-labels-idx1-ubyte"})
    EXPECT_TRUE(open_error((folder / name).string())
                    .ends_with("; the folder it lies in holds data: give " + (folder / "set").string() + " (idx)"))
        << open_error((folder / name).string());
}

TEST(OpenSource, NamesTheFolderInsideThatWasMeant) {
  FreshFolder folder;
  const auto say = [&](const std::string& what) {
    return folder.path().string() +
           ": holds neither pictures nor the files of one data set, but there are data inside; give " + what;
  };
  write_idx(folder / "MNIST/raw", {"train", {1, 2, 2}, std::vector<uint8_t>(8), {}});
  const auto mnist = (folder / "MNIST/raw").string() + " (idx)";
  EXPECT_EQ(open_error(folder.path().string()), say(mnist));
  fs::create_directory(folder / "cifar");
  put_file(folder / "cifar/train.bin", std::string(3074, '\0'));
  put_file(folder / "README.md", "Sets.");
  EXPECT_EQ(open_error(folder.path().string()), say(mnist + " or " + (folder / "cifar").string() + " (cifar)"));
  fs::create_directory(folder / "pictures");
  write_png(folder / "pictures/a.png", blank_image(4, 4, 1));
  EXPECT_EQ(format_of(folder.path().string()), "folder") << "pictures are data themselves";
}

TEST(OpenSource, SendsFromFolderToTheFormatThatTheFolderItselfHas) {
  FreshFolder folder;
  write_idx(folder / "set", {"train", {1, 2, 2}, std::vector<uint8_t>(8), {}});
  const auto set = (folder / "set").string();
  EXPECT_EQ(open_error("folder:" + set), set + ": contains no pictures but is a data set in another format; give " +
                                             set + " (idx), without folder:");
}

TEST(OpenSource, SuggestsTheNearestBuiltInNameOrFormat) {
  std::string name = builtin_sets().front().name;
  ASSERT_GT(name.size(), 3u);
  std::swap(name[1], name[2]);
  EXPECT_NE(open_error(name).find("did you mean the built-in " + builtin_sets().front().name), std::string::npos);
  EXPECT_NE(open_error("builtin:" + name).find("did you mean the built-in"), std::string::npos);
  EXPECT_NE(open_error("fodler:pictures").find("'fodler' is not a data format"), std::string::npos);
  EXPECT_NE(open_error("fodler:pictures").find("did you mean folder:?"), std::string::npos);
}

TEST(OpenSource, SaysHowToGetAWellKnownSetThatIsNotThere) {
  for (const char* name : {"mnist", "MNIST", "no/such/folder/mnist"})
    EXPECT_NE(open_error(name).find("`duet data fetch mnist`"), std::string::npos) << open_error(name);
  EXPECT_NE(open_error("minst").find("did you mean mnist?"), std::string::npos);
  EXPECT_NE(open_error("Fashion_MNIST").find("`duet data fetch fashion-mnist`"), std::string::npos);
  EXPECT_NE(open_error("cifar-10").find("`duet data fetch cifar10`"), std::string::npos);
}

TEST(OpenSource, SaysWhereItLookedForAMissingPath) {
  const std::string text = open_error("/no/such/folder/at-all");
  EXPECT_NE(text.find("/no/such/folder/at-all: neither a built-in data set nor a file or folder (looked in "
                      "/no/such/folder)"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("built-in sets are "), std::string::npos);
  EXPECT_NE(open_error("").find("an empty name"), std::string::npos);
}

TEST(OpenSource, OpensTheRealMnist) {
  const fs::path mnist = real_data() / "mnist";
  if (!fs::exists(mnist)) GTEST_SKIP() << "no " << mnist << "; set DUET_DATA to a folder that holds mnist";
  const Source source = open_source(mnist.string(), {.resolution = 32});
  EXPECT_EQ(source.train->info().shape, (Shape{1, 32, 32}));
  EXPECT_EQ(source.train->info().size, 60'000);
  EXPECT_EQ(source.test->info().size, 10'000);
}

}  // namespace
}  // namespace duet
