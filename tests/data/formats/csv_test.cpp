#include "duet/data/formats/csv.h"

#include <gtest/gtest.h>

#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

class Csv : public testing::Test {
 protected:
  Table read(const std::string& content) {
    put_file(folder_ / "t.csv", content);
    return read_csv(folder_ / "t.csv");
  }
  /// The error's text from the file's name on.
  std::string read_error(const std::string& content) {
    const std::string text = error_of([&] { read(content); });
    return text.substr(std::min(text.find("t.csv"), text.size()));
  }
  FreshFolder folder_;
};

TEST_F(Csv, ReadsRowsOfNumbers) {
  const Table table = read("1,2.5\n-3e2, +4 \r\n\n5,6");
  EXPECT_EQ(table.rows, 3);
  EXPECT_EQ(table.columns, 2);
  EXPECT_EQ(table.numbers, (std::vector<float>{1, 2.5f, -300, 4, 5, 6}));
  EXPECT_TRUE(table.labels.empty());
}

TEST_F(Csv, TakesTheNamedColumnAsLabelsWhereverItStands) {
  const Table last = read("\xef\xbb\xbfwidth,\"height\",Class\n1,2,0\n3,4,7\n");
  EXPECT_EQ(last.columns, 2);
  EXPECT_EQ(last.numbers, (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(last.labels, (std::vector<int>{0, 7}));
  const Table first = read("label,0,1\n5,10,11\n");
  EXPECT_EQ(first.labels, (std::vector<int>{5}));
  EXPECT_EQ(first.numbers, (std::vector<float>{10, 11}));
  EXPECT_TRUE(read("a,b\n1,2\n").labels.empty());
}

TEST_F(Csv, TakesYBesideXAsACoordinate) {
  const Table labelled = read("x,y,label\n1,2,0\n3,4,1\n");
  EXPECT_EQ(labelled.numbers, (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(labelled.labels, (std::vector<int>{0, 1}));
  EXPECT_TRUE(read("x,y\n1,2\n").labels.empty());
}

TEST_F(Csv, NamesLineAndColumnOfACellThatIsNoNumber) {
  EXPECT_EQ(
      read_error("1,2\n3,x4\n"),
      "t.csv:2:3: 'x4' is not a number; expected comma-separated numbers; names of classes are read below a first "
      "line that names their column label");
  EXPECT_EQ(
      read_error("1,abc\n3,4\n"),
      "t.csv:1:3: 'abc' is not a number; expected comma-separated numbers; names of classes are read below a first "
      "line that names their column label");
  EXPECT_EQ(read_error("1,nan\n"),
            "t.csv:1:3: 'nan'; expected a finite float32 number; fill it in, or leave the row or the column out");
}

TEST_F(Csv, NamesLineAndColumnOfARowOfAnotherLength) {
  EXPECT_EQ(
      read_error("a,b\n1,2\n\n1,2,3\n"),
      "t.csv:4:5: 3 cells in this row, the first row has 2; every row needs as many, and a comma inside a cell needs "
      "quotes around it");
}

TEST_F(Csv, RefusesBadLabelsTwoLabelColumnsAndNothing) {
  EXPECT_EQ(read_error("a,y\n1,1.5\n"),
            "t.csv:2:3: label '1.5'; expected a class number from 0 to 65535, or names; rename the column if it is not "
            "a class");
  EXPECT_EQ(read_error("a,y\n1,-1\n"),
            "t.csv:2:3: label '-1'; expected a class number from 0 to 65535, or names; rename the column if it is not "
            "a class");
  EXPECT_NE(read_error("y,a,class\n1,1,1\n").find("t.csv:1:5: a second label column"), std::string::npos);
  EXPECT_NE(read_error("label\n1\n").find("only labels"), std::string::npos);
  EXPECT_NE(read_error("").find("no rows of numbers"), std::string::npos);
  EXPECT_NE(read_error("a,b\n").find("no rows of numbers"), std::string::npos);
}

TEST_F(Csv, SurvivesDamagedFiles) {
  const int refused =
      try_damaged("a,b,label\n1.5,-2,3\n4,5e3,6\n7,8,9\n", 2000, [&](const std::string& damaged) { read(damaged); });
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace duet
