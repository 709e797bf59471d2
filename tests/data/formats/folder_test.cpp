#include "duet/data/formats/folder.h"

#include <gtest/gtest.h>

#include "duet/core/error.h"
#include "duet/data/formats/class_folders.h"
#include "duet/data/formats/image_set.h"
#include "tests/picture/sample_pictures.h"

namespace duet {
namespace {

using sample::encode_jpeg;
using sample::picture;
using sample::Scratch;

std::string message_of(const auto& action, Fault fault = Fault::data) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), fault);
    return error.what();
  }
  return "(no error)";
}

std::vector<std::string> names_of(const Dataset& data) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < data.info().size; ++i) names.push_back(dynamic_cast<const ImageSet&>(data).name(i));
  return names;
}

TEST(Folder, OfPicturesHasNoLabelsAndSortsByName) {
  const Scratch scratch;
  for (const char* name : {"c.png", "a.PNG", "b.png"}) scratch.write(name, picture(6, 6, 1));
  scratch.write("d.Jpeg", encode_jpeg(picture(6, 6, 1)));
  const auto data = open_folder(scratch.path(), {});
  EXPECT_EQ(names_of(*data), (std::vector<std::string>{"a.PNG", "b.png", "c.png", "d.Jpeg"}));
  EXPECT_EQ(data->info().shape, (Shape{1, 6, 6}));
  EXPECT_EQ(data->info().format, "folder");
  EXPECT_TRUE(data->info().classes.empty());
  EXPECT_EQ(data->label(0), -1);
  EXPECT_EQ(data->where(1), (scratch / "b.png").string());
}

TEST(Folder, GivesChannelPlanes) {
  const Scratch scratch;
  const Image image = picture(4, 3, 3);
  scratch.write("a.png", image);
  const auto data = open_folder(scratch.path(), {});
  std::vector<uint8_t> out(static_cast<size_t>(data->info().shape.numel()));
  data->read(0, out.data());
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < 3; ++y)
      for (int x = 0; x < 4; ++x) EXPECT_EQ(out[static_cast<size_t>((c * 3 + y) * 4 + x)], image.at(x, y)[c]);
}

TEST(Folder, ClassFoldersGiveLabelsInOrderOfName) {
  const Scratch scratch;
  scratch.write("dog/1.png", picture(4, 4, 3));
  scratch.write("cat/deep/er/2.png", picture(4, 4, 3));
  scratch.write("cat/1.png", picture(4, 4, 3));
  const auto data = open_folder(scratch.path(), {});
  EXPECT_EQ(data->info().classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(names_of(*data), (std::vector<std::string>{"cat/1.png", "cat/deep/er/2.png", "dog/1.png"}));
  EXPECT_EQ(data->label(1), 0);
  EXPECT_EQ(data->label(2), 1);
}

TEST(Folder, NumericClassFoldersAreSortedAsNumbers) {
  const Scratch scratch;
  for (const char* name : {"10/a.png", "9/a.png", "007/a.png", "0/a.png"}) scratch.write(name, picture(4, 4, 1));
  EXPECT_EQ(open_folder(scratch.path(), {})->info().classes, (std::vector<std::string>{"0", "007", "9", "10"}));
}

TEST(Folder, CountsOtherFilesAndSkipsHiddenOnes) {
  const Scratch scratch;
  scratch.write("a.png", picture(4, 4, 1));
  scratch.write("notes.TXT", "x");
  scratch.write("LICENSE", "x");
  scratch.write("._a.png", "x");
  scratch.write("__MACOSX/a.png", "x");
  const auto data = open_folder(scratch.path(), {});
  EXPECT_EQ(data->info().size, 1);
  EXPECT_EQ(data->info().left_out.endings, (std::map<std::string, int64_t>{{".txt", 1}, {"", 1}}));
}

TEST(Folder, AFolderWithoutPicturesIsAClassWithoutExamples) {
  const Scratch scratch;
  scratch.write("cat/a.png", picture(4, 4, 1));
  scratch.write("dog/readme.txt", "x");
  EXPECT_EQ(open_folder(scratch.path(), {})->info().classes, (std::vector<std::string>{"cat", "dog"}));
}

TEST(Folder, NamesThePictureOfAnotherSize) {
  const Scratch scratch;
  scratch.write("a.png", picture(8, 8, 3));
  scratch.write("b.jpg", encode_jpeg(picture(10, 6, 3)));
  scratch.write("c.png", picture(8, 9, 3));
  EXPECT_EQ(message_of([&] { open_folder(scratch.path(), {}); }),
            (scratch / "b.jpg").string() +
                ": is 10x6 pixels where the first picture is 8x8 (2 of 3 differ); expected one size; set "
                "data.resolution (such as 64) to crop and resize them all");
}

TEST(Folder, AResolutionMakesAllPicturesEqual) {
  const Scratch scratch;
  scratch.write("a.png", picture(8, 8, 1));
  scratch.write("b.png", picture(10, 6, 4));
  const auto data = open_folder(scratch.path(), {.resolution = 5, .channels = 3});
  EXPECT_EQ(data->info().shape, (Shape{3, 5, 5}));
  std::vector<uint8_t> out(75, 0);
  for (int64_t i = 0; i < 2; ++i) EXPECT_NO_THROW(data->read(i, out.data()));
}

TEST(Folder, SaysWhatTheFirstPictureWasBeforeItWasFitted) {
  const Scratch scratch;
  scratch.write("a.png", picture(7, 5, 3));
  EXPECT_EQ(open_folder(scratch.path(), {.resolution = 4, .channels = 1})->info().original, (Shape{3, 5, 7}));
  EXPECT_EQ(open_folder(scratch.path(), {})->info().original, Shape{});
  // Where nothing must be known of the pictures, a damaged one hinders nobody yet.
  scratch.write("a.png", "no picture");
  EXPECT_EQ(open_folder(scratch.path(), {.resolution = 4, .channels = 1})->info().original, Shape{});
}

TEST(Folder, ADamagedFirstPictureDoesNotPreventOpening) {
  const Scratch scratch;
  scratch.write("a.png", "this is no picture");
  scratch.write("b.png", picture(7, 7, 3));
  const auto data = open_folder(scratch.path(), {});
  EXPECT_EQ(data->info().shape, (Shape{3, 7, 7}));
  std::vector<uint8_t> out(147);
  EXPECT_NE(message_of([&] { data->read(0, out.data()); }).find("a.png: is not a picture"), std::string::npos);
  EXPECT_NO_THROW(data->read(1, out.data()));
}

TEST(Folder, WithoutPicturesSaysWhatItHolds) {
  const Scratch scratch;
  scratch.write("a.gif", "x");
  scratch.write("b.gif", "x");
  scratch.write("c.txt", "x");
  EXPECT_EQ(message_of([&] { open_folder(scratch.path(), {}); }),
            scratch.path().string() +
                ": holds no pictures (found only 2 .gif, 1 .txt); expected PNG, JPEG, WebP, TIFF, PGM or PPM files, or "
                "one folder "
                "of them per class; convert them, for instance to PNG");
  std::filesystem::remove(scratch / "a.gif");
  std::filesystem::remove(scratch / "b.gif");
  EXPECT_TRUE(message_of([&] { open_folder(scratch.path(), {}); }).ends_with("per class; check the path"));
}

TEST(Folder, RefusesPicturesBesideClassFolders) {
  const Scratch scratch;
  scratch.write("cover.png", picture(4, 4, 1));
  scratch.write("cat/a.png", picture(4, 4, 1));
  EXPECT_EQ(message_of([&] { open_folder(scratch.path(), {}); }),
            scratch.path().string() +
                ": found pictures both beside folders (1, such as cover.png) and inside them (1); expected pictures "
                "only, or one folder per class; move or remove the former");
}

TEST(Folder, ThatIsMissingIsNamed) {
  EXPECT_EQ(message_of([] { open_folder("/no/such/folder", {}); }),
            "/no/such/folder: does not exist; expected a folder of pictures; check the path");
}

TEST(Folder, RefusesTwoChannels) {
  const Scratch scratch;
  scratch.write("a.png", picture(4, 4, 1));
  EXPECT_EQ(message_of([&] { open_folder(scratch.path(), {.channels = 2}); }, Fault::recipe),
            "data.channels: is 2; expected 1 (grey), 3 (RGB), or 0 for what the first picture has");
}

TEST(Folder, ALinkBackUpEndsThere) {
  const Scratch scratch;
  scratch.write("cat/a.png", picture(4, 4, 1));
  std::filesystem::create_directory_symlink(scratch.path(), scratch / "cat/up");
  EXPECT_EQ(open_folder(scratch.path(), {})->info().size, 1);
}

TEST(FolderSource, TrainAndTestFoldersAreTheTwoParts) {
  const Scratch scratch;
  for (const char* name : {"train/cat/a.png", "train/dog/a.png", "train/eel/a.png", "test/dog/b.png", "test/eel/b.png"})
    scratch.write(name, picture(4, 4, 3));
  const Source source = open_folder_source(scratch.path(), {});
  ASSERT_TRUE(source.test);
  EXPECT_EQ(source.train->info().size, 3);
  EXPECT_EQ(source.test->info().size, 2);
  EXPECT_EQ(source.test->info().classes, source.train->info().classes);
  EXPECT_EQ(source.test->label(0), 1);  // dog, although the test part has no cat
}

TEST(FolderSource, AClassCalledTrainAmongOthersIsAClass) {
  const Scratch scratch;
  for (const char* name : {"train/a.png", "bus/a.png"}) scratch.write(name, picture(4, 4, 3));
  const Source source = open_folder_source(scratch.path(), {});
  EXPECT_FALSE(source.test);
  EXPECT_EQ(source.train->info().classes, (std::vector<std::string>{"bus", "train"}));
}

TEST(FolderSource, RefusesATestClassThatTrainingLacks) {
  const Scratch scratch;
  for (const char* name : {"train/cat/a.png", "val/cow/a.png"}) scratch.write(name, picture(4, 4, 3));
  EXPECT_EQ(message_of([&] { open_folder_source(scratch.path(), {}); }),
            scratch.path().string() +
                ": the test part has a class 'cow' that the training part lacks; expected the same class folders in "
                "both; rename or remove it");
}

TEST(FolderSource, ATestPictureOfAnotherSizeIsNamed) {
  const Scratch scratch;
  scratch.write("train/a.png", picture(4, 4, 3));
  scratch.write("test/b.png", picture(5, 5, 3));
  EXPECT_NE(message_of([&] { open_folder_source(scratch.path(), {}); }).find("b.png: is 5x5 pixels where"),
            std::string::npos);
}

}  // namespace
}  // namespace duet
