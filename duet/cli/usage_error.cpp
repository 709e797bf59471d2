#include "duet/cli/usage_error.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "duet/cli/command_line.h"
#include "duet/config/toml.h"
#include "duet/core/error.h"
#include "duet/core/nearest.h"
#include "duet/core/shell.h"
#include "duet/train/recipe.h"
#include "duet/train/sampler.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

/// The innermost verb that was parsed: `data make` of `duet data make digits`.
const CLI::App& innermost(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : innermost(*parsed.front());
}

/// StartInfo of a message: "data make: "; empty for the program itself.
std::string place(const CLI::App& verb) {
  return verb.get_parent() ? full_name(verb).substr(std::string("duet ").size()) + ": " : "";
}

/// The first example of a verb's help.
std::string example(const CLI::App& verb) {
  const auto footer = verb.get_footer();
  const auto at = footer.find("duet ");
  return at == std::string::npos ? full_name(verb) + " --help" : footer.substr(at, footer.find('\n', at) - at);
}

/// Name for messages: "-n,--count" of an option, "RECIPE" of a positional argument.
std::string shown_name(const CLI::Option& option) {
  auto name = option.get_name(/*positional=*/false, /*all_options=*/true);
  if (option.get_positional())
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) { return std::toupper(letter); });
  return name;
}

/// The keys of the recipe or run named on the command line; empty if none is named.
std::vector<std::string> recipe_keys(const std::vector<std::string>& words) {
  const auto folders = recipe_folders();
  const auto listed = list_recipes(folders);
  for (const auto& word : words) {
    std::error_code error;
    const auto run = fs::path(word) / "recipe.toml";
    const auto file = fs::is_regular_file(run, error) ? run.string() : word;
    const bool known =
        std::any_of(listed.begin(), listed.end(), [&](const auto& entry) { return entry.first == file; });
    if (!known && !(file.ends_with(".toml") && fs::is_regular_file(file, error))) continue;
    auto recipe = load_recipe(file, folders, {}, catalogues());
    std::vector<std::string> keys;
    for (const auto& [key, value] : flatten([&](Fields& f) { visit_recipe(recipe, catalogues(), f); }))
      keys.push_back(key);
    return keys;
  }
  return {};
}

std::string last_part(const std::string& key) { return key.substr(key.rfind('.') + 1); }

/// An unknown option, split into its parts.
struct Unknown {
  std::string dashed;  ///< "--resolution"
  std::string name;    ///< "resolution"
  std::string value;   ///< "32"; "VALUE" if none follows
};

Unknown split_option(const std::string& word, const std::vector<std::string>& words) {
  const auto equals = word.find('=');
  Unknown unknown{word.substr(0, equals), "", "VALUE"};
  unknown.name = unknown.dashed.substr(std::min(unknown.dashed.size(), unknown.dashed.find_first_not_of('-')));
  const auto at = std::find(words.begin(), words.end(), word);
  if (equals != std::string::npos) unknown.value = word.substr(equals + 1);
  if (equals == std::string::npos && at != words.end() && at + 1 != words.end() && !(at + 1)->starts_with("--"))
    unknown.value = *(at + 1);
  return unknown;
}

/// What a user of `verb` may have meant; empty if nothing is similar.
std::string suggestion(const CLI::App& verb, const Unknown& unknown, const std::vector<std::string>& words) {
  const auto keys = verb.get_name() == "train" ? recipe_keys(words) : std::vector<std::string>{};
  const auto settings = [&](const std::string& name) {
    std::vector<std::string> found;
    for (const auto& key : keys)
      if (edit_distance(key, name) == 0 || edit_distance(last_part(key), name) == 0)
        found.push_back("--set " + shell_quoted(fmt::format("{}={}", key, unknown.value)));
    return fmt::format("{}", fmt::join(found, " or "));
  };
  if (auto exact = settings(unknown.name); !exact.empty()) return exact;
  std::vector<std::string> options, parts;
  for (const auto* option : verb.get_options())
    for (const auto& name : option->get_lnames()) options.push_back(name);
  if (const auto near = nearest_names(unknown.name, options); !near.empty())
    return fmt::format("--{}", fmt::join(near, " or --"));
  for (const auto& key : keys) parts.push_back(last_part(key));
  const auto near = nearest_name(unknown.name, parts);
  return near.empty() ? near : settings(near);
}

std::string unknown_option(const CLI::App& verb, const std::string& word, const std::vector<std::string>& words) {
  const auto unknown = split_option(word, words);
  const auto meant = suggestion(verb, unknown, words);
  if (meant.starts_with("--set ") && meant.find('=') != std::string::npos)
    return fmt::format("{} is not an option of {}, but a key of the recipe; did you mean {}?", unknown.dashed,
                       full_name(verb), meant);
  if (!meant.empty())
    return fmt::format("{} is not an option of {}; did you mean {}?", unknown.dashed, full_name(verb), meant);
  return fmt::format("{} is not an option of {}; `{} --help` lists them{}", unknown.dashed, full_name(verb),
                     full_name(verb), verb.get_name() == "train" ? ", and --dry-run lists every key for --set" : "");
}

std::string missing_verb(const CLI::App& app, const std::vector<std::string>& rest) {
  if (!rest.empty()) return no_verb(app, rest.front());
  return fmt::format("{}the verb is missing; expected one of {}; for instance: {}", place(app),
                     fmt::join(verbs_of(app), ", "), example(app));
}

/// The option that a message of the parser is about.
const CLI::Option* option_in(const CLI::App& verb, const std::string& text) {
  for (const auto* option : verb.get_options()) {
    const auto name = option->get_name();
    if (text.starts_with(name + ":") || text.find(": " + name + " = ") != std::string::npos) return option;
  }
  return nullptr;
}

std::string wrong_value(const CLI::App& verb, const CLI::ParseError& error) {
  std::string text = error.what();
  const auto* option = option_in(verb, text);
  const auto help = fmt::format("see `{} --help`", full_name(verb));
  if (const auto at = text.find(" excludes "); at != std::string::npos)
    return fmt::format("{} and {} exclude each other; give one of them", text.substr(0, at), text.substr(at + 10));
  if (!option) return fmt::format("{}; {}", text, help);
  const auto name = shown_name(*option), expected = option->get_description();
  if (dynamic_cast<const CLI::ConversionError*>(&error))
    return fmt::format("{} {}: is not a {}number; expected: {}; {}", name, fmt::join(option->results(), " "),
                       option->get_type_name().starts_with("FLOAT") ? "" : "whole ", expected, help);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error))
    return fmt::format("{}: needs one value; expected: {}; {}", name, expected, help);
  text.erase(0, option->get_name().size() + 2);
  // Messages of our own validators are complete; the parser's need a hint.
  if (text.starts_with("is ")) return name + " " + text;
  return fmt::format("{}: {}; expected: {}; {}", name, text, expected, help);
}

}  // namespace

std::string usage_error(const CLI::App& program, const CLI::ParseError& error, const std::vector<std::string>& words) {
  const auto& verb = innermost(program);
  const auto rest = program.remaining(/*recurse=*/true);
  if (const auto early = before_verb(program, words)) return *early;
  if (const auto late = after_dashes(words, rest)) return *late;
  // Report a mistyped option first: missing or extra words are its consequence.
  for (const auto& word : rest)
    if (word.size() > 1 && word.front() == '-' && word != "--") return unknown_option(verb, word, words);
  if (verb.get_require_subcommand_min() > 0) return missing_verb(verb, rest);
  if (dynamic_cast<const CLI::RequiredError*>(&error))
    for (const auto* option : verb.get_options())
      if (option->get_required() && option->count() == 0)
        return fmt::format("{}{} is missing; expected: {}; for instance: {}", place(verb), shown_name(*option),
                           option->get_description(), example(verb));
  if (!rest.empty())
    return fmt::format("{}'{}' is an extra word{}; for instance: {}", place(verb), rest.front(),
                       hint_for_extra_word(words, rest.front()), example(verb));
  return wrong_value(verb, error);
}

CLI::Validator one_of(const std::vector<std::string>& names) {
  const auto check = [names](const std::string& text) {
    if (std::find(names.begin(), names.end(), text) != names.end()) return std::string();
    const auto near = nearest_name(text, names);
    return fmt::format("is '{}'; expected one of {}{}", text, fmt::join(names, ", "),
                       near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
  };
  return CLI::Validator(check, fmt::format("{{{}}}", fmt::join(names, ",")));
}

CLI::Validator between(double low, double high, const std::string& remedy) {
  const auto check = [=](const std::string& text) {
    double value = low;
    // The option's own conversion reports what is not a number.
    if (!CLI::detail::lexical_cast(text, value) || (value >= low && value <= high)) return std::string();
    return fmt::format("is {}; expected {:.16g} to {:.16g}; {}", text, low, high, remedy);
  };
  return CLI::Validator(check, fmt::format("in [{:.16g} - {:.16g}]", low, high));
}

CLI::Validator not_empty(const std::string& expected) {
  const auto check = [=](const std::string& text) {
    return text.empty() ? "is empty; expected " + expected : std::string();
  };
  return CLI::Validator(check, "");
}

CLI::Validator seed_range() { return between(0, 9e15, "any whole number of that range will do, for instance 1"); }

}  // namespace duet
