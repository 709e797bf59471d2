#include <gtest/gtest.h>
#include <langinfo.h>

#include <clocale>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/data/dataset.h"
#include "duet/data/formats/archive.h"
#include "duet/data/formats/gzip.h"
#include "duet/data/formats/idx.h"
#include "duet/data/formats/npy.h"
#include "duet/data/formats/npz.h"
#include "duet/data/formats/sniff.h"
#include "tests/data/damage.h"
#include "tests/data/formats/sample_archive.h"
#include "tests/picture/sample_pictures.h"

// Archives and compressed files: what is in them decides, and advice about those that are not read leads on.
namespace duet {
namespace {

namespace fs = std::filesystem;
using sample::Entries;
using sample::picture;
using sample::Scratch;
using sample::text_bytes;
using sample::write_tar;

Entries pictures() {
  Entries entries;
  for (int i = 0; i < 6; ++i)
    entries.emplace_back(fmt::format("set/{}/{}.png", i % 2 ? "cat" : "dog", i),
                         encode_png(picture(6, 6, 3, static_cast<uint64_t>(i))));
  return entries;
}

int store(archive* zip) {
  const int made = archive_write_set_format_zip(zip);
  return made == ARCHIVE_OK ? archive_write_zip_set_compression_store(zip) : made;
}

/// A file as `program` would compress it.
void compress(const fs::path& path, const std::vector<std::byte>& bytes, int (*filter)(archive*)) {
  write_tar(path, {{"data", bytes}}, archive_write_set_format_raw, filter);
}

std::vector<std::byte> npy_bytes() {
  const Scratch scratch;
  write_npy(scratch / "x.npy", {{4, 2}, std::vector<uint8_t>(8)});
  return read_bytes(scratch / "x.npy", Fault::internal);
}

std::string opening(const fs::path& path, const std::string& format = "") {
  return error_of([&] { open_source((format.empty() ? "" : format + ":") + path.string(), {}); });
}

TEST(Zip, OfPicturesIsReadAsTheTarIs) {
  const Scratch scratch;
  write_tar(scratch / "a.tar", pictures());
  write_tar(scratch / "stored.zip", pictures(), store);
  write_tar(scratch / "packed.zip", pictures(), archive_write_set_format_zip);
  const auto tar = open_archive(scratch / "a.tar", {}).train;
  for (const char* name : {"stored.zip", "packed.zip"}) {
    const auto zip = open_source((scratch / name).string(), {}).train;
    EXPECT_EQ(zip->info().format, "zip");
    EXPECT_EQ(zip->info().classes, tar->info().classes);
    ASSERT_EQ(zip->info().size, 6);
    std::vector<uint8_t> left(108), right(108);
    for (int64_t i = 0; i < 6; ++i) {
      tar->read(i, left.data());
      zip->read(i, right.data());
      EXPECT_EQ(left, right);
      EXPECT_EQ(zip->label(i), tar->label(i));
    }
    for (const char* format : {"tar", "zip"})
      EXPECT_NO_THROW(open_source(fmt::format("{}:{}", format, (scratch / name).string()), {}));
  }
}

TEST(Zip, OfZerosFillsNoMemory) {
  const Scratch scratch;
  Entries entries = pictures();
  for (int i = 0; i < 4; ++i) entries.emplace_back(fmt::format("set/dog/x{}.png", i), std::vector<std::byte>(8 << 20));
  write_tar(scratch / "a.zip", entries, archive_write_set_format_zip);
  const auto data = open_archive(scratch / "a.zip", {}, 1 << 20).train;
  EXPECT_EQ(data->info().size, 10);
  std::vector<uint8_t> out(108);
  EXPECT_NE(error_of([&] { data->read(9, out.data()); }).find("x3.png: is not a picture that duet can read"),
            std::string::npos);
  // Pictures that go on for ever are over the limit.
  auto endless = encode_png(picture(6, 6, 3));
  endless.resize(8 << 20);
  write_tar(scratch / "b.zip", {{"a.png", endless}}, archive_write_set_format_zip);
  EXPECT_NE(error_of([&] { open_archive(scratch / "b.zip", {}, 1 << 20); }).find("take over 1 MiB"), std::string::npos);
}

TEST(Zip, DamagedIsRefusedOrReadAsFarAsItIsWhole) {
  const Scratch scratch;
  write_tar(scratch / "a.zip", pictures(), archive_write_set_format_zip);
  const auto bytes = read_bytes(scratch / "a.zip", Fault::internal);
  const std::string content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const int refused = try_damaged(content, 100, [&](const std::string& damaged) {
    scratch.write("b.zip", std::as_bytes(std::span(damaged)));
    const Source source = open_source((scratch / "b.zip").string(), {.resolution = 4, .channels = 1});
    std::vector<uint8_t> out(16);
    for (int64_t i = 0; i < source.train->info().size; ++i) source.train->read(i, out.data());
  });
  EXPECT_GT(refused, 100);
}

TEST(Zip, NamesThatAreNoUtf8BecomeClassesThatAre) {
  const Scratch scratch;
  for (auto* format : {archive_write_set_format_zip, archive_write_set_format_ustar}) {
    // Two letters in the place of two bytes that libarchive would not write.
    write_tar(scratch / "a",
              {{"s/caQQ/a.png", encode_png(picture(4, 4, 1))}, {"s/tea/a.png", encode_png(picture(4, 4, 1))}}, format);
    auto bytes = read_bytes(scratch / "a", Fault::internal);
    for (size_t i = 0; i + 1 < bytes.size(); ++i)
      if (bytes[i] == std::byte{'Q'} && bytes[i + 1] == std::byte{'Q'}) bytes[i] = bytes[i + 1] = std::byte{0xe9};
    if (format == archive_write_set_format_ustar) {  // its checksum knows of the names
      int sum = 0;
      for (size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? ' ' : std::to_integer<int>(bytes[i]);
      const std::string text = fmt::format("{:06o}", sum);
      for (size_t i = 0; i < 6; ++i) bytes[148 + i] = static_cast<std::byte>(text[i]);
    }
    scratch.write("b", bytes);
    EXPECT_EQ(open_archive(scratch / "b", {}).train->info().classes, (std::vector<std::string>{"ca\\xe9\\xe9", "tea"}));
  }
}

TEST(Zip, NamesInOtherScriptsAreKept) {
  const Scratch scratch;
  const char* locale = std::setlocale(LC_ALL, "C.UTF-8");
  if (!locale) GTEST_SKIP() << "no UTF-8 locale to write the archive with";
  write_tar(scratch / "a.zip",
            {{"s/größe/1.png", encode_png(picture(4, 4, 1))}, {"s/猫/1.png", encode_png(picture(4, 4, 1))}},
            archive_write_set_format_zip);
  std::setlocale(LC_ALL, "C");
  EXPECT_EQ(open_archive(scratch / "a.zip", {}).train->info().classes, (std::vector<std::string>{"größe", "猫"}));
  EXPECT_STREQ(nl_langinfo(CODESET), "ANSI_X3.4-1968") << "the thread's locale is as it was";
}

TEST(Zip, OfArraysIsOpenedAsArrays) {
  const Scratch scratch;
  write_npz(scratch / "a.npz", {{"x", {{4, 2}, std::vector<uint8_t>(8)}}});
  fs::copy(scratch / "a.npz", scratch / "a.zip");
  EXPECT_EQ(open_source((scratch / "a.zip").string(), {}).train->info().format, "npy");
}

TEST(Zip, OfOtherDataSaysToUnpackIt) {
  const Scratch scratch;
  write_tar(scratch / "a.zip", {{"set/points.csv", text_bytes("1,2\n")}}, archive_write_set_format_zip);
  EXPECT_EQ(opening(scratch / "a.zip"), (scratch / "a.zip").string() +
                                            ": contains no pictures but set/points.csv, which is data in another "
                                            "format; expected pictures in an archive; unpack it and give the folder");
}

TEST(Packed, ArchivesAreKnownByTheirContentWhateverTheirName) {
  const Scratch scratch;
  const std::vector<std::pair<const char*, int (*)(archive*)>> kinds = {
      {"a.txz", archive_write_add_filter_xz},      {"a.tbz2", archive_write_add_filter_bzip2},
      {"a.tgz", archive_write_add_filter_gzip},    {"a.tar.zst", archive_write_add_filter_zstd},
      {"download", archive_write_add_filter_none}, {"download.xz", archive_write_add_filter_xz},
      {"wrong.zip", archive_write_add_filter_gzip}};
  for (const auto& [name, filter] : kinds) {
    write_tar(scratch / name, pictures(), archive_write_set_format_gnutar, filter);
    EXPECT_EQ(open_source((scratch / name).string(), {}).train->info().size, 6) << name;
  }
  write_tar(scratch / "wrong.tar", pictures(), archive_write_set_format_zip);
  EXPECT_EQ(open_source((scratch / "wrong.tar").string(), {}).train->info().format, "zip");
  scratch.write("array", npy_bytes());
  EXPECT_EQ(open_source((scratch / "array").string(), {}).train->info().size, 4);
}

TEST(Packed, AdviceOnACompressedArrayLeadsToData) {
  const Scratch scratch;
  const std::vector<std::tuple<const char*, const char*, int (*)(archive*)>> kinds = {
      {"gzip", "gunzip", archive_write_add_filter_gzip},
      {"bzip2", "bunzip2", archive_write_add_filter_bzip2},
      {"xz", "unxz", archive_write_add_filter_xz},
      {"zstd", "unzstd", archive_write_add_filter_zstd}};
  for (const auto& [kind, program, filter] : kinds) {
    compress(scratch / "x.npy.z", npy_bytes(), filter);
    const auto advice =
        fmt::format("it is a .npy array compressed by {}, which is not read so: unpack it with {} and give {}", kind,
                    program, (scratch / "x.npy").string());
    for (const char* format : {"", "tar", "zip", "npy", "csv", "idx"})
      EXPECT_TRUE(opening(scratch / "x.npy.z", format).ends_with("; " + advice))
          << format << ": " << opening(scratch / "x.npy.z", format);
  }
  scratch.write("x.npy", npy_bytes());
  EXPECT_EQ(opening(scratch / "x.npy"), "");
}

TEST(Packed, AdviceOnAnythingElseLeadsOnToo) {
  const Scratch scratch;
  compress(scratch / "points.csv.xz", text_bytes("x,y\n1,2\n"), archive_write_add_filter_xz);
  EXPECT_TRUE(opening(scratch / "points.csv.xz")
                  .ends_with("it is a table compressed by xz, which is not read so: unpack it with unxz and give " +
                             (scratch / "points.csv").string()));
  compress(scratch / "points.gz", text_bytes("x,y\n1,2\n"), archive_write_add_filter_gzip);
  EXPECT_TRUE(opening(scratch / "points.gz").ends_with("give csv:" + (scratch / "points").string()));
  write_idx(scratch.path(), {"train", {1, 2, 2}, std::vector<uint8_t>(8), {}});
  fs::rename(scratch / "train-images-idx3-ubyte", scratch / "set");
  scratch.write("other/set.gz", gzip(read_bytes(scratch / "set", Fault::internal)));
  EXPECT_TRUE(
      opening(scratch / "other/set.gz").ends_with("name the format as in idx:" + (scratch / "other/set.gz").string()));
  EXPECT_EQ(opening(scratch / "other/set.gz", "idx"), "");
  scratch.write("a.7z", "7z\xbc\xaf\x27\x1c rest");
  EXPECT_TRUE(opening(scratch / "a.7z")
                  .ends_with("it is a 7-zip archive, which is not read: unpack it and give the "
                             "folder"));
  write_tar(scratch / "a.zip", pictures(), archive_write_set_format_zip);
  for (const char* format : {"npy", "csv", "idx"})
    EXPECT_EQ(opening(scratch / "a.zip", format),
              fmt::format("{0}: is not {1} data but a zip archive; expected one format; leave out {1}:",
                          (scratch / "a.zip").string(), format));
}

TEST(Packed, WhatIsNoFileOrFolderIsRefused) {
  EXPECT_EQ(opening("/dev/null"),
            "/dev/null: is a device, a pipe or a socket; expected a file or folder; save the data in a file");
}

TEST(Packed, AFolderWithALoopOfLinksInItStillNamesTheDataInside) {
  const Scratch scratch;
  write_idx(scratch / "deep/raw", {"train", {1, 2, 2}, std::vector<uint8_t>(8), {}});
  fs::create_symlink("loop", scratch / "loop");
  EXPECT_TRUE(opening(scratch.path()).ends_with("give " + (scratch / "deep/raw").string() + " (idx)"))
      << opening(scratch.path());
}

}  // namespace
}  // namespace duet
