#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "duet/core/error.h"
#include "duet/core/random.h"

namespace duet {

/// The text of the Error that `action` throws, empty when it throws none; a fault other than `fault` fails the test.
inline std::string error_of(const std::function<void()>& action, Fault fault = Fault::data) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), fault) << error.what();
    return error.what();
  }
  return "";
}

/// Hands `read` every prefix of `content` (up to 300 of them, evenly spaced) and `flips` copies with one to three bytes
/// replaced. It may read them or throw Error(data); any other exception fails the test. Returns how many were refused.
inline int try_damaged(const std::string& content, int flips, const std::function<void(const std::string&)>& read) {
  int refused = 0;
  const auto attempt = [&](const std::string& damaged, const std::string& what) {
    try {
      read(damaged);
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(error.fault(), Fault::data) << what << ": " << error.what();
    } catch (const std::exception& error) {
      ADD_FAILURE() << what << ": " << error.what();
    }
  };
  const size_t step = std::max<size_t>(1, content.size() / 300);
  for (size_t size = 0; size < content.size(); size += step)
    attempt(content.substr(0, size), "first " + std::to_string(size) + " bytes");
  for (int i = 0; i < flips; ++i) {
    Random random(7, 0, static_cast<uint64_t>(i));
    std::string damaged = content;
    for (int64_t n = random.below(3); n >= 0; --n)
      damaged[static_cast<size_t>(random.below(static_cast<int64_t>(content.size())))] =
          static_cast<char>(random.bits());
    attempt(damaged, "flip " + std::to_string(i));
  }
  return refused;
}

}  // namespace duet
