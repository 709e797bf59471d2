// Where the program writes, and what it does not touch.
#include <algorithm>

#include "duet/data/open.h"
#include "tests/cli/program.h"
#include "tests/places.h"

namespace duet {
namespace {

class Slow_Places : public Cli {
 protected:
  std::string names() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder_.path())) all.push_back(entry.path().filename().string());
    std::sort(all.begin(), all.end());
    return fmt::format("{}", fmt::join(all, " "));
  }
};

TEST_F(Slow_Places, FoldersAndFilesOfLikeNamesStay) {
  expect_success("train digits.toml --out run --threads 1");
  const std::vector<std::string> mine{"keep.partial", "keep.tmp", "keep.part", ".keep.partial", "keep~"};
  for (const auto& name : mine) {
    fs::create_directory(folder_ / name);
    put_file(folder_ / name / "mine.txt", "my only copy");
  }
  for (const char* name : {"x.npy.tmp", "x.npz.partial", "x.png.tmp", "made.partial"})
    put_file(folder_ / name, "my only copy");
  expect_success("sample run -n 4 --out keep");
  expect_success("sample run -n 4 --out x.npy");
  expect_success("sample run -n 4 --out x.npz");
  expect_success("sample run -n 4 --out x.png");
  expect_success("data make digits -n 4 --out made");
  for (const auto& name : mine) EXPECT_EQ(text(name + "/mine.txt"), "my only copy") << name;
  for (const char* name : {"x.npy.tmp", "x.npz.partial", "x.png.tmp", "made.partial"})
    EXPECT_EQ(text(name), "my only copy") << name;
  EXPECT_EQ(names().find(".duet-"), std::string::npos) << names();
}

TEST_F(Slow_Places, SamplesAreRefusedAPlaceThatIsNoneBeforeTheyAreMade) {
  expect_success("train digits.toml --out run --threads 1");
  put_file(folder_ / "notes", "");
  fs::create_directory(folder_ / "folder.npy");
  // This many would take minutes.
  const std::string many = "sample run -n 10000000 --out ";
  const std::string folder =
      "; expected a .png (one sheet), a .npy (one array), a .npz (x and classes y), a .csv (vectors) or a new folder";
  expect_refusal(many + "-", Fault::usage,
                 "--out -: samples are not written to stdout; give a file (.png, .npy, .npz, .csv) or a folder");
  expect_refusal(many + "/dev/null", Fault::usage, "--out /dev/null: is a device" + folder);
  expect_refusal(many + "notes", Fault::usage, "--out notes: is a file" + folder);
  expect_refusal(many + "folder.npy", Fault::usage,
                 "--out folder.npy: is a folder; expected a file; give another name");
  expect_refusal(many + ". ", Fault::usage,
                 "--out .: is not empty, and its pictures would mix with these; give a new folder");
  expect_refusal(many + "''", Fault::usage,
                 "--out is empty; expected a file or a new folder; leave it out for sample.png");
  expect_refusal(
      many + "notes/x.npy", Fault::device,
      "notes/x.npy: cannot create the file: Not a directory; a parent of this path is a file: choose another path");
  expect_refusal("data make ring -n 10 --out ring.csv", Fault::usage,
                 "ring.csv: is named as a file; expected a new or empty folder, which a set is written to; give ring");
  const auto piped = shell("duet " + many + "/dev/stdout | cat");
  EXPECT_NE(piped.error.find("--out /dev/stdout: is a pipe" + folder), std::string::npos) << piped.error;
  expect_success("sample run -n 2 --out some/where/x.npy");
  expect_success("sample run -n 2 --out some/where/else");
  expect_success("sample run -n 2 --out ./-");
  EXPECT_TRUE(fs::is_directory(folder_ / "-"));
}

TEST_F(Slow_Places, ALinkStaysOneAndLeadsToTheSamples) {
  expect_success("train digits.toml --out run --threads 1");
  put_file(folder_ / "real.npy", "old");
  fs::create_symlink("real.npy", folder_ / "link.npy");
  expect_success("sample run -n 2 --out link.npy");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.npy"));
  EXPECT_TRUE(text("real.npy").starts_with("\x93NUMPY"));
}

TEST_F(Slow_Places, DataAreMadeAsAWholeOrNotAtAll) {
  for (const std::string format : {"png", "idx", "npy"}) {
    const std::string make = "duet data make digits -n 300 --format " + format + " --out made";
    // A file at its size limit, as on a full disk.
    const auto full = shell("{ (ulimit -f 0; " + make + "); echo $?; } 2>&1 | cat");
    EXPECT_TRUE(full.out.starts_with("duet: made/")) << full.out;
    EXPECT_TRUE(full.out.ends_with(": cannot write: File too large; free some space or choose another folder\n6\n"))
        << full.out;
    EXPECT_EQ(full.out.find(".duet-"), std::string::npos) << full.out;
    EXPECT_EQ(names(), "digits.toml error.txt out.txt ring.toml");
    const auto killed =
        shell(fmt::format("(exec '{}' data make faces -n 1000000 --format {} --out made) & p=$!; until "
                          "ls -d .made.duet-* >/dev/null 2>&1; do sleep 0.05; done; kill -KILL $p; "
                          "wait $p",
                          program_path(), format));
    EXPECT_EQ(killed.status, 137) << killed.error;
    EXPECT_FALSE(fs::exists(folder_ / "made"));
    EXPECT_EQ(shell(make).status, 0);
    EXPECT_EQ(open_source((folder_ / "made").string(), {}).train->info().size, 300) << format;
    fs::remove_all(folder_ / "made");
    // From another set in the same folder.
    EXPECT_EQ(names(), "digits.toml error.txt out.txt ring.toml") << "what the killed one left";
  }
  expect_refusal("data make ring --out ''", Fault::usage,
                 "--out is empty; expected a new folder, for instance digits-png");
  expect_refusal("data make ring --out /dev/null", Fault::usage,
                 "/dev/null: is a device; expected a new or empty folder; give another --out");
}

TEST_F(Slow_Places, ARecipeWhoseNameIsNoneTakesNoFolder) {
  for (const std::string name : {"", "/", "..", "a//b", "../up"}) {
    put_file(folder_ / "r.toml", "name = \"" + name + "\"\n" + kTinyRing);
    const auto result = duet("train r.toml");
    EXPECT_EQ(result.status, 3) << name;
    EXPECT_TRUE(result.error.starts_with("duet: r.toml:1:8: name = \"" + name + "\"; expected what a run's folder can"))
        << result.error;
  }
  EXPECT_FALSE(fs::exists(folder_ / "runs"));
  EXPECT_FALSE(fs::exists(folder_.path().parent_path() / "up"));
  expect_refusal("train ring.toml --out ''", Fault::usage,
                 "--out is empty; expected a new folder; leave it out for runs/NAME");
}

TEST_F(Slow_Places, APathThatARunCannotHoldIsRefusedAndLeavesNoRun) {
  fs::create_directory(folder_ / "dat\xe9");
  const auto data = shell("duet train digits.toml --out run --data $(printf 'dat\\351')");
  EXPECT_EQ(data.status, 4) << data.error;
  EXPECT_NE(data.error.find("the name is not UTF-8, which a run's recipe requires; rename it, or use a link to it"),
            std::string::npos)
      << data.error;
  EXPECT_FALSE(fs::exists(folder_ / "run"));
}

}  // namespace
}  // namespace duet
