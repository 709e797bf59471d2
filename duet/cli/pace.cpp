#include "duet/cli/pace.h"

#include <fmt/format.h>

#include "duet/core/grouped.h"

namespace duet {

std::string duration(double seconds) {
  const auto s = static_cast<int64_t>(seconds + 0.5);
  return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
                   : fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string ClassifierStatus::text(const ClassifierProgress& progress) {
  if (progress.seen == 0) return "reading examples";
  const auto now = std::chrono::steady_clock::now();
  auto text = fmt::format("{} of {}, {:.0f} % correct", grouped(progress.seen), grouped(progress.total),
                          100 * progress.accuracy);
  if (first_ == 0) {
    first_ = progress.seen;
    begun_ = now;
    return text;
  }
  const double each = std::chrono::duration<double>(now - begun_).count() / static_cast<double>(progress.seen - first_);
  return fmt::format("{}, {} left", text, duration(each * static_cast<double>(progress.total - progress.seen)));
}

}  // namespace duet
