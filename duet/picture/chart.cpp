#include "duet/picture/chart.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"
#include "duet/picture/canvas.h"
#include "duet/picture/frame.h"

namespace duet {
namespace {

constexpr double kLineWidth = 1.8;
constexpr double kDotRadius = 3;      ///< of a point without neighbours
constexpr double kJointRadius = 2.4;  ///< of the points of a short series
constexpr size_t kFewPoints = 30;
constexpr double kBandOpacity = 0.18;
constexpr double kDash = 7, kDashGap = 5;
constexpr double kXMargin = 0.015;
constexpr Colour kDashed = {110, 110, 110};

/// Consecutive points of a series without a gap.
struct Run {
  size_t begin = 0, end = 0;
};

bool is_drawn(const Series& series, size_t i, bool log_y) {
  return can_be_drawn(series.x[i]) && can_be_drawn(series.y[i], log_y);
}

std::vector<Run> find_runs(const Series& series, bool log_y) {
  std::vector<Run> runs;
  for (size_t i = 0; i < series.x.size(); ++i) {
    if (!is_drawn(series, i, log_y)) continue;
    if (runs.empty() || runs.back().end != i) runs.push_back({i, i});
    runs.back().end = i + 1;
  }
  return runs;
}

/// Half the height of the band at a point; 0 if there is none.
double spread_at(const Series& series, size_t i) {
  return !series.spread.empty() && can_be_drawn(series.spread[i]) ? std::abs(series.spread[i]) : 0;
}

void check(const Series& series) {
  if (series.x.size() != series.y.size() || (!series.spread.empty() && series.spread.size() != series.x.size()))
    fail(Fault::internal,
         "line_chart: series \"{}\" has {} x, {} y and {} spreads; expected as many y as x, and as many "
         "spreads or none",
         series.name, series.x.size(), series.y.size(), series.spread.size());
}

/// Ranges that the axes must contain.
struct Extents {
  Extent x, y;
};

Extents find_extents(const std::vector<Series>& series, const ChartOptions& options) {
  Extents out;
  for (const Series& one : series) {
    check(one);
    for (size_t i = 0; i < one.x.size(); ++i) {
      if (!is_drawn(one, i, options.log_y)) continue;
      out.x.include(one.x[i]);
      for (const double y : {one.y[i], one.y[i] - spread_at(one, i), one.y[i] + spread_at(one, i)})
        if (can_be_drawn(y, options.log_y)) out.y.include(y);
    }
  }
  if (options.mark_x && can_be_drawn(*options.mark_x)) out.x.include(*options.mark_x);
  return out;
}

/// A path with at most four points in any column of pixels: first, lowest, highest, last. It looks the same and is fast
/// to draw however many steps a run has.
Path thin_out(const Path& path) {
  Path out;
  for (size_t begin = 0, end = 0; begin < path.size(); begin = end) {
    for (end = begin; end < path.size() && std::floor(path[end].x) == std::floor(path[begin].x);) ++end;
    const auto first = path.begin() + static_cast<std::ptrdiff_t>(begin),
               last = path.begin() + static_cast<std::ptrdiff_t>(end);
    const auto [least, most] = std::minmax_element(first, last, [](Point a, Point b) { return a.y < b.y; });
    std::vector<Path::const_iterator> kept{first, least, most, last - 1};
    std::sort(kept.begin(), kept.end());
    kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
    for (const auto& point : kept) out.push_back(*point);
  }
  return out;
}

void draw_band(Frame& frame, const Series& series, const Axis& y, Colour colour) {
  if (series.spread.empty()) return;
  Canvas mask(frame.picture().width, frame.picture().height);
  for (const Run& run : find_runs(series, y.log)) {
    Path upper, lower;
    for (size_t i = run.begin; i < run.end; ++i) {
      const double spread = spread_at(series, i);
      // On a logarithmic axis the band is cut off at the axis.
      upper.push_back(frame.place(series.x[i], std::clamp(series.y[i] + spread, y.low, y.high)));
      lower.push_back(frame.place(series.x[i], std::clamp(series.y[i] - spread, y.low, y.high)));
    }
    Path outline = thin_out(upper);
    const Path back = thin_out(lower);
    outline.insert(outline.end(), back.rbegin(), back.rend());
    mask.polygon(outline, {.value = 1});
    if (upper.size() == 1) mask.stroke({upper[0], lower[0]}, 2 * kDotRadius, {.value = 1});
  }
  frame.tint(mask, colour, kBandOpacity);
}

/// The dashes of a path.
std::vector<Path> dashes(const Path& path) {
  std::vector<Path> pieces{{path.front()}};
  double left = kDash;
  bool drawn = true;
  for (size_t i = 1; i < path.size(); ++i) {
    Point from = path[i - 1];
    double length = std::hypot(path[i].x - from.x, path[i].y - from.y);
    while (length > left) {
      const double share = left / length;
      from = {from.x + share * (path[i].x - from.x), from.y + share * (path[i].y - from.y)};
      length -= left;
      drawn ? pieces.back().push_back(from) : pieces.push_back({from});
      drawn = !drawn;
      left = drawn ? kDash : kDashGap;
    }
    left -= length;
    if (drawn) pieces.back().push_back(path[i]);
  }
  std::erase_if(pieces, [](const Path& piece) { return piece.size() < 2; });
  return pieces;
}

void draw_dashed(Frame& frame, const Series& series, bool log_y, Colour colour) {
  Canvas mask(frame.picture().width, frame.picture().height);
  for (const Run& run : find_runs(series, log_y)) {
    Path path;
    for (size_t i = run.begin; i < run.end; ++i) path.push_back(frame.place(series.x[i], series.y[i]));
    const auto pieces = dashes(thin_out(path));
    mask.strokes(pieces, std::vector<std::vector<double>>(pieces.size(), {kLineWidth}), {});
  }
  frame.tint(mask, colour);
}

void draw_line(Frame& frame, const Series& series, bool log_y, Colour colour) {
  if (series.dashed) return draw_dashed(frame, series, log_y, colour);
  Canvas mask(frame.picture().width, frame.picture().height);
  std::vector<Path> lines;
  for (const Run& run : find_runs(series, log_y)) {
    Path path;
    for (size_t i = run.begin; i < run.end; ++i) path.push_back(frame.place(series.x[i], series.y[i]));
    if (series.x.size() <= kFewPoints)
      for (const Point& point : path) mask.ellipse({point, kJointRadius, kJointRadius}, {});
    if (path.size() == 1)
      mask.ellipse({path[0], kDotRadius, kDotRadius}, {});
    else
      lines.push_back(thin_out(path));
  }
  const std::vector<std::vector<double>> widths(lines.size(), {kLineWidth});
  mask.strokes(lines, widths, {});
  frame.tint(mask, colour);
}

}  // namespace

Colour series_colour(size_t index) {
  // Okabe and Ito's colours without yellow, which is hard to see on white; plus a dark grey and a brown.
  constexpr std::array<Colour, 8> kColours = {{{0, 114, 178},
                                               {213, 94, 0},
                                               {0, 158, 115},
                                               {204, 121, 167},
                                               {230, 159, 0},
                                               {86, 180, 233},
                                               {70, 70, 70},
                                               {133, 80, 30}}};
  return kColours[index % kColours.size()];
}

namespace {

/// Dashed lines do not use up a colour.
Colour colour_of(const std::vector<Series>& series, size_t index) {
  if (series[index].dashed) return kDashed;
  const auto before = std::count_if(series.begin(), series.begin() + static_cast<std::ptrdiff_t>(index),
                                    [](const Series& other) { return !other.dashed; });
  return series_colour(static_cast<size_t>(before));
}

Axis x_axis(const Extent& extent, const ChartOptions& options, int most) {
  const double from = options.x_from.value_or(extent.low);
  if (!options.x_from || extent.is_empty() || !(from < extent.high) || extent.low < from)
    return make_axis(extent, kXMargin, most);
  // A margin after the last value, none before the first.
  return make_axis({from, extent.high + kXMargin * (extent.high - from)}, 0, most);
}

/// Layout shared by several charts.
struct Common {
  Extent x;
  int label_width = 0;  ///< pixels of the widest label of a y axis
};

int widest_label(const Axis& axis) {
  int widest = 0;
  for (const auto& label : axis.labels) widest = std::max(widest, text_width(label));
  return widest;
}

std::vector<LegendEntry> legend_of(const std::vector<Series>& series) {
  std::vector<LegendEntry> legend;
  for (size_t i = 0; i < series.size(); ++i)
    legend.push_back({series[i].name, colour_of(series, i), false, series[i].dashed});
  return legend;
}

Axis y_axis(const Frame& frame, const Extents& extents, const ChartOptions& options) {
  return make_axis(extents.y, 0.05, frame.most_y_ticks(), options.log_y);
}

Image draw_chart(const std::vector<Series>& series, const ChartOptions& options, const Common& common) {
  const auto legend = legend_of(series);
  const Extents extents = find_extents(series, options);
  Frame frame(options, legend);
  frame.draw_legend(legend);
  const Axis y = y_axis(frame, extents, options);
  frame.make_room_for(y.labels, common.label_width);
  frame.draw_axes(options, x_axis(common.x, options, frame.most_x_ticks()), y);
  for (size_t i = 0; i < series.size(); ++i) draw_band(frame, series[i], y, colour_of(series, i));
  if (options.mark_x && can_be_drawn(*options.mark_x))
    frame.draw_mark(*options.mark_x, options.mark_name, options.y_label);
  for (size_t i = 0; i < series.size(); ++i) draw_line(frame, series[i], options.log_y, colour_of(series, i));
  if (extents.y.is_empty()) frame.draw_note("no data");
  return std::move(frame.picture());
}

}  // namespace

Image line_chart(const std::vector<Series>& series, const ChartOptions& options) {
  return draw_chart(series, options, {find_extents(series, options).x});
}

Image line_charts(const std::vector<Chart>& charts) {
  Common common;
  for (const auto& [series, options] : charts) {
    const auto extents = find_extents(series, options);
    if (!extents.x.is_empty()) common.x.include(extents.x.low), common.x.include(extents.x.high);
    const Frame frame(options, legend_of(series));
    common.label_width = std::max(common.label_width, widest_label(y_axis(frame, extents, options)));
  }
  std::vector<Image> pictures;
  for (const auto& [series, options] : charts) pictures.push_back(draw_chart(series, options, common));
  return stack(pictures);
}

Image stack(const std::vector<Image>& charts) {
  if (charts.empty()) fail(Fault::internal, "stack: found no pictures; expected at least one");
  int width = 0, height = 0;
  for (const Image& chart : charts) {
    width = std::max(width, chart.width);
    height += chart.height;
  }
  Image out = blank_image(width, height, 3, 255);
  int top = 0;
  for (const Image& chart : charts) {
    const Image rgb = fit_image(chart, 0, 3);
    for (int y = 0; y < rgb.height; ++y) std::copy_n(rgb.at(0, y), rgb.width * 3, out.at(0, top + y));
    top += chart.height;
  }
  return out;
}

}  // namespace duet
