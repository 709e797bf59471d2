#pragma once

#include <CLI/CLI.hpp>
#include <memory>

namespace duet {

/// Formats --help within this many columns: names at the left, descriptions wrapped at word ends beside them (below
/// them if there is little room), long examples continued with a backslash so that they can be pasted.
std::shared_ptr<CLI::FormatterBase> help_formatter(size_t columns);

}  // namespace duet
