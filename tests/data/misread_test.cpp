#include <gtest/gtest.h>

#include "duet/data/formats/csv.h"
#include "duet/data/formats/folder.h"
#include "duet/data/formats/matrix.h"
#include "duet/data/inspect/inspect.h"
#include "tests/data/damage.h"
#include "tests/data/formats/sample_arrays.h"
#include "tests/data/fresh_folder.h"
#include "tests/picture/sample_pictures.h"

// Data that could be taken for something else in silence, or be advised what does not help.

namespace duet {
namespace {

using sample::npy;
using sample::raw;

class Misread : public testing::Test {
 protected:
  std::string refusal_of_table(const std::string& content) {
    put_file(folder_ / "t.csv", content);
    return error_of([&] { read_csv(folder_ / "t.csv"); });
  }
  std::string refusal_of_arrays(const std::vector<std::pair<std::string, std::string>>& arrays) {
    sample::write_npz(folder_ / "a.npz", arrays);
    return error_of([&] { open_matrix(folder_ / "a.npz", {}); });
  }
  FreshFolder folder_;
};

/// ASCII in units of `size` bytes, the letter in the first or the last.
std::string widened(const std::string& text, size_t size, bool first) {
  std::string wide;
  for (const char letter : text) {
    std::string unit(size, '\0');
    unit[first ? 0 : size - 1] = letter;
    wide += unit;
  }
  return wide;
}

std::string finding(const Inspection& inspection, const std::string& code) {
  for (const Finding& found : inspection.findings)
    if (found.code == code) return found.text;
  return "";
}

TEST_F(Misread, EncodingsOfWideLettersAreNamedSoThatTheAdviceWorks) {
  const std::string text = "a,b\n1,2\n3,4\n";
  const auto expect = [&](const std::string& content, const std::string& kind, const std::string& option) {
    const auto refusal = refusal_of_table(content);
    EXPECT_NE(refusal.find("is " + kind + " text"), std::string::npos) << refusal;
    EXPECT_NE(refusal.find("iconv -f " + option + " -t UTF-8 "), std::string::npos) << refusal;
  };
  expect(widened(text, 2, true), "UTF-16", "UTF-16LE");
  expect(widened(text, 2, false), "UTF-16", "UTF-16BE");
  expect(widened(text, 4, true), "UTF-32", "UTF-32LE");
  expect(widened(text, 4, false), "UTF-32", "UTF-32BE");
  expect("\xff\xfe" + widened(text, 2, true), "UTF-16", "UTF-16");
  expect(std::string("\xff\xfe\0\0", 4) + widened(text, 4, true), "UTF-32", "UTF-32");
  EXPECT_NE(refusal_of_table(text + std::string(1, '\0')).find("contains zero bytes"), std::string::npos);
}

TEST_F(Misread, AColumnThatCountsFromAnyNumberIsPointedOut) {
  std::string numbers = "id,a\n", years = ",a\n";
  for (int i = 0; i < 30; ++i) {
    numbers += fmt::format("{},{}\n", 1000 + i, i * i);
    years += fmt::format("{},{}\n", 1990 + i, i * i);
  }
  put_file(folder_ / "t.csv", numbers);
  const auto table = read_csv(folder_ / "t.csv");
  ASSERT_EQ(table.doubts.size(), 1u);
  EXPECT_NE(table.doubts[0].text.find("counts the rows (1000, 1001, ...)"), std::string::npos);
  // Without a name it is left out only where it counts as pandas does.
  put_file(folder_ / "t.csv", years);
  EXPECT_EQ(read_csv(folder_ / "t.csv").columns, 2);
}

TEST_F(Misread, LabelsThatAreNoClassNumbersGetAdviceThatHelps) {
  const auto x = npy("|u1", {4, 5, 5, 3}, sample::counting(300));
  const auto refusal = refusal_of_arrays({{"x", x}, {"y", npy("<i4", {4}, raw(std::vector<int32_t>{0, -1, 1, 2}))}});
  EXPECT_NE(refusal.find("label -1; expected a class number from 0 to 65535; leave examples without a label out, or"),
            std::string::npos)
      << refusal;
  const auto large = refusal_of_arrays({{"x", x}, {"y", npy("<i4", {4}, raw(std::vector<int32_t>{0, 70000, 1, 2}))}});
  EXPECT_NE(large.find("np.unique(labels, return_inverse=True)[1], which numbers"), std::string::npos) << large;
}

TEST_F(Misread, StatisticsOfAnFidAreKnownByTheirOtherNames) {
  for (const auto& [mean, spread] : std::vector<std::pair<std::string, std::string>>{{"m", "s"}, {"m1", "s1"}}) {
    const auto refusal = refusal_of_arrays({{mean, npy("<f8", {16}, raw(std::vector<double>(16)))},
                                            {spread, npy("<f8", {16, 16}, raw(std::vector<double>(256)))}});
    EXPECT_NE(refusal.find("holds the statistics of an FID"), std::string::npos) << refusal;
  }
}

TEST(MisreadPictures, ColoursThatAreReadAsGreyUnaskedAreCounted) {
  const sample::Scratch scratch;
  scratch.write("0.png", sample::picture(6, 6, 1, 1));
  scratch.write("1.png", sample::picture(6, 6, 3, 2));
  scratch.write("2.png", sample::picture(6, 6, 3, 3));
  const auto text = finding(inspect(open_folder_source(scratch.path(), {})), "coloured_as_grey");
  EXPECT_TRUE(text.starts_with("2 of 3 pictures are coloured and read as grey")) << text;
  // Who trains on them or scores with them is told as well, by what a look at some of them shows.
  const auto info = open_folder_source(scratch.path(), {}).train->info();
  ASSERT_EQ(info.doubts.size(), 1u);
  EXPECT_TRUE(info.doubts[0].text.starts_with("2 of 3 pictures looked at are coloured and read as grey"));
  EXPECT_TRUE(open_folder_source(scratch.path(), {.channels = 1}).train->info().doubts.empty());
  EXPECT_TRUE(open_folder_source(scratch.path(), {.channels = 3}).train->info().doubts.empty());
  // Who asks for grey gets it without a word.
  EXPECT_EQ(finding(inspect(open_folder_source(scratch.path(), {.channels = 1})), "coloured_as_grey"), "");
  EXPECT_EQ(finding(inspect(open_folder_source(scratch.path(), {.channels = 3})), "coloured_as_grey"), "");
}

TEST(MisreadPictures, ColoursAreLookedForAllOverALargeSet) {
  const sample::Scratch scratch;
  const auto grey = sample::picture(6, 6, 1, 1), coloured = sample::picture(6, 6, 3, 2);
  for (int i = 0; i < 130; ++i) scratch.write(fmt::format("{:03}.png", i), i < 65 ? grey : coloured);
  const auto info = open_folder_source(scratch.path(), {}).train->info();
  ASSERT_EQ(info.doubts.size(), 1u);
  EXPECT_TRUE(info.doubts[0].text.starts_with("32 of 64 pictures looked at are coloured")) << info.doubts[0].text;
}

TEST(MisreadPictures, OfTheSameBytesInAnotherShapeAreNoCopies) {
  const sample::Scratch scratch;
  scratch.write("0.png", blank_image(6, 4, 1, 9));
  scratch.write("1.png", blank_image(4, 6, 1, 9));
  scratch.write("2.png", blank_image(6, 4, 1, 9));
  EXPECT_EQ(inspect(open_folder_source(scratch.path(), {.mixed_sizes = true})).train.duplicates.count, 1);
}

TEST(MisreadPictures, BlackEverywhereIsNotToldToBeMultiplied) {
  const sample::Scratch scratch;
  auto black = sample::picture(6, 6, 1, 1);
  std::fill(black.pixels.begin(), black.pixels.end(), 0);
  scratch.write("0.png", black);
  const auto text = finding(inspect(open_folder_source(scratch.path(), {})), "dark");
  EXPECT_TRUE(text.starts_with("Every value is 0")) << text;
}

}  // namespace
}  // namespace duet
