#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "duet/data/inspect/inspect.h"
#include "tests/data/damage.h"
#include "tests/data/formats/sample_arrays.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

class InspectColumns : public testing::Test {
 protected:
  Inspection inspect_table(const std::string& content) {
    put_file(folder_ / "t.csv", content);
    return inspect(open_source((folder_ / "t.csv").string(), {}));
  }
  static std::string finding(const Inspection& inspection, const std::string& code) {
    for (const auto& found : inspection.findings)
      if (found.code == code) return found.text;
    return "";
  }
  FreshFolder folder_;
};

TEST_F(InspectColumns, ShowTheRangeOfEach) {
  const auto inspection = inspect_table("big,small\n0,0.25\n1000,0.75\n500,0.5\n");
  ASSERT_EQ(inspection.train.columns.size(), 2u);
  EXPECT_EQ(inspection.train.columns[0].name, "big");
  EXPECT_EQ(inspection.train.columns[0].max, 1000);
  EXPECT_EQ(inspection.train.columns[1].min, 0.25);
  EXPECT_EQ(inspection.train.columns[1].mean, 0.5);
  EXPECT_NE(to_text(inspection).find("big              0       1000        500      408.2\n"), std::string::npos);
  EXPECT_EQ(to_json(inspection)["train"]["columns"][1]["name"], "small");
}

TEST_F(InspectColumns, OfManyAreShownByTheirExtremes) {
  std::string text;
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 30; ++column)
      text += fmt::format("{}{}", row * (column + 1), column < 29 ? "," : "\n");
  const auto shown = to_text(inspect_table(text));
  EXPECT_NE(shown.find("columns     30; those of the least and the greatest deviation:"), std::string::npos);
  EXPECT_NE(shown.find("\n              30 "), std::string::npos);
  EXPECT_EQ(shown.find("\n              15 "), std::string::npos);
}

TEST_F(InspectColumns, ThatNeverChangeOrAreRoundedAreMistakes) {
  const auto inspection = inspect_table("a,b,time\n1,7,1700000000\n2,7,1700000100\n3,7,1700000300\n");
  EXPECT_NE(finding(inspection, "constant_column").find("1 of 3 (b)"), std::string::npos);
  EXPECT_NE(finding(inspection, "coarse_column").find("1 of 3 (time)"), std::string::npos);
  EXPECT_EQ(finding(inspect_table("a\n7\n7\n"), "constant_column"), "");
}

TEST_F(InspectColumns, DoubtsOfTheFileAreFindings) {
  EXPECT_NE(finding(inspect_table("0,1\n-1.003,2.599\n"), "numeric_header"), "");
  const auto text = to_text(inspect_table(",height\n0,1.5\n1,2.5\n"));
  EXPECT_NE(text.find("read as     left out: column 1, which has no name"), std::string::npos) << text;
}

TEST_F(InspectColumns, FlattenedPicturesArePointedOut) {
  const auto look = [&](int64_t columns) {
    put_file(folder_ / "x.npy", sample::npy("|u1", {4, columns}, sample::counting(static_cast<size_t>(4 * columns))));
    return finding(inspect(open_source((folder_ / "x.npy").string(), {})), "flattened");
  };
  EXPECT_NE(look(784).find("784 numbers could be grey pictures of 28x28"), std::string::npos);
  EXPECT_NE(look(3072).find("RGB pictures of 32x32"), std::string::npos);
  EXPECT_EQ(look(101), "");
}

}  // namespace
}  // namespace duet
