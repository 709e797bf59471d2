#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace duet {

/// Rewrites forms known from other programs: `duet help train` and `duet train help` become `duet train --help`, `duet
/// version` becomes `duet --version`. Other lines are unchanged. Throws Error(usage) for help on an unknown verb.
std::vector<std::string> normalized_words(const CLI::App& program, const std::vector<std::string>& words);

/// A message about words or options before the verb, or before the verb of a verb; none if there are none.
std::optional<std::string> before_verb(const CLI::App& program, const std::vector<std::string>& words);

/// A message about options after --, which ends the options; none if there are none.
std::optional<std::string> after_dashes(const std::vector<std::string>& words, const std::vector<std::string>& rest);

/// A hint on an extra word, for the end of a message: an unquoted name with blanks, or a pattern that the shell
/// expanded. Empty if it is neither.
std::string hint_for_extra_word(const std::vector<std::string>& words, const std::string& extra);

/// "'trian' is not a verb of duet; did you mean 'train'?"
std::string no_verb(const CLI::App& app, const std::string& word);

/// "duet data make".
std::string full_name(const CLI::App& verb);
/// Names of the verbs of a program or verb.
std::vector<std::string> verbs_of(const CLI::App& app);

}  // namespace duet
