#pragma once

#include <CLI/CLI.hpp>
#include <memory>

namespace duet {

/// Writes --help within this many columns: names at the left, descriptions wrapped at word ends beside them (below them
/// where there is little room), a long example continued by a backslash, so that it can still be pasted.
std::shared_ptr<CLI::FormatterBase> help_formatter(size_t columns);

}  // namespace duet
