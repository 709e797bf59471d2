#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duet/picture/font.h"
#include "duet/picture/image.h"

namespace duet {

/// A line of a chart. Values that are not finite (or beyond 1e300, or not above 0 on a logarithmic axis) make a gap.
struct Series {
  std::string name;              ///< in the legend; empty: not listed
  std::vector<double> x, y;      ///< of one length, drawn in the order given
  std::vector<double> spread{};  ///< empty, or for each point half the height of a band around it
  bool dashed = false;           ///< a grey dashed line without dots: a baseline
};

/// Points in the plane.
struct Cloud {
  std::string name;          ///< in the legend; empty: not listed
  std::vector<double> x, y;  ///< of one length
  bool joined = false;       ///< each point is connected to the next; without a name not in the legend
};

/// Title, labels and size of a chart. Texts that are too long are shortened.
struct ChartOptions {
  std::string title{};
  std::string x_label{}, y_label{};
  int width = 900, height = 420;   ///< pixels; the minimum is 200 x 150
  bool log_y = false;              ///< line_chart only
  std::optional<double> x_from{};  ///< line_chart only: where the x axis begins exactly, unless a value lies before it
  std::optional<double> mark_x{};  ///< line_chart only: a dashed vertical line, such as the best checkpoint
  std::string mark_name{};         ///< written above that line
};

/// The colour of a series by its index (Okabe and Ito 2008), distinguishable by people with colour blindness. Colours
/// repeat after eight.
Colour series_colour(size_t index);

/// Line chart on white, with the legend above the plot. The axes contain every finite value, spread and mark. Isolated
/// points are drawn as dots, and so are all points of a series of at most 30; without any data the frame says so. RGB;
/// the same input gives the same bytes. Throws Error(internal) when the vectors of a series differ in length.
Image line_chart(const std::vector<Series>& series, const ChartOptions& options);

/// A line chart with its title and labels.
struct Chart {
  std::vector<Series> series;
  ChartOptions options;
};

/// Line charts below one another with one range of x, aligned. RGB. Throws Error(internal) without any, and as
/// line_chart does.
Image line_charts(const std::vector<Chart>& charts);

/// Scatter plot with equal units on both axes, or separate units where one range is over ten times the other. The first
/// cloud (real points) is grey, the others have the colours of series_colour(0), (1) ... The plot covers the first
/// cloud's range plus a quarter, and more along one axis where the picture's shape leaves room. The legend says how
/// many points of a cloud are outside ("12 outside"), including those that are not finite. RGB; the same input gives
/// the same bytes. Throws Error(internal) when the vectors of a cloud differ in length.
Image scatter(const std::vector<Cloud>& clouds, const ChartOptions& options);

/// Pictures below one another on white, RGB, as wide as the widest. Throws Error(internal) without any.
Image stack(const std::vector<Image>& charts);

}  // namespace duet
