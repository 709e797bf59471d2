#pragma once

#include "duet/cli/verbs.h"

namespace duet {

/// What is wrong with a command line, with what was expected and an example: the parser's own texts name neither.
/// `words` is the whole line without the program. Throws Error(recipe) when the recipe it names cannot be read.
std::string complaint(const CLI::App& program, const CLI::ParseError& error, const std::vector<std::string>& words);

}  // namespace duet
