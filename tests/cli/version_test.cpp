#include <regex>

#include "duet/version.h"
#include "tests/cli/program.h"

namespace duet {
namespace {

TEST_F(Cli, SaysTheVersionThatStandsInTheBuild) {
  const auto build = read_text(fmt::format("{}/CMakeLists.txt", DUET_SOURCE_DIR), Fault::internal);
  std::smatch found;
  ASSERT_TRUE(std::regex_search(build, found, std::regex("project\\(duet VERSION ([0-9]+\\.[0-9]+\\.[0-9]+) ")));
  EXPECT_EQ(found[1], kVersion);
  EXPECT_EQ(duet("--version").out, fmt::format("duet {}\n", kVersion));
}

}  // namespace
}  // namespace duet
