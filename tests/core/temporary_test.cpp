#include "duet/core/temporary.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "duet/core/files.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {
namespace fs = std::filesystem;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

using Names = std::vector<std::string>;

void put_text(const fs::path& path, const std::string& text) { write_plain(path, std::as_bytes(std::span(text))); }

/// Starts a process that writes a folder and ends in the middle of it, as if killed.
void be_killed_while_writing(const fs::path& path) {
  const pid_t child = ::fork();
  if (child == 0)
    write_folder(path, [](const fs::path& folder) {
      put_text(folder / "half.txt", "hal");
      ::_exit(0);
    });
  ::waitpid(child, nullptr, 0);
}

TEST(TemporaryName, IsKnownByItsForm) {
  EXPECT_TRUE(is_temporary_name(".000012000.safetensors.duet-k3x9q2ab"));
  for (const char* name : {"keep.duet-k3x9q2ab", ".keep.duet-k3x9q2a", ".keep.duet-k3x9q2aB", ".keep.duet-", ".keep",
                           "keep.partial", "keep.tmp", ".keep.duet-part", ""})
    EXPECT_FALSE(is_temporary_name(name)) << name;
}

TEST(WriteFolder, MakesItAsAWholeWithItsParents) {
  const FreshFolder folder;
  write_folder(folder / "some/where/new/", [&](const fs::path& inside) {
    EXPECT_EQ(names_in(folder / "some/where").size(), 1u);
    EXPECT_FALSE(fs::exists(folder / "some/where/new"));
    put_text(inside / "a.txt", "a");
  });
  EXPECT_EQ(names_in(folder / "some/where"), Names{"new"});
  EXPECT_EQ(names_in(folder / "some/where/new"), Names{"a.txt"});
}

TEST(WriteFolder, LeavesNothingWhereItFailsAndNamesTheFileByItsFinalPlace) {
  const FreshFolder folder;
  const auto path = (folder / "new").string();
  EXPECT_EQ(
      error_of(
          [&] {
            write_folder(path, [](const fs::path& inside) {
              put_text(inside / "a.txt", "a");
              put_text(inside / "none/b.txt", "b");
            });
          },
          Fault::device),
      path +
          "/none/b.txt: cannot create the file: No such file or directory; make the folder first, or choose another");
  EXPECT_TRUE(fs::is_empty(folder.path()));
  EXPECT_THROW(write_folder(path, [](const fs::path&) { throw 5; }), int);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(WriteFolder, TakesThePlaceOfAnEmptyFolderAndItsPermissions) {
  const FreshFolder folder;
  fs::create_directory(folder / "real");
  fs::permissions(folder / "real", fs::perms::owner_all);
  fs::create_directory_symlink(folder / "real", folder / "link");
  write_folder(folder / "link", [](const fs::path& inside) { put_text(inside / "a.txt", "a"); });
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(names_in(folder / "real"), Names{"a.txt"});
  EXPECT_EQ(fs::status(folder / "real").permissions(), fs::perms::owner_all);
}

TEST(WriteFolder, NeverTakesThePlaceOfAnything) {
  const FreshFolder folder;
  for (const char* name : {"keep.partial", "keep.tmp", ".keep.duet-abcdefgh"}) {
    fs::create_directory(folder / name);
    put_file(folder / name / "mine.txt", "my only copy");
  }
  const auto fill = [](const fs::path& inside) { put_text(inside / "a.txt", "a"); };
  write_folder(folder / "keep", fill);
  // Another process was faster.
  EXPECT_EQ(error_of([&] { write_folder(folder / "keep", fill); }, Fault::device),
            (folder / "keep").string() +
                ": cannot put in place: Directory not empty; a folder with something in it has this name: choose "
                "another name");
  put_file(folder / "file", "mine");
  EXPECT_NE(error_of([&] { write_folder(folder / "file", fill); }, Fault::device), "");
  EXPECT_EQ(read_text(folder / "file", Fault::data), "mine");
  EXPECT_EQ(names_in(folder.path()), (Names{".keep.duet-abcdefgh", "file", "keep", "keep.partial", "keep.tmp"}));
  for (const char* name : {"keep.partial", "keep.tmp", ".keep.duet-abcdefgh"})
    EXPECT_EQ(read_text(folder / name / "mine.txt", Fault::data), "my only copy") << name;
}

TEST(WriteFolder, ClearsAwayWhatItsKilledPredecessorsHaveLeft) {
  const FreshFolder folder;
  for (int i = 0; i < 2; ++i) be_killed_while_writing(folder / "new");
  const auto left = names_in(folder.path());
  ASSERT_EQ(left.size(), 1u) << "they pile up";
  EXPECT_TRUE(is_temporary_name(left[0])) << left[0] << " looks whole";
  be_killed_while_writing(folder / "new-2");
  write_folder(folder / "new", [&](const fs::path&) {
    // While this one is being written, another process must not treat it as a leftover.
    be_killed_while_writing(folder / "new");
  });
  EXPECT_TRUE(fs::exists(folder / "new"));
  EXPECT_EQ(names_in(folder.path()).size(), 3u) << "its own, and one of each kill";
}

TEST(RefuseHeldFolder, TellsOfTheFolderOneIsIn) {
  const FreshFolder folder;
  fs::create_directory(folder / "empty");
  refuse_held_folder("--out x", folder / "empty");
  refuse_held_folder("--out x", folder / "none");
  const auto before = fs::current_path();
  fs::current_path(folder / "empty");
  EXPECT_EQ(error_of([] { refuse_held_folder("--out .", "."); }, Fault::usage),
            "--out .: is the working folder, which cannot be replaced; give a new folder inside it");
  fs::current_path(before);
}

TEST(RemoveLeftovers, TakesOnlyFreeFilesOfItsForm) {
  const FreshFolder folder;
  put_file(folder / "notes.tmp", "mine");
  put_file(folder / ".a.duet-abcdefgh", "half");
  put_file(folder / ".b.duet-abcdefgh", "half");
  fs::create_directory(folder / ".c.duet-abcdefgh");
  const TemporaryFile busy(folder / "d");
  remove_leftovers(folder.path(), "b");
  EXPECT_FALSE(fs::exists(folder / ".b.duet-abcdefgh"));
  EXPECT_TRUE(fs::exists(folder / ".a.duet-abcdefgh"));
  remove_leftovers(folder.path());
  const auto left = names_in(folder.path());
  ASSERT_EQ(left.size(), 3u);
  EXPECT_EQ(left[0], ".c.duet-abcdefgh");
  EXPECT_TRUE(left[1].starts_with(".d.duet-")) << left[1];
  EXPECT_EQ(left[2], "notes.tmp");
}

}  // namespace
}  // namespace duet
