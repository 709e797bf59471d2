#pragma once

#include "duet/data/formats/csv.h"

namespace duet {

/// Removes an unnamed column that counts the rows 0, 1, 2 ..., as pandas writes its index, and notes doubts about other
/// columns that do. `first_line` is the line number of the first row if no header was found, else 0: numbers there that
/// look like names are noted.
void tidy_columns(Table& table, size_t first_line);

/// "column 3", or "column 3 ('height')" if it has a name.
std::string column_name(const Table& table, int64_t column);

}  // namespace duet
