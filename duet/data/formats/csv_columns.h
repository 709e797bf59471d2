#pragma once

#include "duet/data/formats/csv.h"

namespace duet {

/// Leaves out a column without a name that counts the rows 0, 1, 2 ..., as pandas writes its index, and doubts other
/// columns that do; `first_line` is the number of the first row's line where no header was found, else 0: numbers that
/// look like names are doubted there.
void tidy_columns(Table& table, size_t first_line);

/// "column 3", or "column 3 ('height')" where it has a name.
std::string column_name(const Table& table, int64_t column);

}  // namespace duet
