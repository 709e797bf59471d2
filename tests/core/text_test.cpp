#include "duet/core/text.h"

#include <gtest/gtest.h>

#include "duet/core/error.h"
#include "tests/data/damage.h"

namespace duet {
namespace {

TEST(Text, ShowsControlCharactersInsteadOfSendingThem) {
  EXPECT_EQ(printable("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(printable("\x1b[31mred\x1b]0;title\a"), "\\x1b[31mred\\x1b]0;title\\x07");
  EXPECT_EQ(printable(std::string_view("a\0b\x7f", 4)), "a\\x00b\\x7f");
  // C1 controls in UTF-8, and characters that change the writing direction.
  EXPECT_EQ(printable("\xc2\x9b\x33m"), "\\u009b3m");
  EXPECT_EQ(printable("photo\xe2\x80\xaegnp.exe"), "photo\\u202egnp.exe");
  EXPECT_EQ(printable("\xe2\x80\xa8"), "\\u2028");
}

TEST(Text, ShowsEveryCharacterThatTurnsOrIsolatesTheDirectionOfWriting) {
  for (const int code : {0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067,
                         0x2068, 0x2069}) {
    const std::string utf8 =
        code < 0x800 ? fmt::format("{}{}", static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 0x3f)))
                     : fmt::format("\xe2{}{}", static_cast<char>(0x80 | (code >> 6 & 0x3f)),
                                   static_cast<char>(0x80 | (code & 0x3f)));
    EXPECT_EQ(printable("a" + utf8 + "b"), fmt::format("a\\u{:04x}b", code));
  }
}

TEST(Text, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "longer than need be";
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half a pair of UTF-16";
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond Unicode";
  EXPECT_EQ(printable("\xe6\x97"), "\\xe6\\x97") << "cut short";
}

TEST(Text, LeavesEverythingElseAsItIs) {
  for (const char* text : {"", "plain", "a\\nb", "Grüße", "日本語", "e\xcc\x81", "👩\xe2\x80\x8d👧"}) {
    EXPECT_EQ(printable(text), text);
    EXPECT_EQ(printable(printable(text)), text);
  }
  EXPECT_EQ(printable_lines("one\ntwo\x1b"), "one\ntwo\\x1b");
}

TEST(Text, AMessageShowsWhatIsPutInAndKeepsItsOwnLines) {
  const std::vector<std::string> names{"a", "b\nc"};
  EXPECT_EQ(message("{}:\n{} {}", "x\n", fmt::join(names, ", "), 5), "x\\n:\na, b\\nc 5");
  EXPECT_EQ(message("{}{:>4.1f}", Lines{"one\ntwo"}, 1.25), "one\ntwo 1.2");
  EXPECT_EQ(error_of([] { fail(Fault::data, "{}: bad", std::string("\x1b[2Jfile")); }, Fault::data),
            "\\x1b[2Jfile: bad");
}

}  // namespace
}  // namespace duet
