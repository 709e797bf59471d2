#include <gtest/gtest.h>

#include "duet/data/formats/csv.h"
#include "duet/data/formats/csv_text.h"
#include "duet/data/formats/gzip.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

// What tables look like outside of textbooks.

namespace duet {
namespace {

class CsvForm : public testing::Test {
 protected:
  Table read(const std::string& content) {
    put_file(folder_ / "t.csv", content);
    return read_csv(folder_ / "t.csv");
  }
  /// The error's text from the file's name on.
  std::string refusal(const std::string& content) {
    const std::string text = error_of([&] { read(content); });
    return text.substr(std::min(text.find("t.csv"), text.size()));
  }
  void expect_same(const std::string& content) {
    const auto table = read(content);
    EXPECT_EQ(table.columns, 2) << content;
    EXPECT_EQ(table.numbers, (std::vector<float>{0.5f, 1.25f, 3, -4})) << content;
  }
  std::string doubt(const Table& table, const std::string& code) {
    for (const auto& finding : table.doubts)
      if (finding.code == code) return finding.text;
    return "";
  }
  FreshFolder folder_;
};

TEST_F(CsvForm, QuotesHoldCommasQuotesAndLineBreaks) {
  const auto table = read("\"a\nb\",\"c \"\"d\"\", e\"\r\n\"1\",2\r\n\"3\" , \"4\"\r\n");
  EXPECT_EQ(table.names, (std::vector<std::string>{"a b", "c \"d\", e"}));
  EXPECT_EQ(table.numbers, (std::vector<float>{1, 2, 3, 4}));
  // The lines inside quotes count.
  EXPECT_TRUE(refusal("\"a\nb\",c\n1,x\n").starts_with("t.csv:3:3: 'x' is not a number"));
  EXPECT_EQ(refusal("a,b\n1,\"2\n3,4\n"),
            "t.csv:2:3: a quote is opened here and never closed; expected \" at the cell's end; add it");
  EXPECT_TRUE(refusal("a,b\n1,\"2\"3\n").starts_with("t.csv:2:6: text behind a closing quote"));
}

TEST_F(CsvForm, OtherDelimitersAndLineEndsAreFound) {
  for (const char* content :
       {"a,b\n0.5,1.25\n3,-4\n", "a;b\n0.5;1.25\n3;-4\n", "a;b\n0,5;1,25\n3;-4\n", "a\tb\r\n0.5\t1.25\r\n3\t-4\r\n",
        "a|b\r0.5|1.25\r3|-4\r", "0.5 1.25\n3 -4\n", " 5.0e-01   1.25 \n 3  -4 \n", "# a b\n0.5 1.25\n3 -4\n",
        "# a,b\n0.5,1.25\n3,-4", "sep=;\na;b\n0,5;1,25\n3;-4\n",
        "\xef\xbb\xbf"
        "a;b\n0.5;1.25\n3;-4\n",
        "0,5;1,25\n3;-4\n", "\n\n0.5,1.25\n  \n3,-4\n\n"})
    expect_same(content);
  EXPECT_EQ(
      read("a;b\n0,5;1,25\n").reading,
      (std::vector<std::string>{"columns are separated by semicolons, and decimals have a comma (0,5 is a half)"}));
}

TEST_F(CsvForm, GzippedTextIsReadToo) {
  const std::string text = "a,b\n0.5,1.25\n3,-4\n";
  put_file(folder_ / "t.csv.gz", gzip(std::as_bytes(std::span(text))));
  EXPECT_EQ(open_source((folder_ / "t.csv.gz").string(), {}).train->info().size, 2);
}

TEST_F(CsvForm, NumbersInWordsOrWithUnitsAreNamedWithTheirPlace) {
  EXPECT_EQ(refusal("a,b\n1,True\n"),
            "t.csv:2:3: 'True' is a word for true or false; expected a number; write 1 and 0");
  EXPECT_EQ(
      refusal("a,b\n1,-10.5 %\n"),
      "t.csv:2:3: '-10.5 %' is a number and its unit; expected -10.5 alone; write the unit into the column's name");
  EXPECT_NE(refusal("a,b\n1,$5\n").find("expected 5 alone"), std::string::npos);
  EXPECT_NE(refusal("a,b\n1,12kg\n").find("expected 12 alone"), std::string::npos);
  EXPECT_EQ(
      refusal("a,b\n'1',2\n"),
      "t.csv:2:1: '1' stands in single quotes; expected 1; quotes of a table are double ones, and numbers need none");
  // Names of columns stay names, and other words no numbers.
  EXPECT_EQ(read("25%,50%\n1,2\n").names, (std::vector<std::string>{"25%", "50%"}));
  EXPECT_NE(refusal("a,b\n1,v2-beta\n").find("is not a number"), std::string::npos);
  EXPECT_NE(refusal("a,b\n1,2024-01-31\n").find("is not a number"), std::string::npos);
}

TEST_F(CsvForm, NumbersBeyondADoubleAreNumbers) {
  EXPECT_EQ(refusal("a,b\n1,1e400\n"),
            "t.csv:2:3: '1e400'; expected a finite float32 number; fill it in, or leave the row or the column out");
  EXPECT_EQ(read("a,b\n1,1e-400\n").numbers, (std::vector<float>{1, 0}));
}

TEST_F(CsvForm, LinesThatAreCommentsAreNamed) {
  EXPECT_EQ(refusal("# made by hand\na,b\n1,2\n"),
            "t.csv:2:3: 2 cells in this row, the first row has 1; every row needs as many, and the first, which begins "
            "with #, is not a comment here; remove it");
  EXPECT_EQ(refusal("a,b\n1,2\n# the end\n"),
            "t.csv:3:1: 1 cell in this row, the first row has 2; every row needs as many, and a line that begins with "
            "# is not a comment here; remove it");
}

TEST_F(CsvForm, NumbersOfOtherCustomsAreNamedWithTheirPlace) {
  EXPECT_EQ(refusal("\"0,5\",\"1,25\"\n"),
            "t.csv:1:1: '0,5' has a decimal comma; expected 0.5; write decimal points, or ; between the columns");
  EXPECT_EQ(refusal("pop,area\n\"1,000.5\",0\n"),
            "t.csv:2:1: '1,000.5' has thousands separators; expected 1000.5; write it so");
  EXPECT_EQ(refusal("pop,area\n0,\"1,000\"\n"),
            "t.csv:2:3: '1,000' has a comma, for decimals or for thousands; expected 1.000 or 1000; write the one that "
            "is meant");
  EXPECT_EQ(refusal("a;b\n1;\"1.000,5\"\n"),
            "t.csv:2:3: '1.000,5' has points and commas; expected a number with one decimal point; write it so");
  EXPECT_EQ(refusal("a;b\n0,5;1.500\n"),
            "t.csv:2:5: '1.500' has a decimal point, and the cell at 2:1 a comma; expected one kind; write them alike");
  EXPECT_EQ(refusal("a,b\n0,5,1\n"),
            "t.csv:2:5: 3 cells in this row, the first row has 2; every row needs as many, and a comma inside a cell "
            "needs quotes around it");
}

TEST_F(CsvForm, MissingNumbersAreRefusedWithTheirPlace) {
  EXPECT_EQ(refusal("a,b\n1,2\n3,\n"),
            "t.csv:3:3: an empty cell; expected a number; fill it in, or leave the row or the column out");
  for (const char* missing : {"NA", "null", "None", "?"})
    EXPECT_TRUE(refusal(fmt::format("a,b\n1,{}\n", missing))
                    .starts_with(fmt::format("t.csv:2:3: '{}' is not a number", missing)));
  for (const char* infinite : {"NaN", "inf", "-inf", "1e39"})
    EXPECT_TRUE(refusal(fmt::format("a,b\n1,{}\n", infinite))
                    .starts_with(fmt::format("t.csv:2:3: '{}'; expected a finite", infinite)));
}

TEST_F(CsvForm, Utf16AndBytesAreNamed) {
  const std::string marked(
      "\xff\xfe"
      "1\0,\0"
      "2\0\n\0",
      10),
      unmarked(
          "1\0,\0"
          "2\0\n\0",
          8);
  EXPECT_NE(refusal(marked).find("is UTF-16 text"), std::string::npos);
  EXPECT_NE(refusal(marked).find("iconv -f UTF-16 -t UTF-8"), std::string::npos);
  EXPECT_NE(refusal(unmarked).find("is UTF-16 text"), std::string::npos);
  EXPECT_NE(refusal(std::string("1,2\n3,\0\n", 8)).find("zero bytes"), std::string::npos);
}

TEST_F(CsvForm, ARowIndexIsLeftOutOrPointedOut) {
  const auto numbered = [](const std::string& header, int rows) {
    std::string text = header + "\n";
    for (int i = 0; i < rows; ++i) text += fmt::format("{},{}.5\n", i, i * i % 7);
    return text;
  };
  for (const char* header : {",height", "Unnamed: 0,height", ",0"}) {
    const auto table = read(numbered(header, 5));
    EXPECT_EQ(table.columns, 1) << header;
    EXPECT_EQ(table.names.size(), 1u);
    EXPECT_EQ(table.numbers[1], 1.5f);
    EXPECT_EQ(table.reading[0],
              "left out: column 1, which has no name and counts the rows, as pandas writes its index");
  }
  for (const char* header : {"id,height", "0,0.5"}) {
    const auto table = read(numbered(header == std::string("0,0.5") ? "" : header, 30));
    EXPECT_EQ(table.columns, 2);
    EXPECT_NE(doubt(table, "index_column").find("counts the rows (0, 1, ...)"), std::string::npos) << header;
  }
  EXPECT_EQ(doubt(read("id,height\n0,1\n1,5\n"), "index_column"), "");
  // A column without a name that does not count is data.
  EXPECT_EQ(read(",b\n7,1\n3,5\n").columns, 2);
}

TEST_F(CsvForm, WhenTheRowIndexIsLeftOutTheOtherColumnsKeepTheirNames) {
  const auto table = read(",height,weight\n0,1.5,60\n1,1.7,70\n");
  EXPECT_EQ(table.names, (std::vector<std::string>{"height", "weight"}));
  EXPECT_EQ(table.numbers, (std::vector<float>{1.5f, 60, 1.7f, 70}));
}

TEST_F(CsvForm, TheMarkThatNumpyBeginsItsHeaderWithIsNoPartOfAName) {
  EXPECT_EQ(read("# a,b\n0.5,1\n").names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read("#a,b\n0.5,1\n").names, (std::vector<std::string>{"a", "b"}));
}

TEST_F(CsvForm, YearsThatDoNotFollowOneAnotherAreData) {
  EXPECT_EQ(doubt(read("2001,1987\n1999,2003.5\n"), "numeric_header"), "");
}

TEST_F(CsvForm, AFirstLineOfNumbersThatLooksLikeNamesIsPointedOut) {
  for (const char* names : {"0,1", "1,2", "2019,2020", "1990,2000"})
    EXPECT_NE(doubt(read(std::string(names) + "\n-1.003,2.599\n0.25,1\n"), "numeric_header").find("looks like names"),
              std::string::npos)
        << names;
  for (const char* data : {"0,1\n1,0\n1,1\n", "0.5,1\n-1,2.5\n", "3,4\n0.5,2\n", "a,b\n0,1\n0.5,0.2\n"})
    EXPECT_EQ(doubt(read(data), "numeric_header"), "") << data;
  // Beside words they are names.
  EXPECT_EQ(read("id,2019,2020\n5,1.5,2\n").names, (std::vector<std::string>{"id", "2019", "2020"}));
}

TEST_F(CsvForm, NamesOfClassesAreReadInTheOrderOfTheAlphabet) {
  const auto table = read("a,class\n1,setosa\n2,\"odd, one\"\n3,setosa\n4,virginica\n");
  EXPECT_EQ(table.classes, (std::vector<std::string>{"odd, one", "setosa", "virginica"}));
  EXPECT_EQ(table.labels, (std::vector<int>{1, 0, 1, 2}));
  EXPECT_EQ(read("a,y\n1,1.0\n2,0.0\n").labels, (std::vector<int>{1, 0}));
  EXPECT_TRUE(refusal("a,class\n1,2\n2,x\n").starts_with("t.csv:3:3: label 'x' is text where others are numbers"));
  EXPECT_TRUE(refusal("a,class\n1,x\n2,\n").starts_with("t.csv:3:3: an empty label"));
  EXPECT_NE(
      refusal("a,species\n1,x\n").find("names of classes are read if their column is named label, and not 'species'"),
      std::string::npos);
  EXPECT_NE(refusal("1,setosa\n2,setosa\n").find("below a first line that names their column label"),
            std::string::npos);
  std::string many = "a,label\n";
  for (int i = 0; i < 30; ++i) many += fmt::format("1,n{}\n", i);
  EXPECT_NE(refusal(many).find("column 'label' has 30 different texts in 30 rows"), std::string::npos);
}

TEST_F(CsvForm, WrittenTablesAreReadBackToTheBit) {
  const std::vector<float> numbers{0.1f, 1e-30f, 16777216.0f, -3.4e38f};
  const std::vector<int64_t> labels{1, 0};
  const auto text = csv_text(
      {.names = {"a, \"b\"", "c"}, .columns = 2, .numbers = numbers, .labels = labels, .classes = {"x,y", "z"}});
  const auto table = read(text);
  EXPECT_EQ(table.numbers, numbers);
  EXPECT_EQ(table.names, (std::vector<std::string>{"a, \"b\"", "c"}));
  EXPECT_EQ(table.classes, (std::vector<std::string>{"x,y", "z"}));
  EXPECT_EQ(table.labels, (std::vector<int>{1, 0}));
  EXPECT_TRUE(
      csv_text({.names = {}, .columns = 2, .numbers = numbers, .labels = {}, .classes = {}}).starts_with("x1,x2\n"));
}

TEST_F(CsvForm, SurvivesDamagedFiles) {
  for (const char* content :
       {"\"a\",\"b\nc\";label\n\"1,5\";2;\"x \"\"y\"\"\"\n3;4;z\n", "# a b\n1 2\n3 4\n", ",0,1\n0,1.5,2\n1,3,4\n"})
    EXPECT_GT(try_damaged(content, 1000, [&](const std::string& damaged) { read(damaged); }), 100) << content;
}

}  // namespace
}  // namespace duet
