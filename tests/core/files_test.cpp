#include "duet/core/files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {
namespace fs = std::filesystem;

int entries(const fs::path& folder) {
  int count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder)) ++count;
  return count;
}

/// Runs `action` in a child whose files may not grow past `bytes`, as on a full disk, and returns its Error.
std::string error_on_full_disk(rlim_t bytes, const std::function<void()>& action) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::string text = "no error";
    try {
      action();
    } catch (const Error& error) {
      text = fmt::format("{}: {}", static_cast<int>(error.fault()), error.what());
    }
    const auto written = ::write(ends[1], text.data(), text.size());
    ::_exit(written < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  std::string text;
  char block[512];
  for (ssize_t n = 0; (n = ::read(ends[0], block, sizeof(block))) > 0;) text.append(block, static_cast<size_t>(n));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return text;
}

TEST(WriteAtomic, WritesPiecesOneAfterAnother) {
  const FreshFolder folder;
  const std::string a = "abc", b, c = "de";
  write_atomic(folder / "file",
               {std::as_bytes(std::span(a)), std::as_bytes(std::span(b)), std::as_bytes(std::span(c))});
  EXPECT_EQ(read_text(folder / "file", Fault::data), "abcde");
  write_atomic(folder / "file", std::string_view("new"));
  EXPECT_EQ(read_text(folder / "file", Fault::data), "new");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(WriteAtomic, KeepsTheOldContentWhenTheDiskIsFull) {
  const FreshFolder folder;
  const auto file = folder / "checkpoint";
  write_atomic(file, std::string_view("old and whole"));
  const std::string large(100'000, 'x');
  EXPECT_EQ(error_on_full_disk(10'000, [&] { write_atomic(file, large); }),
            "6: " + file.string() + ": cannot write: File too large; free some space or choose another folder");
  EXPECT_EQ(read_text(file, Fault::data), "old and whole");
  EXPECT_EQ(entries(folder.path()), 1) << "a temporary file was left behind";
}

TEST(WritePlain, WritesAndSaysWhyItCannot) {
  const FreshFolder folder;
  const std::string text(100'000, 'x');
  const auto write = [&] { write_plain(folder / "a", std::as_bytes(std::span(text))); };
  write();
  sync_files(folder.path());
  EXPECT_EQ(read_text(folder / "a", Fault::data), text);
  EXPECT_EQ(entries(folder.path()), 1);
  EXPECT_EQ(
      error_on_full_disk(10'000, write),
      "6: " + (folder / "a").string() + ": cannot write: File too large; free some space or choose another folder");
}

TEST(WriteAtomic, TouchesNoFileOfAnotherName) {
  const FreshFolder folder;
  for (const char* name : {"file.tmp", "file.part", "file.partial", ".file.duet-abcdefgh"})
    put_file(folder / name, "my only copy");
  write_atomic(folder / "file", std::string_view("whole"));
  EXPECT_EQ(read_text(folder / "file", Fault::data), "whole");
  EXPECT_EQ(entries(folder.path()), 5);
  for (const char* name : {"file.tmp", "file.part", "file.partial", ".file.duet-abcdefgh"})
    EXPECT_EQ(read_text(folder / name, Fault::data), "my only copy") << name;
}

TEST(WriteAtomic, WritesUnderTheLongestNameThereIs) {
  const FreshFolder folder;
  write_atomic(folder / std::string(255, 'n'), std::string_view("text"));
  EXPECT_EQ(read_text(folder / std::string(255, 'n'), Fault::data), "text");
  const auto path = folder / std::string(256, 'n');
  EXPECT_EQ(error_of([&] { write_atomic(path, std::string_view("text")); }, Fault::device),
            path.string() + ": cannot create the file: File name too long; choose a shorter name");
}

TEST(CheckCanMake, SaysWhatWritingWouldSayAndMakesNothing) {
  const FreshFolder folder;
  put_file(folder / "plain", "");
  check_can_make(folder / "some/folder/file");
  EXPECT_EQ(entries(folder.path()), 1);
  EXPECT_EQ(error_of([&] { check_can_make(folder / "plain/some/file"); }, Fault::device),
            (folder / "plain/some/file").string() +
                ": cannot create the file: Not a directory; a parent of this path is a file: choose another path");
  EXPECT_EQ(error_of([&] { check_can_make(folder / std::string(256, 'n') / "file"); }, Fault::device),
            (folder / std::string(256, 'n') / "file").string() +
                ": cannot create the file: File name too long; choose a shorter name");
}

TEST(EndOfLinks, IsFoundFromTheFolderThatALinkStandsIn) {
  const FreshFolder folder;
  fs::create_directories(folder / "one/two");
  fs::create_symlink("two/second", folder / "one/first");
  fs::create_symlink("../file", folder / "one/two/second");
  EXPECT_EQ(end_of_links(folder / "one/first").lexically_normal(), folder / "one/file");
  EXPECT_EQ(end_of_links(folder / "one/file"), folder / "one/file");
}

TEST(KindOf, TellsWhatLiesAtAPath) {
  const FreshFolder folder;
  put_file(folder / "plain", "");
  fs::create_symlink(folder / "plain", folder / "link");
  fs::create_symlink(folder / "round", folder / "round");
  EXPECT_EQ(kind_of(folder.path()), "a folder");
  EXPECT_EQ(kind_of(folder / "plain"), "a file");
  EXPECT_EQ(kind_of(folder / "link"), "a file");
  EXPECT_EQ(kind_of("/dev/null"), "a device");
  EXPECT_EQ(kind_of(folder / "nothing"), "");
  EXPECT_EQ(kind_of(folder / "round"), "");
}

TEST(WriteAtomic, RefusesAFolderThatIsMissingOrNone) {
  const FreshFolder folder;
  put_file(folder / "plain", "");
  // Below a regular file, which is refused to root as well.
  EXPECT_EQ(error_of([&] { write_atomic(folder / "plain/file", std::string_view("text")); }, Fault::device),
            (folder / "plain/file").string() +
                ": cannot create the file: Not a directory; a parent of this path is a file: choose another path");
  EXPECT_EQ(error_of([&] { write_atomic(folder / "none/file", std::string_view("text")); }, Fault::device),
            (folder / "none/file").string() +
                ": cannot create the file: No such file or directory; make the folder first, or choose another");
}

TEST(WriteAtomic, RefusesAnUnwritableFolder) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  const FreshFolder folder;
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  const auto error = error_of([&] { write_atomic(folder / "file", std::string_view("text")); }, Fault::device);
  fs::permissions(folder.path(), fs::perms::owner_all);
  EXPECT_NE(error.find("Permission denied; check that the folder can be written"), std::string::npos) << error;
}

TEST(WriteAtomic, LeavesNothingWhenTheTargetIsAFolder) {
  const FreshFolder folder;
  fs::create_directory(folder / "target");
  EXPECT_EQ(error_of([&] { write_atomic(folder / "target", std::string_view("text")); }, Fault::device),
            (folder / "target").string() +
                ": cannot put in place: Is a directory; a folder has this name: move it away, or choose another name");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(MakeFolder, MakesParentsAndRefusesToPassThroughAFile) {
  const FreshFolder folder;
  make_folder(folder / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
  make_folder(folder / "a/b/c");
  put_file(folder / "plain", "");
  EXPECT_EQ(error_of([&] { make_folder(folder / "plain/sub"); }, Fault::device),
            (folder / "plain/sub").string() +
                ": cannot create the folder: Not a directory; a parent of this path is a file: choose another path");
}

TEST(ReadBytes, NamesTheFileAndTheReason) {
  const FreshFolder folder;
  const auto missing = (folder / "missing").string();
  EXPECT_EQ(error_of([&] { read_bytes(missing, Fault::data); }), missing + ": cannot read: No such file or directory");
  EXPECT_EQ(error_of([&] { read_text(folder.path(), Fault::recipe); }, Fault::recipe),
            folder.path().string() + ": is a folder, expected a file");
  put_file(folder / "empty", "");
  EXPECT_TRUE(read_bytes(folder / "empty", Fault::data).empty());
}

TEST(Sha256, MatchesThePublishedVectors) {
  // FIPS 180-2, appendix B.
  Sha256 short_one;
  short_one.update(std::as_bytes(std::span("abc", 3)));
  EXPECT_EQ(short_one.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 in_parts;
  in_parts.update(std::as_bytes(std::span("abcdbcdecdefdefgefghfghighij", 28)));
  in_parts.update(std::as_bytes(std::span("hijkijkljklmklmnlmnomnopnopq", 28)));
  EXPECT_EQ(in_parts.hex(), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

}  // namespace
}  // namespace duet
