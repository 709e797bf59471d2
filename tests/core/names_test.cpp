#include "duet/core/names.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace duet {
namespace {

TEST(Names, Utf8IsToldFromOtherBytes) {
  for (const char* text : {"", "abc", "größe", "猫", "\xf0\x9f\x90\xb1", "\x7f", "a\tb"})
    EXPECT_TRUE(is_utf8(text)) << text;
  // Latin-1, a truncated sequence, one byte too many, a surrogate, an overlong slash, beyond Unicode.
  for (const char* text :
       {"caf\xe9", "\xc3", "\xe7\x8c", "\x80", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\xff"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Names, OnlyBytesThatAreNoUtf8AreEscaped) {
  EXPECT_EQ(utf8_escaped("caf\xe9/größe"), "caf\\xe9/größe");
  EXPECT_EQ(utf8_escaped("\xe7\x8c"), "\\xe7\\x8c");
  EXPECT_EQ(utf8_escaped("back\\slash\n"), "back\\slash\n");
}

TEST(Names, AnyBytesCanStandInJson) {
  const nlohmann::json json = {{"key\xff", {"caf\xe9", 1, nullptr, {{"in", "\xe9"}}}}, {"plain", "größe"}};
  const auto back = nlohmann::json::parse(json_text(json));
  EXPECT_EQ(back["key\\xff"][0], "caf\\xe9");
  EXPECT_EQ(back["key\\xff"][1], 1);
  EXPECT_EQ(back["key\\xff"][3]["in"], "\\xe9");
  EXPECT_EQ(back["plain"], "größe");
  const nlohmann::ordered_json ordered = {{"b", "\xe9"}, {"a", 1}};
  EXPECT_EQ(json_text(ordered), R"({"b":"\\xe9","a":1})");
}

}  // namespace
}  // namespace duet
