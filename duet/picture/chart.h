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
  bool dashed = false;           ///< a grey dashed line without dots: what the others are to be compared with
};

/// Points in the plane.
struct Cloud {
  std::string name;          ///< in the legend; empty: not listed
  std::vector<double> x, y;  ///< of one length
  bool joined = false;       ///< a line leads from each to the next; without a name it is not in the legend at all
};

/// What stands around a chart. Texts that are too long are cut.
struct ChartOptions {
  std::string title{};
  std::string x_label{}, y_label{};
  int width = 900, height = 420;   ///< pixels; at least 200 x 150 is made
  bool log_y = false;              ///< line_chart only
  std::optional<double> x_from{};  ///< line_chart only: where the x axis begins exactly, unless a value lies before it
  std::optional<double> mark_x{};  ///< line_chart only: a dashed vertical line, such as the best checkpoint
  std::string mark_name{};         ///< written above that line
};

/// The colour of the series at an index, distinguishable with any colour vision (Okabe and Ito 2008). They repeat
/// after eight.
Colour series_colour(size_t index);

/// Lines over x on white, with the legend above the plot. The axes hold every finite value, spread and mark. Points
/// without neighbours are drawn as dots, and so are all of a series of at most 30; without any data the frame says so.
/// RGB; the same input gives the same bytes. Throws Error(internal) when the vectors of a series differ in length.
Image line_chart(const std::vector<Series>& series, const ChartOptions& options);

/// Lines over x, and what stands around them.
struct Chart {
  std::vector<Series> series;
  ChartOptions options;
};

/// Line charts one above another whose x axes have one range and stand in line. RGB. Throws Error(internal) without
/// any, and as line_chart.
Image line_charts(const std::vector<Chart>& charts);

/// Clouds one over another with equal units on both axes (units of their own where one range is over ten times the
/// other): the first (real points) grey, the others in the colours of
/// series_colour(0), (1) ... The plot holds the first cloud's range plus a quarter, more along one axis where the
/// picture's shape leaves room. The legend says how many points of a cloud lie outside ("12 outside"), those that are
/// not finite among them. RGB; the same input gives the same bytes.
/// Throws Error(internal) when the vectors of a cloud differ in length.
Image scatter(const std::vector<Cloud>& clouds, const ChartOptions& options);

/// Pictures one above another on white, RGB, as wide as the widest. Throws Error(internal) without any.
Image stack(const std::vector<Image>& charts);

}  // namespace duet
