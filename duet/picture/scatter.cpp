#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"
#include "duet/picture/chart.h"
#include "duet/picture/frame.h"

// scatter: point clouds with equal units on both axes, or separate units where the plane is long and thin.

namespace duet {
namespace {

constexpr Colour kReal = {120, 120, 120};
constexpr double kDotRadius = 1.7;
constexpr double kJoinedRadius = 2.6, kLineWidth = 1.2;
constexpr double kThin = 10;       ///< from this ratio of ranges on, the axes have separate units
constexpr double kMargin = 0.125;  ///< on each side: a quarter of the range together

/// The part of the plane that is shown.
struct View {
  Extent x, y;

  bool holds(double px, double py) const {
    return can_be_drawn(px) && can_be_drawn(py) && px >= x.low && px <= x.high && py >= y.low && py <= y.high;
  }
};

void include(View& view, const Cloud& cloud) {
  for (size_t i = 0; i < cloud.x.size(); ++i) {
    if (!can_be_drawn(cloud.x[i]) || !can_be_drawn(cloud.y[i])) continue;
    view.x.include(cloud.x[i]);
    view.y.include(cloud.y[i]);
  }
}

/// The range of the first cloud, or of all clouds if it has no points.
View bounds_of(const std::vector<Cloud>& clouds) {
  View view;
  if (!clouds.empty()) include(view, clouds.front());
  if (view.x.is_empty())
    for (const Cloud& cloud : clouds) include(view, cloud);
  return view.x.is_empty() ? View{{-1, 1}, {-1, 1}} : view;
}

/// Widens an extent to a length around its middle.
Extent around_middle(const Extent& extent, double length) {
  const double middle = extent.low / 2 + extent.high / 2;
  return {middle - length / 2, middle + length / 2};
}

/// An axis with its margin, independent of the other axis.
Extent fit_alone(const Extent& extent) {
  const double length = (extent.high - extent.low) * (1 + 2 * kMargin);
  const double least = 1e-6 * std::max({std::abs(extent.low), std::abs(extent.high), 1e-290});
  return around_middle(extent, std::max(length, least));
}

/// The bounds with their margin, fitted to the plot: with equal units on both axes, or each axis separately.
View fit_view(const View& bounds, const PlotArea& area) {
  const double width = bounds.x.high - bounds.x.low, height = bounds.y.high - bounds.y.low;
  if (width > 0 && height > 0 && (width > kThin * height || height > kThin * width))
    return {fit_alone(bounds.x), fit_alone(bounds.y)};
  const double largest = std::max(
      {std::abs(bounds.x.low), std::abs(bounds.x.high), std::abs(bounds.y.low), std::abs(bounds.y.high), 1e-290});
  double unit = std::max(width / area.width(), height / area.height()) * (1 + 2 * kMargin);  // per pixel
  if (!(unit > 1e-14 * largest)) unit = largest / std::min(area.width(), area.height());
  return {around_middle(bounds.x, unit * area.width()), around_middle(bounds.y, unit * area.height())};
}

int64_t count_outside(const Cloud& cloud, const View& view) {
  int64_t outside = 0;
  for (size_t i = 0; i < cloud.x.size(); ++i) outside += view.holds(cloud.x[i], cloud.y[i]) ? 0 : 1;
  return outside;
}

Colour cloud_colour(size_t index) { return index == 0 ? kReal : series_colour(index - 1); }

LegendEntry legend_entry(const Cloud& cloud, int64_t outside, Colour colour) {
  const std::string note = outside > 0 ? fmt::format("{} outside", outside) : "";
  return {cloud.name + (cloud.name.empty() || note.empty() ? "" : ", ") + note, colour, true};
}

/// The legend; without a view the longest possible one, as if all points were outside.
std::vector<LegendEntry> legend_of(const std::vector<Cloud>& clouds, const View* view) {
  std::vector<LegendEntry> legend;
  for (size_t i = 0; i < clouds.size(); ++i) {
    if (clouds[i].joined && clouds[i].name.empty()) continue;  // there may be hundreds of paths
    const int64_t outside = view ? count_outside(clouds[i], *view) : static_cast<int64_t>(clouds[i].x.size());
    legend.push_back(legend_entry(clouds[i], outside, cloud_colour(i)));
  }
  return legend;
}

/// Dots are translucent, so dense places are darker; the more dots, the fainter each is.
void draw_cloud(Frame& frame, const Cloud& cloud, const View& view, Colour colour) {
  const double opacity = std::clamp(28 / std::sqrt(double(cloud.x.size()) + 1), 0.2, 0.8);
  Canvas mask(frame.picture().width, frame.picture().height);
  for (size_t i = 0; i < cloud.x.size(); ++i)
    if (view.holds(cloud.x[i], cloud.y[i]))
      mask.ellipse({frame.place(cloud.x[i], cloud.y[i]), kDotRadius, kDotRadius}, {.opacity = float(opacity)});
  frame.tint(mask, colour, 0.9);
}

/// A line through the dots; it is interrupted where a point is outside.
void draw_way(Frame& frame, const Cloud& cloud, const View& view, Colour colour) {
  Canvas mask(frame.picture().width, frame.picture().height);
  std::vector<Path> lines(1);
  for (size_t i = 0; i < cloud.x.size(); ++i) {
    if (!view.holds(cloud.x[i], cloud.y[i])) {
      lines.emplace_back();
      continue;
    }
    lines.back().push_back(frame.place(cloud.x[i], cloud.y[i]));
    mask.ellipse({lines.back().back(), kJoinedRadius, kJoinedRadius}, {});
  }
  std::erase_if(lines, [](const Path& line) { return line.size() < 2; });
  mask.strokes(lines, std::vector<std::vector<double>>(lines.size(), {kLineWidth}), {});
  frame.tint(mask, colour, 0.9);
}

/// An axis that shows exactly an extent.
Axis axis_over(const Extent& extent, int most) { return make_axis(extent, 0, most); }

}  // namespace

Image scatter(const std::vector<Cloud>& clouds, const ChartOptions& options) {
  for (const Cloud& cloud : clouds)
    if (cloud.x.size() != cloud.y.size())
      fail(Fault::internal, "scatter: cloud \"{}\" has {} x and {} y; expected as many", cloud.name, cloud.x.size(),
           cloud.y.size());
  const View bounds = bounds_of(clouds);
  // The number of points outside depends on the plot's shape, which depends on the space for the legend that shows it.
  Frame frame(options, legend_of(clouds, nullptr));
  const Extent first_guess = fit_view(bounds, frame.area()).y;
  frame.make_room_for(axis_over(first_guess, frame.most_y_ticks()).labels);
  const View view = fit_view(bounds, frame.area());
  frame.draw_legend(legend_of(clouds, &view));
  frame.draw_axes(options, axis_over(view.x, frame.most_x_ticks()), axis_over(view.y, frame.most_y_ticks()));
  for (size_t i = 0; i < clouds.size(); ++i)
    (clouds[i].joined ? draw_way : draw_cloud)(frame, clouds[i], view, cloud_colour(i));
  return std::move(frame.picture());
}

}  // namespace duet
