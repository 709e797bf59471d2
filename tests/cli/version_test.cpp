#include "duet/version.h"

#include "tests/cli/program.h"
#include "tests/places.h"

namespace duet {
namespace {

TEST_F(Cli, SaysTheVersionThatStandsInTheBuild) {
  const auto build = read_text(fs::path(source_path()) / "CMakeLists.txt", Fault::internal);
  EXPECT_NE(build.find(fmt::format("project(duet VERSION {} ", kVersion)), std::string::npos);
  EXPECT_EQ(duet("--version").out, fmt::format("duet {}\n", kVersion));
}

}  // namespace
}  // namespace duet
