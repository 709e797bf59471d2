#pragma once

#include "duet/cli/verbs.h"

namespace duet {

/// A message for a wrong command line, with what was expected and an example, which the parser's own messages lack.
/// `words` is the whole line without the program. Throws Error(recipe) when the recipe that it names cannot be read.
std::string usage_error(const CLI::App& program, const CLI::ParseError& error, const std::vector<std::string>& words);

}  // namespace duet
