#include "duet/data/formats/gzip.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/data/damage.h"

namespace duet {
namespace {

std::vector<std::byte> counting_bytes(size_t size) {
  std::vector<std::byte> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(mix(i));
  return bytes;
}

TEST(Gzip, GivesBackWhatWasCompressed) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{1} << 20, (size_t{1} << 20) + 1, size_t{5'000'000}}) {
    const auto bytes = counting_bytes(size);
    const auto back = gunzip(gzip(bytes), 10'000'000, "test");
    EXPECT_TRUE(back.complete) << size;
    EXPECT_TRUE(back.bytes == bytes) << size;
  }
}

TEST(Gzip, ReadsSeveralMembersAsOneFile) {
  const auto first = counting_bytes(1000), second = std::vector<std::byte>(500, std::byte{7});
  auto file = gzip(first);
  const auto rest = gzip(second);
  file.insert(file.end(), rest.begin(), rest.end());
  const auto back = gunzip(file, 10'000, "test");
  EXPECT_TRUE(back.complete);
  ASSERT_EQ(back.bytes.size(), 1500u);
  EXPECT_EQ(back.bytes[1499], std::byte{7});
}

TEST(Gzip, StopsAtTheLimit) {
  const auto bomb = gzip(std::vector<std::byte>(50'000'000));
  EXPECT_LT(bomb.size(), 100'000u);
  const auto back = gunzip(bomb, 1000, "test");
  EXPECT_EQ(back.bytes.size(), 1000u);
  EXPECT_FALSE(back.complete);
}

TEST(Gzip, ReturnsTheBeginningOfAFileThatIsCutShort) {
  const auto bytes = counting_bytes(100'000);
  const auto file = gzip(bytes);
  const auto back = gunzip(std::span(file).first(file.size() / 2), 1'000'000, "test");
  EXPECT_FALSE(back.complete);
  EXPECT_GT(back.bytes.size(), 0u);
  EXPECT_TRUE(std::equal(back.bytes.begin(), back.bytes.end(), bytes.begin()));
}

TEST(Gzip, RefusesDamagedDataNamingThePlace) {
  auto file = gzip(counting_bytes(10'000));
  file[file.size() - 6] ^= std::byte{1};  // in the checksum
  const std::string text = error_of([&] { gunzip(file, 1'000'000, "some.gz"); });
  EXPECT_NE(text.find("some.gz: damaged gzip data"), std::string::npos) << text;
}

}  // namespace
}  // namespace duet
