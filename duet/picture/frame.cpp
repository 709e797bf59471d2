#include "duet/picture/frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "duet/picture/ticks.h"

namespace duet {
namespace {

constexpr Colour kTitle = {26, 26, 26};
constexpr Colour kText = {64, 64, 64};
constexpr Colour kGrid = {232, 232, 232};
constexpr Colour kEdge = {150, 150, 150};
constexpr Colour kMark = {90, 90, 90};
constexpr int kMargin = 16;
constexpr int kTitleScale = 2;
constexpr int kLegendRow = 16;
constexpr int kMostLegendRows = 4;
constexpr int kSwatch = 16;  ///< width of the line beside a name
constexpr int kSwatchGap = 6;
constexpr int kNameGap = 20;
constexpr int kTickGap = 6;       ///< between the plot and the labels of its ticks
constexpr int kAxisNameGap = 12;  ///< between the plot and the line of text above it
constexpr int kLeastLabelWidth = 6 * kGlyphWidth;

void fill(Image& image, const PlotArea& area, Colour colour) {
  for (int y = std::max(area.top, 0); y < std::min(area.bottom, image.height); ++y)
    for (int x = std::max(area.left, 0); x < std::min(area.right, image.width); ++x)
      std::copy(colour.begin(), colour.end(), image.at(x, y));
}

void draw_swatch(Image& image, int x, int y, const LegendEntry& entry) {
  const int middle = y + 4;
  if (entry.is_dashed) {
    for (int at = 0; at < kSwatch; at += 6) fill(image, {x + at, middle - 1, x + at + 4, middle + 1}, entry.colour);
    return;
  }
  if (!entry.is_dot) return fill(image, {x, middle - 1, x + kSwatch, middle + 1}, entry.colour);
  const int left = x + kSwatch / 2 - 2;
  fill(image, {left + 1, middle - 3, left + 5, middle + 3}, entry.colour);
  fill(image, {left, middle - 2, left + 6, middle + 2}, entry.colour);
}

/// Position of a legend's name, already shortened to the available space.
struct PlacedEntry {
  LegendEntry entry;
  int x = 0, y = 0;
  bool has_swatch = true;
};

/// Rows of names from the left; names beyond kMostLegendRows are summarised in the last row.
std::vector<PlacedEntry> place_legend(const std::vector<LegendEntry>& legend, int top, int picture_width) {
  const int room = picture_width - 2 * kMargin, before_name = kSwatch + kSwatchGap;
  std::vector<PlacedEntry> placed;
  int x = kMargin, y = top;
  const size_t names = static_cast<size_t>(
      std::count_if(legend.begin(), legend.end(), [](const LegendEntry& entry) { return !entry.name.empty(); }));
  for (const LegendEntry& entry : legend) {
    if (entry.name.empty()) continue;
    const std::string name = fit_text(entry.name, room - before_name);
    const int width = before_name + text_width(name);
    if (x > kMargin && x + width > kMargin + room) x = kMargin, y += kLegendRow;
    if (y >= top + kMostLegendRows * kLegendRow) {
      placed.push_back({{fmt::format("and {} more", names - placed.size()), {}, false}, x, y, false});
      break;
    }
    placed.push_back({{name, entry.colour, entry.is_dot, entry.is_dashed}, x, y});
    x += width + kNameGap;
  }
  return placed;
}

Axis linear_axis(Extent extent, double margin, int most) {
  const double largest = std::max(std::abs(extent.low), std::abs(extent.high));
  // A smaller range is lost in rounding: treat it as a single value.
  if (!(extent.high - extent.low > 1e-12 * largest) || largest < 1e-300) {
    const double around = largest < 1e-300 ? 1 : largest / 10;
    extent = {extent.low - around, extent.high + around};
  } else {
    const double room = margin * (extent.high - extent.low);
    extent = {extent.low - room, extent.high + room};
  }
  Axis axis{extent.low, extent.high, false, nice_ticks(extent.low, extent.high, most), {}};
  axis.labels = tick_labels(axis.ticks);
  return axis;
}

Axis log_axis(Extent extent, double margin, int most) {
  const double ratio = std::log(extent.high) - std::log(extent.low);
  const double room = std::exp(ratio > 1e-12 ? std::min(margin * ratio, 10.0) : std::log(2.0));
  Axis axis{extent.low / room, extent.high * room, true, {}, {}};
  axis.ticks = log_ticks(axis.low, axis.high, most);
  axis.labels = tick_labels(axis.ticks);
  return axis;
}

}  // namespace

void Extent::include(double value) {
  low = std::min(low, value);
  high = std::max(high, value);
}

bool can_be_drawn(double value, bool log) {
  return std::isfinite(value) && std::abs(value) <= 1e300 && (!log || value >= 1e-300);
}

double Axis::fraction(double value) const {
  if (!log) return (value - low) / (high - low);
  return (std::log(value) - std::log(low)) / (std::log(high) - std::log(low));
}

Axis make_axis(Extent extent, double margin, int most, bool log) {
  if (extent.is_empty()) {
    extent = log ? Extent{1, 10} : Extent{0, 1};
    margin = 0;
  }
  return log ? log_axis(extent, margin, most) : linear_axis(extent, margin, most);
}

Frame::Frame(const ChartOptions& options, const std::vector<LegendEntry>& legend)
    : picture_(blank_image(std::max(options.width, 200), std::max(options.height, 150), 3, 255)) {
  int y = kMargin;
  if (!options.title.empty()) {
    const std::string title = fit_text(options.title, picture_.width - 2 * kMargin, kTitleScale);
    draw_text(picture_, kMargin, y, title, kTitle, kTitleScale);
    y += kGlyphHeight * kTitleScale + 6;
  }
  legend_top_ = y;
  const std::vector<PlacedEntry> placed = place_legend(legend, y, picture_.width);
  if (!placed.empty()) y = placed.back().y + kLegendRow + 6;
  if (!options.y_label.empty() || !options.mark_name.empty()) y += kGlyphHeight + kAxisNameGap;
  const int below = kMargin + kTickGap + kGlyphHeight + (options.x_label.empty() ? 0 : kGlyphHeight + 6);
  area_ = {kMargin + kLeastLabelWidth + kTickGap, y, picture_.width - kMargin - 8, picture_.height - below};
  // With many names in a low picture the plot keeps a third of the height and covers the legend's last rows.
  area_.top = std::min(area_.top, area_.bottom - picture_.height / 3);
}

void Frame::draw_legend(const std::vector<LegendEntry>& legend) {
  for (const PlacedEntry& placed : place_legend(legend, legend_top_, picture_.width)) {
    if (placed.has_swatch) draw_swatch(picture_, placed.x, placed.y, placed.entry);
    draw_text(picture_, placed.x + (placed.has_swatch ? kSwatch + kSwatchGap : 0), placed.y, placed.entry.name, kText);
  }
}

int Frame::most_x_ticks() const { return std::clamp(area_.width() / 80, 2, 12); }
int Frame::most_y_ticks() const { return std::clamp(area_.height() / 40, 2, 12); }

void Frame::make_room_for(const std::vector<std::string>& y_labels, int least) {
  int widest = std::max(kLeastLabelWidth, least);
  for (const std::string& label : y_labels) widest = std::max(widest, text_width(label));
  area_.left = std::min(kMargin + widest + kTickGap, picture_.width / 2);
}

Point Frame::place(double x, double y) const {
  return {area_.left + x_.fraction(x) * area_.width(), area_.bottom - y_.fraction(y) * area_.height()};
}

void Frame::draw_axes(const ChartOptions& options, Axis x, Axis y) {
  x_ = std::move(x);
  y_ = std::move(y);
  for (size_t i = 0; i < y_.ticks.size(); ++i) {
    const int at = static_cast<int>(std::lround(area_.bottom - y_.fraction(y_.ticks[i]) * area_.height()));
    fill(picture_, {area_.left, at, area_.right, at + 1}, kGrid);
    draw_text(picture_, area_.left - kTickGap - text_width(y_.labels[i]), at - 4, y_.labels[i], kText);
  }
  for (size_t i = 0; i < x_.ticks.size(); ++i) {
    const int at = static_cast<int>(std::lround(area_.left + x_.fraction(x_.ticks[i]) * area_.width()));
    fill(picture_, {at, area_.top, at + 1, area_.bottom}, kGrid);
    fill(picture_, {at, area_.bottom, at + 1, area_.bottom + 4}, kEdge);
    draw_text(picture_, at - text_width(x_.labels[i]) / 2, area_.bottom + kTickGap + 1, x_.labels[i], kText);
  }
  fill(picture_, {area_.left, area_.bottom, area_.right, area_.bottom + 1}, kEdge);
  draw_text(picture_, kMargin, area_.top - kGlyphHeight - kAxisNameGap,
            fit_text(options.y_label, picture_.width - 2 * kMargin), kText);
  const std::string name = fit_text(options.x_label, area_.width());
  draw_text(picture_, area_.left + (area_.width() - text_width(name)) / 2, picture_.height - kMargin - kGlyphHeight + 4,
            name, kText);
}

void Frame::draw_mark(double x, const std::string& name, const std::string& y_label) {
  const int at = static_cast<int>(std::lround(area_.left + x_.fraction(x) * area_.width()));
  for (int y = area_.top; y < area_.bottom; y += 8)
    fill(picture_, {at, y, at + 1, std::min(y + 5, area_.bottom)}, kMark);
  const int from = y_label.empty() ? kMargin : kMargin + text_width(y_label) + 2 * kGlyphWidth;
  const std::string text = fit_text(name, picture_.width - kMargin - from);
  const int last = picture_.width - kMargin - text_width(text);
  draw_text(picture_, std::clamp(at - text_width(text) / 2, std::min(from, last), last),
            area_.top - kGlyphHeight - kAxisNameGap, text, kMark);
}

void Frame::draw_note(const std::string& note) {
  draw_text(picture_, (area_.left + area_.right - text_width(note)) / 2, (area_.top + area_.bottom) / 2 - 4, note,
            kText);
}

void Frame::tint(const Canvas& mask, Colour colour, double opacity) {
  for (int y = 0; y < picture_.height; ++y)
    for (int x = 0; x < picture_.width; ++x) {
      const double part = opacity * mask.at(x, y);
      if (part <= 0) continue;
      uint8_t* pixel = picture_.at(x, y);
      for (int c = 0; c < 3; ++c)
        pixel[c] = static_cast<uint8_t>(std::lround(pixel[c] + part * (colour[c] - pixel[c])));
    }
}

}  // namespace duet
