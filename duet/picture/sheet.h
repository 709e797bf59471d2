#pragma once

#include <span>
#include <string>
#include <vector>

#include "duet/picture/image.h"

namespace duet {

/// Layout of pictures on a sheet.
struct SheetOptions {
  /// Pictures per row. 0: a nearly square grid, if possible without an incomplete row; with row names, one row per
  /// name.
  int columns = 0;
  /// Pixels between neighbours and around the grid.
  int gap = 2;
  /// Integer factor of nearest-neighbour enlargement. 0: pictures under 64 pixels are enlarged as far as the sheet
  /// stays within 900 x 1200 pixels, larger ones are not enlarged.
  int scale = 0;
  /// Names at the left of the rows, from the top; further rows have none.
  std::vector<std::string> row_names{};
  /// Names above the columns, from the left; further columns have none. Columns are widened for their names up to a
  /// limit; longer names are shortened.
  std::vector<std::string> column_names{};
};

/// A grid of pictures on white, row by row. Pictures smaller than the largest are centred in their cell; transparency
/// is composited over white. The sheet is grey if all pictures are, else RGB. The same pictures give the same bytes.
/// Throws Error(data) without pictures, for a picture without pixels, or above 64 million pixels.
Image sheet(std::span<const Image> pictures, const SheetOptions& options = {});

}  // namespace duet
