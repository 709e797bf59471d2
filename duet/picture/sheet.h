#pragma once

#include <span>
#include <string>
#include <vector>

#include "duet/picture/image.h"

namespace duet {

/// How pictures are laid out on a sheet.
struct SheetOptions {
  /// Pictures per row. 0: as many as make a grid near a square without an unfilled row where possible; with row names,
  /// one row per name.
  int columns = 0;
  /// Pixels between neighbours and around the grid.
  int gap = 2;
  /// Whole factor of nearest-neighbour enlargement. 0: pictures under 64 pixels are enlarged as far as the sheet stays
  /// within 900 x 1200 pixels, larger ones stay as they are.
  int scale = 0;
  /// Written at the left of the rows, from the top; rows beyond have none.
  std::vector<std::string> row_names{};
  /// Written above the columns, from the left; columns beyond have none. Columns grow wider for their names within
  /// reason, and longer names are cut.
  std::vector<std::string> column_names{};
};

/// One picture of many: a grid on white, row after row. Pictures smaller than the largest are centred in their cell;
/// transparency is laid over white. The sheet is grey where all pictures are, else RGB. The same pictures give the same
/// bytes. Throws Error(data) without pictures, for a picture without pixels, or above 64 million pixels.
Image sheet(std::span<const Image> pictures, const SheetOptions& options = {});

}  // namespace duet
