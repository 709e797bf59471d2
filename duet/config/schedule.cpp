#include "duet/config/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace duet {

const std::vector<ScheduleShape>& schedule_shapes() {
  static const std::vector<ScheduleShape> all = {
      {"constant", "always the same; a plain number means this, too", {"from"}, R"({shape = "constant", from = 1})"},
      {"linear",
       "linear between start and end, constant outside",
       {"from", "to", "end"},
       R"({shape = "linear", from = 1, to = 0.1, start = 0, end = 100})"},
      {"cosine",
       "along half a cosine between start and end, constant outside",
       {"from", "to", "end"},
       R"({shape = "cosine", from = 1e-3, to = 1e-5, end = 500})"},
      {"exponential",
       "from / divide^(t - start), not below floor",
       {"from", "divide"},
       R"({shape = "exponential", from = 0.1, divide = 1.000004, floor = 1e-6, unit = "update"})"},
      {"inverse", "from / (1 + decay * t)", {"from", "decay"}, R"({shape = "inverse", from = 1e-3, decay = 0.01})"},
      {"steps",
       "values[i] from at[i] on, `from` before",
       {"from", "values", "at"},
       R"({shape = "steps", from = 1e-3, values = [1e-4, 1e-5], at = [200, 400]})"},
  };
  return all;
}

double Schedule::at(const Clock& clock) const {
  if (is_constant()) return from;
  const double t = unit == "update" ? static_cast<double>(clock.updates) : unit == "epoch" ? clock.epoch : clock.kimg;
  const double share = end > start ? std::clamp((t - start) / (end - start), 0.0, 1.0) : (t >= end ? 1.0 : 0.0);
  if (shape == "linear") return from + (to - from) * share;
  if (shape == "cosine") return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * share));
  if (shape == "exponential") return std::max(floor, from * std::exp(-std::log(divide) * std::max(0.0, t - start)));
  if (shape == "inverse") return from / (1 + decay * t);
  double value = from;
  for (size_t i = 0; i < at_times.size(); ++i)
    if (t >= at_times[i]) value = values[i];
  return value;
}

double Schedule::lowest() const {
  if (shape == "linear" || shape == "cosine") return std::min(from, to);
  if (shape == "exponential") return std::min(from, floor);
  if (shape == "inverse") return std::min(from, 0.0);
  double low = from;
  for (double value : values) low = std::min(low, value);
  return low;
}

double Schedule::highest() const {
  if (shape == "linear" || shape == "cosine") return std::max(from, to);
  double high = from;
  for (double value : values) high = std::max(high, value);
  return high;
}

}  // namespace duet
