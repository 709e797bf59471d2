#include "duet/picture/ticks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace duet {
namespace {

constexpr size_t kLongestPlain = 6;

/// The double nearest to factor x 10^exponent, for an integer factor. Multiplication would add rounding errors, which
/// labels with many digits would show.
double decimal(double factor, int exponent) {
  return std::strtod(fmt::format("{:.0f}e{}", factor, exponent).c_str(), nullptr);
}

/// Removes trailing zeros of a decimal fraction.
std::string without_zeros(std::string figures) {
  if (figures.find('.') == std::string::npos) return figures;
  figures.erase(figures.find_last_not_of('0') + 1);
  if (figures.back() == '.') figures.pop_back();
  return figures;
}

/// The exponent of the power of ten of a number, with a tolerance, so that 0.1 - 0.0 and 0.3 - 0.2 give the same.
int exponent_of(double value) { return static_cast<int>(std::floor(std::log10(std::abs(value)) + 1e-9)); }

/// "1.2e7", with the digits down to 10^finest.
std::string scientific(double value, int finest) {
  if (value == 0) return "0";
  constexpr int kCertain = 14;  // a double represents any decimal of one digit more
  const int digits = std::clamp(exponent_of(value) - finest, 0, kCertain);
  const std::string text = fmt::format("{:.{}e}", value, digits);
  const size_t e = text.find('e');
  const int power = std::stoi(text.substr(e + 1));
  const std::string figures = without_zeros(text.substr(0, e));
  return power == 0 ? figures : fmt::format("{}e{}", figures, power);
}

/// The precision with which the ticks of an axis must be written.
struct Fineness {
  int finest = 0;    ///< power of ten of the last digit in which neighbours differ
  bool even = true;  ///< all steps are equal, so all labels get the same number of decimals
};

Fineness fineness_of(std::span<const double> ticks) {
  double smallest = 0, largest = 0;
  for (size_t i = 1; i < ticks.size(); ++i) {
    const double step = std::abs(ticks[i] - ticks[i - 1]);
    if (step > 0 && (smallest == 0 || step < smallest)) smallest = step;
    largest = std::max(largest, step);
  }
  if (smallest == 0 && !ticks.empty()) smallest = largest = std::abs(ticks[0]) / 100;
  if (!(smallest > 0) || !std::isfinite(largest)) return {};
  return {exponent_of(smallest), largest < 1.5 * smallest && ticks.size() > 1};
}

std::string plain_figures(double value, const Fineness& fineness) {
  if (value == 0) return "0";
  const std::string figures = fmt::format("{:.{}f}", value, std::max(0, -fineness.finest));
  return fineness.even ? figures : without_zeros(figures);
}

}  // namespace

std::vector<double> nice_ticks(double low, double high, int most) {
  if (!(low < high) || !std::isfinite(high - low) || most < 1) return {};
  const double rough = (high - low) / most;
  int exponent = static_cast<int>(std::floor(std::log10(rough)));
  const double leading = rough / decimal(1, exponent);
  // The tolerance lets 0 to 1.2 in six steps of 0.2 pass despite rounding.
  double factor = leading <= 1 + 1e-9 ? 1 : leading <= 2 + 1e-9 ? 2 : leading <= 5 + 1e-9 ? 5 : 10;
  if (factor == 10) factor = 1, ++exponent;
  const double step = decimal(factor, exponent);
  if (!(step > 0)) return {};
  const double first = std::ceil(low / step - 1e-9), count = std::floor(high / step + 1e-9) - first;
  std::vector<double> ticks;
  for (int i = 0; i <= std::min(count, most + 1.0); ++i)
    ticks.push_back(decimal((first + i) * factor, exponent) + 0.0);  // + 0.0 turns -0 into 0
  return ticks;
}

std::vector<double> log_ticks(double low, double high, int most) {
  if (!(low > 0) || !(low < high) || !std::isfinite(high) || most < 1) return {};
  const int first = static_cast<int>(std::ceil(std::log10(low) - 1e-9));
  const int last = static_cast<int>(std::floor(std::log10(high) + 1e-9));
  const int stride = std::max(1, (last - first + most - 1) / most);
  std::vector<double> ticks;
  if (last - first >= 2) {
    for (int e = first; e <= last; ++e)
      if (e % stride == 0) ticks.push_back(decimal(1, e));
    return ticks;
  }
  for (int e = first - 1; e <= last; ++e)
    for (const int factor : {1, 2, 5})
      if (const double tick = decimal(factor, e); tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9))
        ticks.push_back(tick);
  if (ticks.size() >= 3) return ticks;
  ticks = nice_ticks(low, high, most);
  std::erase_if(ticks, [](double tick) { return tick <= 0; });
  return ticks;
}

std::vector<std::string> tick_labels(std::span<const double> ticks) {
  const Fineness fineness = fineness_of(ticks);
  const bool plain_can_be = fineness.finest > -10 &&
                            std::all_of(ticks.begin(), ticks.end(), [](double tick) { return std::abs(tick) < 1e16; });
  std::vector<std::string> plain, powers;
  size_t longest_plain = 0, longest_power = 0;
  for (const double tick : ticks) {
    powers.push_back(scientific(tick, fineness.finest));
    plain.push_back(plain_can_be ? plain_figures(tick, fineness) : "");
    longest_plain = std::max(longest_plain, plain.back().size());
    longest_power = std::max(longest_power, powers.back().size());
  }
  return plain_can_be && (longest_plain <= kLongestPlain || longest_plain <= longest_power) ? plain : powers;
}

}  // namespace duet
