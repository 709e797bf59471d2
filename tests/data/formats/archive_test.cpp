#include "duet/data/formats/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <clocale>
#include <cstdlib>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/data/formats/folder.h"
#include "tests/data/formats/sample_archive.h"
#include "tests/picture/sample_pictures.h"
#include "tests/places.h"

namespace duet {
namespace {

using sample::encode_jpeg;
using sample::Entries;
using sample::picture;
using sample::Scratch;
using sample::text_bytes;
using sample::write_tar;

std::string message_of(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    return error.what();
  }
  return "(no error)";
}

std::vector<uint8_t> example(const Dataset& data, int64_t index) {
  std::vector<uint8_t> out(static_cast<size_t>(data.info().shape.numel()));
  data.read(index, out.data());
  return out;
}

/// Twelve pictures in three classes and two parts, in an order that is not sorted, with names long enough to need the
/// extensions of every tar format.
Entries twelve() {
  const std::string longer(90, 'x');
  Entries entries = {{"set/", {}}, {"set/readme.txt", text_bytes("hello")}};
  for (int i = 11; i >= 0; --i)
    entries.emplace_back("set/" + std::string(i < 8 ? "train" : "test") + "/c" + std::to_string(i % 3) + "/" +
                             (i % 2 ? longer : "") + std::to_string(10 + i) + ".png",
                         encode_png(picture(6, 6, 3, static_cast<uint64_t>(i))));
  return entries;
}

struct Packing {
  const char* name;
  int (*format)(archive*);
  int (*filter)(archive*);
};

void PrintTo(const Packing& packing, std::ostream* out) { *out << packing.name; }

class Tar : public testing::TestWithParam<Packing> {};

TEST_P(Tar, GivesTheExamplesOfTheUnpackedFolder) {
  const Scratch scratch;
  const auto entries = twelve();
  write_tar(scratch / "a.tar", entries, GetParam().format, GetParam().filter);
  for (const auto& [name, bytes] : entries)
    if (!name.ends_with('/')) scratch.write(name, bytes);
  const Source packed = open_archive(scratch / "a.tar", {});
  const Source unpacked = open_folder_source(scratch / "set", {});
  for (const auto& [left, right] : {std::pair{packed.train, unpacked.train}, std::pair{packed.test, unpacked.test}}) {
    ASSERT_TRUE(left && right);
    ASSERT_EQ(left->info().size, right->info().size);
    EXPECT_EQ(left->info().classes, (std::vector<std::string>{"c0", "c1", "c2"}));
    for (int64_t i = 0; i < left->info().size; ++i) {
      EXPECT_EQ(example(*left, i), example(*right, i));
      EXPECT_EQ(left->label(i), right->label(i));
    }
  }
  EXPECT_EQ(packed.train->info().format, "tar");
  EXPECT_EQ(packed.train->where(0).find((scratch / "a.tar").string() + ":set/train/c0/"), 0U);
  EXPECT_EQ(packed.train->info().left_out.endings, (std::map<std::string, int64_t>{{".txt", 1}}));
}

INSTANTIATE_TEST_SUITE_P(Packings, Tar,
                         testing::Values(Packing{"pax", archive_write_set_format_pax, archive_write_add_filter_none},
                                         Packing{"ustar", archive_write_set_format_ustar,
                                                 archive_write_add_filter_none},
                                         Packing{"gnu", archive_write_set_format_gnutar, archive_write_add_filter_none},
                                         Packing{"gz", archive_write_set_format_gnutar, archive_write_add_filter_gzip},
                                         Packing{"xz", archive_write_set_format_pax, archive_write_add_filter_xz}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Archive, OneFolderAroundPicturesIsNoClass) {
  const Scratch scratch;
  write_tar(scratch / "a.tar",
            {{"pictures/b.png", encode_png(picture(4, 4, 1))}, {"./pictures/a.jpg", encode_jpeg(picture(4, 4, 1))}});
  const Source source = open_archive(scratch / "a.tar", {});
  EXPECT_EQ(source.train->info().size, 2);
  EXPECT_TRUE(source.train->info().classes.empty());
  EXPECT_FALSE(source.test);
}

TEST(Archive, ATrainFolderAloneIsTheTrainingPart) {
  const Scratch scratch;
  write_tar(scratch / "a.tar",
            {{"train/b/1.png", encode_png(picture(4, 4, 1))}, {"train/a/1.png", encode_png(picture(4, 4, 1))}});
  EXPECT_EQ(open_archive(scratch / "a.tar", {}).train->info().classes, (std::vector<std::string>{"a", "b"}));
}

TEST(Archive, NamesInOtherScriptsAreKept) {
  const Scratch scratch;
  const char* locale = std::setlocale(LC_ALL, "C.UTF-8");
  if (!locale) GTEST_SKIP() << "no UTF-8 locale to write the archive with";
  write_tar(scratch / "a.tar",
            {{"s/größe/1.png", encode_png(picture(4, 4, 1))}, {"s/猫/1.png", encode_png(picture(4, 4, 1))}},
            archive_write_set_format_pax);
  std::setlocale(LC_ALL, "C");
  EXPECT_EQ(open_archive(scratch / "a.tar", {}).train->info().classes, (std::vector<std::string>{"größe", "猫"}));
}

TEST(Archive, AHardLinkIsTheSamePicture) {
  const Scratch scratch;
  for (auto* filter : {archive_write_add_filter_none, archive_write_add_filter_gzip}) {
    write_tar(scratch / "a.tar", {{"a.png", encode_png(picture(4, 4, 1))}, {"b.png", text_bytes("->a.png")}},
              archive_write_set_format_gnutar, filter);
    const auto data = open_archive(scratch / "a.tar", {}).train;
    ASSERT_EQ(data->info().size, 2);
    EXPECT_EQ(example(*data, 0), example(*data, 1));
  }
}

TEST(Archive, OverTheMemoryLimitAsksForAnUncompressedOne) {
  const Scratch scratch;
  Entries entries;
  for (int i = 0; i < 4; ++i)
    entries.emplace_back(std::to_string(i) + ".png", encode_png(picture(512, 512, 3, static_cast<uint64_t>(i))));
  write_tar(scratch / "a.tar.gz", entries, archive_write_set_format_gnutar, archive_write_add_filter_gzip);
  EXPECT_EQ(message_of([&] { open_archive(scratch / "a.tar.gz", {}, 1 << 20); }),
            (scratch / "a.tar.gz").string() +
                ": the pictures in this archive take over 1 MiB, which is all that is kept in memory of a packed one; "
                "expected less; unpack it and give the folder, or an uncompressed .tar, which is read in place");
  write_tar(scratch / "a.tar", entries);
  EXPECT_EQ(open_archive(scratch / "a.tar", {}, 1 << 20).train->info().size, 4);
}

TEST(Archive, EveryTruncationIsRefusedOrWhole) {
  const Scratch scratch;
  for (auto* filter : {archive_write_add_filter_none, archive_write_add_filter_gzip}) {
    write_tar(scratch / "whole", twelve(), archive_write_set_format_gnutar, filter);
    const auto bytes = read_bytes(scratch / "whole", Fault::data);
    int refused = 0;
    for (size_t part = 0; part < 50; ++part) {
      scratch.write("cut", std::span(bytes).first(bytes.size() * part / 50));
      try {
        const Source source = open_archive(scratch / "cut", {});
        for (int64_t i = 0; i < source.train->info().size; ++i) example(*source.train, i);
      } catch (const Error& error) {
        EXPECT_EQ(error.fault(), Fault::data);
        ++refused;
      }
    }
    EXPECT_GT(refused, 40);
  }
}

TEST(Archive, FlippedBytesOpenOrThrow) {
  const Scratch scratch;
  for (auto* filter : {archive_write_add_filter_none, archive_write_add_filter_gzip}) {
    write_tar(scratch / "whole", twelve(), archive_write_set_format_gnutar, filter);
    const auto bytes = read_bytes(scratch / "whole", Fault::data);
    for (uint64_t round = 0; round < 150; ++round) {
      Random random(3, 4, round);
      auto flipped = bytes;
      for (int i = 0; i < 3; ++i)
        flipped[static_cast<size_t>(random.below(static_cast<int64_t>(bytes.size())))] ^= std::byte{0x21};
      scratch.write("flipped", flipped);
      try {
        const Source source = open_archive(scratch / "flipped", {});
        for (int64_t i = 0; i < source.train->info().size; ++i) example(*source.train, i);
      } catch (const Error& error) {
        EXPECT_EQ(error.fault(), Fault::data) << error.what();
      }
    }
  }
}

TEST(Archive, ThatIsNoneSaysSo) {
  const Scratch scratch;
  scratch.write("a.tar", "this is a text of more than nothing, but no archive");
  const std::string message = message_of([&] { open_archive(scratch / "a.tar", {}); });
  EXPECT_TRUE(message.starts_with((scratch / "a.tar").string() + ": is not an archive that duet reads (")) << message;
  EXPECT_EQ(message_of([] { open_archive("/no/such.tar", {}); }),
            "/no/such.tar: does not exist; expected a .tar, compressed or not, or a .zip; check the path");
}

TEST(Archive, OpensTheRealCifarPictures) {
  const char* set = std::getenv("DUET_DATA");
  const std::filesystem::path folder = set ? set : std::string(source_path()) + "/../shared/data";
  const auto path = folder / "cifar10-train-jpg.tar.gz";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << path << " is not there; set DUET_DATA to the folder that holds it";
  const Source source = open_archive(path, {});
  const DatasetInfo& info = source.train->info();
  EXPECT_EQ(info.size, 50'000);
  EXPECT_EQ(info.shape, (Shape{3, 32, 32}));
  ASSERT_EQ(info.classes.size(), 10U);
  EXPECT_EQ(info.classes.front(), "airplane");
  std::vector<int> sizes(10);
  for (int64_t i = 0; i < info.size; ++i) ++sizes[static_cast<size_t>(source.train->label(i))];
  EXPECT_EQ(sizes, std::vector<int>(10, 5'000));
  for (int64_t i = 0; i < info.size; i += 997) EXPECT_NO_THROW(example(*source.train, i));
}

}  // namespace
}  // namespace duet
