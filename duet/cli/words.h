#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace duet {

/// The command line that a user of other programs means: `duet help train` and `duet train help` are `duet train
/// --help`, `duet version` is `duet --version`. Others stay as they are. Throws Error(usage) for help on a verb that
/// there is none of.
std::vector<std::string> meant_words(const CLI::App& program, const std::vector<std::string>& words);

/// What is wrong with words or options that stand before the verb, or before the verb of a verb; none where nothing
/// does.
std::optional<std::string> before_verb(const CLI::App& program, const std::vector<std::string>& words);

/// What is wrong with options that stand after --, which ends them; none where none does.
std::optional<std::string> after_dashes(const std::vector<std::string>& words, const std::vector<std::string>& rest);

/// Why there may be a word too many, to end a message: a name with blanks that was not quoted, or a pattern that the
/// shell has expanded. Empty when neither is seen.
std::string why_too_many(const std::vector<std::string>& words, const std::string& extra);

/// "'trian' is no verb of duet; did you mean 'train'?"
std::string no_verb(const CLI::App& app, const std::string& word);

/// "duet data make".
std::string full_name(const CLI::App& verb);
/// Names of the verbs of a program or verb.
std::vector<std::string> verbs_of(const CLI::App& app);

}  // namespace duet
