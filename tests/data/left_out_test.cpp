#include "duet/data/left_out.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "duet/core/error.h"
#include "duet/data/formats/archive.h"
#include "duet/data/formats/folder.h"
#include "duet/data/inspect/inspect.h"
#include "duet/data/split.h"
#include "tests/data/formats/sample_archive.h"
#include "tests/picture/sample_pictures.h"

namespace duet {
namespace {

namespace fs = std::filesystem;
using sample::picture;
using sample::Scratch;

constexpr const char* kLine =
    "3 of 5 picture files are left out (2 .gif, 1 .heic), as duet reads PNG, JPEG, WebP, TIFF, PGM or PPM; convert "
    "them to use "
    "them";

sample::Entries mixed() {
  sample::Entries entries;
  for (const char* name : {"a.png", "b.png"}) entries.emplace_back(name, encode_png(picture(4, 4, 1)));
  for (const char* name : {"c.gif", "d.GIF", "e.heic", "notes.txt"})
    entries.emplace_back(name, sample::text_bytes("x"));
  return entries;
}

TEST(LeftOut, PictureFilesThatAreNotReadAreToldInOneLine) {
  const Scratch scratch;
  for (const auto& [name, bytes] : mixed()) scratch.write("set/" + name, bytes);
  sample::write_tar(scratch / "a.tar", mixed());
  sample::write_tar(scratch / "a.zip", mixed(), archive_write_set_format_zip);
  for (const Source& source : {open_folder_source(scratch / "set", {}), open_archive(scratch / "a.tar", {}),
                               open_archive(scratch / "a.zip", {})})
    EXPECT_EQ(describe_left_out(split_source(source, {}).train->info().left_out), kLine);
}

TEST(LeftOut, OtherFilesNeedNoWord) {
  EXPECT_EQ(describe_left_out({.endings = {{".txt", 12}, {"", 1}}, .pictures_read = 3}), "");
  EXPECT_EQ(describe_left_out({}), "");
}

TEST(LeftOut, OnePictureIsNoPlural) {
  EXPECT_EQ(describe_left_out({.endings = {{".bmp", 1}}, .pictures_read = 1'999}),
            "1 of 2,000 picture files is left out (1 .bmp), as duet reads PNG, JPEG, WebP, TIFF, PGM or PPM; convert "
            "them to use them");
}

TEST(LeftOut, InspectCountsItAmongTheThingsToLookAt) {
  const Scratch scratch;
  for (const auto& [name, bytes] : mixed()) scratch.write(name, bytes);
  const auto findings = inspect(open_folder_source(scratch.path(), {})).findings;
  const auto found =
      std::find_if(findings.begin(), findings.end(), [](const Finding& finding) { return finding.code == "left_out"; });
  ASSERT_NE(found, findings.end());
  EXPECT_EQ(found->text, std::string(kLine) + ".");
}

TEST(LeftOut, LinksThatLeadNowhereAreSkippedAndTold) {
  const Scratch scratch;
  scratch.write("cat/a.png", picture(4, 4, 1));
  fs::create_symlink("round", scratch / "round");
  fs::create_symlink("nowhere", scratch / "cat/b.png");
  const auto data = open_folder(scratch.path(), {});
  EXPECT_EQ(data->info().size, 1);
  EXPECT_EQ(describe_left_out(data->info().left_out), "2 links lead nowhere and are left out, such as cat/b.png");
}

TEST(LeftOut, PicturesOfASecondTestFolderAreTold) {
  const Scratch scratch;
  for (const char* name : {"train/a.png", "test/a.png", "val/a.png", "val/b.png"})
    scratch.write(name, picture(4, 4, 1));
  const Source source = open_folder_source(scratch.path(), {});
  ASSERT_TRUE(source.test);
  EXPECT_EQ(describe_left_out(source.train->info().left_out),
            "2 pictures are in neither the training nor the test part and left out, such as val/a.png");
}

TEST(LeftOut, AFolderNameThatIsNoUtf8BecomesAClassThatIs) {
  const Scratch scratch;
  for (const char* name : {"caf\xe9/a.png", "caf\xe9/b.png", "tea/a.png"}) scratch.write(name, picture(4, 4, 1));
  const auto data = open_folder(scratch.path(), {});
  EXPECT_EQ(data->info().classes, (std::vector<std::string>{"caf\\xe9", "tea"}));
  EXPECT_EQ(data->label(1), 0);
  EXPECT_EQ(data->label(2), 1);
  std::vector<uint8_t> out(16);
  EXPECT_NO_THROW(data->read(0, out.data()));
  scratch.write("caf\\xe9/a.png", picture(4, 4, 1));
  try {
    open_folder(scratch.path(), {});
    FAIL() << "two classes of one name";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    EXPECT_NE(std::string(error.what()).find("two class folders cannot be told apart"), std::string::npos);
  }
}

TEST(LeftOut, TrainAndTestPartAgreeOnNamesThatAreNoUtf8) {
  const Scratch scratch;
  for (const char* name : {"train/caf\xe9/a.png", "train/tea/a.png", "test/caf\xe9/b.png"})
    scratch.write(name, picture(4, 4, 1));
  const Source source = open_folder_source(scratch.path(), {});
  ASSERT_TRUE(source.test);
  EXPECT_EQ(source.test->label(0), 0);
  EXPECT_EQ(source.test->info().classes, source.train->info().classes);
}

}  // namespace
}  // namespace duet
