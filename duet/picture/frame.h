#pragma once

#include <limits>
#include <string>
#include <vector>

#include "duet/picture/canvas.h"
#include "duet/picture/chart.h"

namespace duet {

/// The range of some numbers, for an axis.
struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  bool is_empty() const { return low > high; }
  void include(double value);
};

/// True for a number that can be drawn: within +-1e300, so that ranges and margins stay finite, and above 0 on a
/// logarithmic axis.
bool can_be_drawn(double value, bool log = false);

/// A scale of a chart, linear or logarithmic.
struct Axis {
  double low = 0, high = 1;
  bool log = false;
  std::vector<double> ticks;        ///< within [low, high]
  std::vector<std::string> labels;  ///< of the ticks

  /// Position of a value between low (0) and high (1).
  double fraction(double value) const;
};

/// An axis over an extent widened by `margin` of its length on both sides, with about `most` ticks. An empty extent
/// gives 0..1 (1..10 on a logarithmic axis), a single value a range around it.
Axis make_axis(Extent extent, double margin, int most, bool log = false);

/// An entry of the legend.
struct LegendEntry {
  std::string name;
  Colour colour{};
  bool is_dot = false;     ///< a dot instead of a line
  bool is_dashed = false;  ///< the line is dashed
};

/// The plot's edges in pixels, right and bottom exclusive.
struct PlotArea {
  int left = 0, top = 0, right = 0, bottom = 0;

  int width() const { return right - left; }
  int height() const { return bottom - top; }
};

/// Everything of a chart but its data: title, legend, axes, and the map from numbers to pixels. The title and legend
/// are laid out first, then the axes are chosen for the remaining space. Threads: not for several at once.
class Frame {
 public:
  /// Draws the title and reserves space below it for this legend; the plot gets the rest.
  Frame(const ChartOptions& options, const std::vector<LegendEntry>& legend);

  /// Draws the legend for which the space was reserved, or one with shorter names.
  void draw_legend(const std::vector<LegendEntry>& legend);

  const PlotArea& area() const { return area_; }
  /// Maximum number of ticks that fit on an axis.
  int most_x_ticks() const;
  int most_y_ticks() const;
  /// Moves the plot's left edge so that these labels fit beside it, or labels of `least` pixels if they are narrower.
  void make_room_for(const std::vector<std::string>& y_labels, int least = 0);
  /// Draws grid, ticks, labels and axis names, and fixes the map of place().
  void draw_axes(const ChartOptions& options, Axis x, Axis y);
  /// Position of a pair of numbers in the picture. can_be_drawn must hold for both.
  Point place(double x, double y) const;
  /// Draws a dashed vertical line at `x`, with its name above the plot beside `y_label`.
  void draw_mark(double x, const std::string& name, const std::string& y_label);
  /// Writes a remark in the middle of the plot.
  void draw_note(const std::string& note);
  /// Blends a colour into the picture with a mask of the same size as its opacity.
  void tint(const Canvas& mask, Colour colour, double opacity = 1);

  Image& picture() { return picture_; }

 private:
  Image picture_;
  int legend_top_ = 0;
  PlotArea area_;
  Axis x_, y_;
};

}  // namespace duet
