#include "duet/picture/sheet.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"
#include "duet/picture/font.h"

namespace duet {
namespace {

constexpr int kSmall = 64;  ///< pictures below this size are enlarged
constexpr int kMostWidth = 900;
constexpr int kMostHeight = 1200;
constexpr int kMostNameWidth = 12 * kGlyphWidth;  ///< maximum width of a column for its name
constexpr int64_t kMostPixels = 64'000'000;
constexpr Colour kInk = {38, 38, 38};

/// Positions on a sheet, in pixels.
struct Layout {
  int columns = 1, rows = 1;
  int scale = 1;
  int gap = 0;
  int cell_width = 0, cell_height = 0;  ///< of the largest picture, enlarged
  int row_height = 0;                   ///< of a cell, or of its name if that is higher
  int column_width = 0;                 ///< of a cell, or of its name if that is wider
  int margin = 0;                       ///< left of the grid, for the names of rows
  int head = 0;                         ///< above the grid, for the names of columns
  int name_scale = 1;                   ///< of the rows' names
  int head_scale = 1;                   ///< of the columns' names

  int64_t width() const { return margin + gap + int64_t{columns} * (column_width + gap); }
  int64_t height() const { return head + gap + int64_t{rows} * (row_height + gap); }
  int left(int column) const { return margin + gap + column * (column_width + gap); }
  int top(int row) const { return head + gap + row * (row_height + gap); }
};

int near_square(int count) {
  const int side = static_cast<int>(std::ceil(std::sqrt(double(count))));
  for (int columns = side; columns <= 2 * side && columns <= count; ++columns)
    if (count % columns == 0) return columns;
  return side;
}

int choose_columns(int count, const SheetOptions& options) {
  const int names = static_cast<int>(options.row_names.size());
  if (options.columns > 0) return std::min(options.columns, count);
  return names > 0 ? (count + names - 1) / names : near_square(count);
}

int widest(const std::vector<std::string>& names) {
  int width = 0;
  for (const std::string& name : names) width = std::max(width, text_width(name));
  return width;
}

void enlarge(Layout& layout, int width, int height, int scale, const SheetOptions& options) {
  layout.scale = scale;
  layout.cell_width = width * scale;
  layout.cell_height = height * scale;
  const int longest = widest(options.row_names), broadest = std::min(widest(options.column_names), kMostNameWidth);
  // The scale of names follows the enlargement of small pictures.
  layout.name_scale = longest > 0 && longest <= 80 && layout.cell_height >= 48 ? 2 : 1;
  layout.margin = longest > 0 ? longest * layout.name_scale + 2 * kGlyphWidth : 0;
  layout.row_height = longest > 0 ? std::max(layout.cell_height, kGlyphHeight * layout.name_scale) : layout.cell_height;
  layout.head_scale = broadest > 0 && 2 * broadest <= layout.cell_width ? 2 : 1;
  layout.head = broadest > 0 ? (kGlyphHeight + 2) * layout.head_scale : 0;
  layout.column_width = std::max(layout.cell_width, broadest);
}

Layout plan(std::span<const Image> pictures, const SheetOptions& options) {
  const int count = static_cast<int>(pictures.size());
  int width = 0, height = 0;
  for (const Image& picture : pictures) {
    width = std::max(width, picture.width);
    height = std::max(height, picture.height);
  }
  Layout layout;
  layout.columns = choose_columns(count, options);
  layout.rows = (count + layout.columns - 1) / layout.columns;
  layout.gap = std::clamp(options.gap, 0, kMostWidth);
  enlarge(layout, width, height, std::clamp(options.scale, 1, kMostWidth), options);
  if (options.scale > 0 || std::max(width, height) >= kSmall) return layout;
  for (int scale = 2; scale <= kMostWidth; ++scale) {
    Layout larger = layout;
    enlarge(larger, width, height, scale, options);
    if (larger.width() > kMostWidth || larger.height() > kMostHeight) break;
    layout = larger;
  }
  return layout;
}

/// A picture's pixel in the sheet's channels (1 or 3), transparency over white.
void put_pixel(const uint8_t* from, int from_channels, uint8_t* to, int to_channels) {
  const bool has_alpha = from_channels % 2 == 0;
  const int alpha = has_alpha ? from[from_channels - 1] : 255;
  for (int c = 0; c < to_channels; ++c) {
    const int value = from_channels >= 3 ? from[c] : from[0];
    to[c] = static_cast<uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}

void paste(Image& onto, const Image& picture, int left, int top, int scale) {
  for (int y = 0; y < picture.height * scale; ++y)
    for (int x = 0; x < picture.width * scale; ++x)
      put_pixel(picture.at(x / scale, y / scale), picture.channels, onto.at(left + x, top + y), onto.channels);
}

void draw_names(Image& out, const Layout& layout, const SheetOptions& options) {
  for (int row = 0; row < std::min(layout.rows, static_cast<int>(options.row_names.size())); ++row)
    draw_text(out, kGlyphWidth, layout.top(row) + (layout.row_height - 8 * layout.name_scale) / 2,
              options.row_names[row], kInk, layout.name_scale);
  for (int column = 0; column < std::min(layout.columns, static_cast<int>(options.column_names.size())); ++column) {
    const std::string name = fit_text(options.column_names[column], layout.column_width, layout.head_scale);
    const int indent = (layout.column_width - text_width(name, layout.head_scale)) / 2;
    draw_text(out, layout.left(column) + indent, 2 * layout.head_scale, name, kInk, layout.head_scale);
  }
}

void check(std::span<const Image> pictures) {
  if (pictures.empty()) fail(Fault::data, "sheet: found no pictures; expected at least one; make or choose some first");
  for (size_t i = 0; i < pictures.size(); ++i)
    if (pictures[i].width < 1 || pictures[i].height < 1 || pictures[i].channels < 1 || pictures[i].channels > 4)
      fail(Fault::data,
           "sheet: picture {} is {} x {} with {} channels; expected at least 1 x 1 with 1 to 4; leave it out", i,
           pictures[i].width, pictures[i].height, pictures[i].channels);
}

}  // namespace

Image sheet(std::span<const Image> pictures, const SheetOptions& options) {
  check(pictures);
  const Layout layout = plan(pictures, options);
  if (layout.width() * layout.height() > kMostPixels)
    fail(Fault::data, "sheet: {} pictures make {} x {} pixels; expected at most 64 million; show fewer of them",
         pictures.size(), layout.width(), layout.height());
  const bool grey = std::all_of(pictures.begin(), pictures.end(), [](const Image& p) { return p.channels < 3; });
  Image out = blank_image(int(layout.width()), int(layout.height()), grey ? 1 : 3, 255);
  for (size_t i = 0; i < pictures.size(); ++i) {
    const int column = static_cast<int>(i) % layout.columns, row = static_cast<int>(i) / layout.columns;
    paste(out, pictures[i], layout.left(column) + (layout.column_width - pictures[i].width * layout.scale) / 2,
          layout.top(row) + (layout.row_height - pictures[i].height * layout.scale) / 2, layout.scale);
  }
  draw_names(out, layout, options);
  return out;
}

}  // namespace duet
