#include "duet/cli/command_line.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <span>

#include "duet/core/error.h"
#include "duet/core/nearest.h"
#include "duet/core/shell.h"
#include "duet/core/torch.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

using Words = std::vector<std::string>;

const CLI::App* find_verb(const CLI::App& app, const std::string& word) {
  const auto found = app.get_subcommands([&](const CLI::App* verb) { return verb->get_name() == word; });
  return found.empty() ? nullptr : found.front();
}

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

/// Words quoted for a shell; options unchanged.
std::string line_of(std::span<const std::string> words) {
  std::string line;
  for (const auto& word : words) line += " " + (is_option(word) ? word : shell_quoted(word));
  return line;
}

std::optional<std::string> before_verb(const CLI::App& app, std::span<const std::string> words) {
  if (words.empty() || verbs_of(app).empty()) return {};
  const auto& word = words.front();
  if (const auto* verb = find_verb(app, word)) return before_verb(*verb, words.subspan(1));
  if (!is_option(word)) return no_verb(app, word);
  const auto later = std::find_if(words.begin(), words.end(), [&](const auto& w) { return find_verb(app, w); });
  if (later == words.end()) return {};
  const auto name = word.substr(0, word.find('='));
  return fmt::format("{} is before the verb; options come after it, as in: {} {} ... {}", name, full_name(app), *later,
                     name);
}

}  // namespace

std::string full_name(const CLI::App& verb) {
  const auto* parent = verb.get_parent();
  return parent ? fmt::format("{} {}", full_name(*parent), verb.get_name()) : verb.get_name();
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  Words verbs;
  for (const auto* verb : app.get_subcommands([](const CLI::App*) { return true; })) verbs.push_back(verb->get_name());
  return verbs;
}

std::string no_verb(const CLI::App& app, const std::string& word) {
  const auto verbs = verbs_of(app);
  const auto near = nearest_name(word, verbs);
  return fmt::format("'{}' is not a verb of {}; {}", word, full_name(app),
                     near.empty() ? fmt::format("expected one of {}", fmt::join(verbs, ", "))
                                  : fmt::format("did you mean '{}'?", near));
}

std::vector<std::string> normalized_words(const CLI::App& program, const Words& words) {
  if (words == Words{"version"}) return {"--version"};
  const bool asks = !words.empty() && words.front() == "help";
  const CLI::App* verb = &program;
  Words meant;
  for (size_t i = asks; i < words.size(); ++i) {
    const auto* next = find_verb(*verb, words[i]);
    if (!next && asks && !is_option(words[i]) && !verbs_of(*verb).empty())
      throw Error(Fault::usage, "help: " + no_verb(*verb, words[i]));
    // "help" at the end asks for help, unless a file has that name.
    std::error_code error;
    if (!next && !asks && (i + 1 != words.size() || words[i] != "help" || fs::exists("help", error))) return words;
    if (!next) break;
    verb = next;
    meant.push_back(words[i]);
  }
  if (meant.size() == words.size()) return words;
  meant.emplace_back("--help");
  return meant;
}

std::optional<std::string> before_verb(const CLI::App& program, const Words& words) {
  return before_verb(program, std::span(words));
}

std::optional<std::string> after_dashes(const Words& words, const Words& rest) {
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (dashes == words.end()) return {};
  const auto option = std::find_if(dashes + 1, words.end(), is_option);
  if (option == words.end() || std::find(rest.begin(), rest.end(), *option) == rest.end()) return {};
  // Everything from the first option on may be its value.
  Words better(words.begin(), dashes);
  better.insert(better.end(), option, words.end());
  better.insert(better.end(), dashes, option);
  return fmt::format("{} is after --, which ends the options; expected before it: duet{}", *option, line_of(better));
}

std::string hint_for_extra_word(const Words& words, const std::string& extra) {
  const auto at = std::find(words.begin(), words.end(), extra);
  if (at == words.end() || at == words.begin()) return "";
  std::error_code error;
  auto name = *std::prev(at);
  for (auto next = at; next != words.end(); ++next) {
    name += " " + *next;
    if (fs::exists(name, error)) return fmt::format("; a name with blanks needs quotes: {}", shell_quoted(name));
  }
  const auto parent = fs::path(extra).parent_path();
  const auto siblings = std::count_if(words.begin(), words.end(), [&](const std::string& word) {
    return fs::path(word).parent_path() == parent && fs::exists(word, error);
  });
  if (siblings < 2 || !fs::exists(extra, error)) return "";
  return fmt::format("; the shell expanded a pattern to {} words, give the folder: {}", siblings,
                     shell_quoted(parent.empty() ? "." : parent.string()));
}

}  // namespace duet
