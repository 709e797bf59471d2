#include "duet/core/paths.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

namespace fs = std::filesystem;

std::string looking_at(const fs::path& path) {
  return error_of([&] { look_at(path, Fault::usage); }, Fault::usage);
}

/// Runs `action` as an unprivileged user and returns its result; empty if there is no such user.
std::string as_nobody(const std::function<std::string()>& action) {
  int ends[2];
  if (::pipe(ends) != 0) return "";
  const pid_t child = ::fork();
  if (child == 0) {
    std::string text;
    if (::geteuid() != 0 || (::setresgid(65534, 65534, 65534) == 0 && ::setresuid(65534, 65534, 65534) == 0))
      text = action();
    const bool written = ::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text(8192, '\0');
  const ssize_t count = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  text.resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
  return text;
}

TEST(Paths, TellWhatLiesThere) {
  FreshFolder folder;
  put_file(folder / "file", std::string("x"));
  fs::create_symlink("file", folder / "link");
  fs::create_symlink("nowhere", folder / "dead");
  EXPECT_EQ(look_at(folder.path(), Fault::data), PathKind::folder);
  EXPECT_EQ(look_at(folder / "file", Fault::data), PathKind::file);
  EXPECT_EQ(look_at(folder / "link", Fault::data), PathKind::file);
  for (const char* name : {"dead", "none", "none/deeper", "file/deeper", ""})
    EXPECT_EQ(look_at(name[0] ? folder / name : fs::path(), Fault::data), PathKind::missing) << name;
  EXPECT_EQ(look_at("/dev/null", Fault::data), PathKind::other);
}

TEST(Paths, ALoopOfLinksIsNamed) {
  FreshFolder folder;
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  const std::string
      a = (folder / "a").string(),
      rest =
          "a loop of symbolic links; expected a file or folder at the end of them; remove the link, or point it to one";
  EXPECT_EQ(looking_at(a), a + ": " + rest);
  EXPECT_EQ(looking_at(a + "/x/y"), a + "/x/y: " + a + " is " + rest);
}

TEST(Paths, ANameOrPathThatIsTooLongIsNamed) {
  const std::string name(300, 'n');
  EXPECT_EQ(looking_at(name), name + ": the file name is too long (300 bytes); expected at most 255; check the path");
  std::string path;
  for (int i = 0; i < 500; ++i) path += "0123456789/";
  const auto text = looking_at(path);
  EXPECT_TRUE(
      text.ends_with(": the path is too long (5500 bytes); expected at most 4095; check it, or change to a folder "
                     "nearer to it and give the rest"))
      << text;
  EXPECT_LT(text.size(), 400U);
}

TEST(Paths, AFolderThatMayNotBeEnteredIsNamed) {
  FreshFolder folder;
  fs::create_directory(folder / "closed");
  put_file(folder / "closed/file", std::string("x"));
  ::chmod(folder.path().c_str(), 0755);
  ::chmod((folder / "closed").c_str(), 0);
  const std::string closed = (folder / "closed").string();
  const auto file = as_nobody([&] { return looking_at(closed + "/file"); });
  const auto list = as_nobody([&] { return error_of([&] { entries_of(closed, Fault::data); }, Fault::data); });
  ::chmod((folder / "closed").c_str(), 0755);
  if (file.empty()) GTEST_SKIP() << "no other user can be had here";
  EXPECT_EQ(file, closed + "/file: permission denied, as the folder " + closed +
                      " may not be entered; expected a path that you may read; change its permissions, or ask its "
                      "owner to");
  EXPECT_EQ(list, closed +
                      ": permission denied; expected a file or folder that you may read; change its permissions, "
                      "or ask its owner to");
}

TEST(Paths, EntriesComeSortedByName) {
  FreshFolder folder;
  for (const char* name : {"b", "a", "C"}) put_file(folder / name, std::string());
  std::string names;
  for (const auto& entry : entries_of(folder.path(), Fault::data)) names += entry.path().filename().string();
  EXPECT_EQ(names, "Cab");
  EXPECT_NE(error_of([&] { entries_of(folder / "a", Fault::data); }, Fault::data).find("Not a directory"),
            std::string::npos);
}

TEST(Paths, ADeletedWorkingFolderIsNamed) {
  const auto text = as_nobody([] {
    FreshFolder folder;
    if (::chdir(folder.path().c_str()) != 0) return std::string();
    fs::remove(folder.path());
    return error_of([] { check_working_folder("some/where", Fault::recipe); }, Fault::recipe);
  });
  EXPECT_EQ(text,
            "some/where: cannot be found, because the working folder has been deleted; expected one that exists; cd to "
            "it, or give an absolute path");
  EXPECT_NO_THROW(check_working_folder("some/where", Fault::recipe));
}

}  // namespace
}  // namespace duet
