#include "tests/cli/program.h"

// Output paths that are links without a target, or a loop of links.

namespace duet {
namespace {

class Slow_Links : public Slow_Cli {};

TEST_F(Slow_Links, ToAFileThatIsNotThereYetStayLinksAndItIsMade) {
  expect_success("train digits.toml --out run --threads 1");
  fs::create_symlink("deep/er/real.npy", folder_ / "link.npy");
  fs::create_symlink("link.npy", folder_ / "second.npy");
  expect_success("sample run -n 2 --out second.npy");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.npy") && fs::is_symlink(folder_ / "second.npy"));
  EXPECT_TRUE(text("deep/er/real.npy").starts_with("\x93NUMPY"));
  fs::create_symlink("pictures", folder_ / "folder");
  expect_success("sample run -n 2 --out folder");
  EXPECT_TRUE(fs::is_symlink(folder_ / "folder") && fs::is_directory(folder_ / "pictures"));
  fs::create_symlink("made", folder_ / "to_make");
  expect_success("data make digits -n 2 --out to_make");
  EXPECT_TRUE(fs::is_symlink(folder_ / "to_make") && fs::is_directory(folder_ / "made"));
}

TEST_F(Slow_Links, ThatLeadInACircleStayAndAreRefused) {
  expect_success("train digits.toml --out run --threads 1");
  fs::create_symlink("loop.npy", folder_ / "loop.npy");
  expect_refusal("sample run -n 2 --out loop.npy", Fault::device,
                 "loop.npy: cannot follow the link: Too many levels of symbolic links; symbolic links form a loop "
                 "here: remove one, or choose another name");
  EXPECT_TRUE(fs::is_symlink(folder_ / "loop.npy"));
}

}  // namespace
}  // namespace duet
