#include "duet/run/events.h"

#include <fmt/format.h>

#include <chrono>
#include <ctime>

namespace duet {
namespace {

std::string utc_now() {
  const auto now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::system_clock::to_time_t(now);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds);
}

}  // namespace

nlohmann::ordered_json new_event(const std::string& what, int64_t images) {
  return {{"event", what}, {"images", images}, {"time", utc_now()}};
}

}  // namespace duet
