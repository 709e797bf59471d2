#include "duet/train/recipe.h"

#include <algorithm>
#include <cstdlib>

#include "duet/config/toml.h"
#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/names.h"
#include "duet/core/nearest.h"
#include "duet/core/paths.h"
#include "duet/train/precisions.h"

namespace duet {
namespace fs = std::filesystem;

void visit_recipe(Recipe& r, const Catalogues& catalogues, Fields& f) {
  auto seed = static_cast<int64_t>(r.seed);
  f.text("name", r.name, "");
  f.integer("seed", seed, "of everything random", {0, 9e15});
  r.seed = static_cast<uint64_t>(seed);
  f.real("kimg", r.kimg, "length: thousands of real images seen", {1e-6, 1e9});
  f.integer("batch", r.batch, "real images per update", {1, 65536});
  f.choice("precision", r.precision, precisions(),
           "of products; weights and sums stay fp32. auto: bf16 where the CPU has it and the recipe is bf16_good; tf32 "
           "needs a GPU; fp64: all in double, slowly, for exact toys");
  f.flag("bf16_good", r.bf16_good, "known to learn as well in bf16 as in fp32");
  f.flag("cuda_graph", r.cuda_graph, "on a GPU, replay the step as one CUDA graph if it can be captured");
  f.real("tick", r.tick, "kimg between log lines", {1e-6, 1e9});
  f.real("sample_every", r.sample_every, "kimg between sheets", {1e-6, 1e9});
  f.integer("sheet_rows", r.sheet_rows, "rows of pictures on a sheet; 0: 8, or one per class, at most 10", {0, 100});
  f.integer("sheet_columns", r.sheet_columns, "columns of a sheet; 0: 8, or 10 if rows are classes", {0, 100});
  f.real("checkpoint_every", r.checkpoint_every, "kimg between checkpoints", {1e-6, 1e9});
  f.integer("keep", r.keep, "newest checkpoints kept beside the best", {1, 1e6});
  f.section("data", r.data, "what to learn from");
  f.sections("stream", r.stream, "further streams of examples");
  f.section("latent", r.latent, "the generator's noise");
  f.section("game", r.game, catalogues.games, "what each player wants");
  f.section("turns", r.turns, "who moves when");
  f.sections("network", r.network, catalogues.networks, "what a player is made of");
  f.sections("player", r.player, "how a player moves");
  f.section("score", r.score, "how quality is watched");
}

const DataConfig& Recipe::data_of(const std::string& name) const {
  static const DataConfig defaults;
  if (name == "x") return data;
  const auto found = stream.find(name);
  return found == stream.end() ? defaults : found->second;
}

namespace {

/// Whether runs/NAME is a valid separate folder, and a recipe can hold the name.
bool names_a_run(const std::string& name) {
  constexpr size_t kMost = 200;
  if (name.empty() || name.size() > kMost || !can_be_quoted(name)) return false;
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; })) return false;
  if (name.front() == ' ' || name.back() == ' ') return false;
  for (size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
    end = name.find('/', begin);
    const auto part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

/// Reads a recipe's file. Its name is checked only here: runs of earlier versions may have any name.
Recipe read_file(const fs::path& file, const std::vector<std::string>& overrides, const Catalogues& catalogues) {
  const auto text = read_text(file, Fault::recipe);
  auto recipe = parse_recipe(text, file.string(), overrides, catalogues);
  if (names_a_run(recipe.name)) return recipe;
  TomlDocument document(text, file.string());
  for (const auto& assignment : overrides) document.set(assignment);
  fail(
      Fault::recipe,
      "{}: name = {}; expected what a run's folder can be called after, such as \"digits\" or \"mnist/dcgan\": at most "
      "200 bytes of UTF-8, no empty part, . or ..",
      document.where("name"), duet::quoted(recipe.name));
}

}  // namespace

Recipe parse_recipe(const std::string& text, const std::string& place, const std::vector<std::string>& overrides,
                    const Catalogues& catalogues) {
  TomlDocument document(text, place);
  for (const auto& assignment : overrides) document.set(assignment);
  Recipe recipe;
  recipe.name = utf8_escaped(fs::path(place).stem().string());  // it is written into the run's recipe
  recipe.head = recipe_head(text);
  document.read([&](Fields& f) { visit_recipe(recipe, catalogues, f); }, &recipe.notes);
  for (auto& [name, stream] : recipe.stream)
    if (stream.spec == "[data]") stream.spec = recipe.data.spec;
  // A key that is unknown without the overrides, too, is a mistake in the file.
  if (!recipe.notes.ignored.empty()) parse_recipe(text, place, {}, catalogues);
  return recipe;
}

namespace {

std::string recipe_name(const fs::path& file, const fs::path& folder) {
  return file.lexically_relative(folder).replace_extension().generic_string();
}

}  // namespace

Recipe load_recipe(const std::string& name, const std::vector<fs::path>& folders,
                   const std::vector<std::string>& overrides, const Catalogues& catalogues) {
  if (is_file(name, Fault::recipe)) return read_file(name, overrides, catalogues);
  for (const auto& folder : folders) {
    const auto file = folder / (name.ends_with(".toml") ? name : name + ".toml");
    if (!is_file(file, Fault::recipe)) continue;
    auto recipe = read_file(file, overrides, catalogues);
    if (recipe.name == file.stem()) recipe.name = recipe_name(file, folder);  // "mnist/dcgan", unless it names itself
    return recipe;
  }
  check_working_folder(name, Fault::recipe);
  std::vector<std::string> names;
  for (const auto& [known, line] : list_recipes(folders)) names.push_back(known);
  const auto near = nearest_name(name, names);
  fail(Fault::recipe, "{}: no such recipe file or name; {}", name,
       near.empty() ? "`duet list recipes` names them all" : fmt::format("did you mean '{}'?", near));
}

std::string to_toml(const Recipe& recipe, const Catalogues& catalogues, bool comments) {
  Recipe copy = recipe;
  return to_toml([&](Fields& f) { visit_recipe(copy, catalogues, f); }, comments);
}

std::vector<Difference> differences(const Recipe& a, const Recipe& b, const Catalogues& catalogues) {
  std::map<std::string, Difference> found;
  std::vector<std::string> order;
  const auto gather = [&](const Recipe& recipe, std::string Difference::* side) {
    Recipe copy = recipe;
    for (const auto& [key, value] : flatten([&](Fields& f) { visit_recipe(copy, catalogues, f); })) {
      if (!found.contains(key)) order.push_back(key), found[key] = {key, "(absent)", "(absent)"};
      found[key].*side = value;
    }
  };
  gather(a, &Difference::a);
  gather(b, &Difference::b);
  std::vector<Difference> result;
  for (const auto& key : order)
    if (found[key].a != found[key].b) result.push_back(found[key]);
  return result;
}

std::vector<fs::path> recipe_folders() {
  std::vector<fs::path> folders;
  if (const char* folder = std::getenv("DUET_RECIPES")) folders.emplace_back(folder);
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error).parent_path();
  // Relative to the program: the source tree's (build/release/bin/duet) and the installation's (bin/duet).
  for (const auto& candidate : {program / "../../../recipes", program / "../share/duet/recipes", fs::path("recipes")})
    if (fs::is_directory(candidate, error)) folders.push_back(fs::weakly_canonical(candidate, error));
  return folders;
}

namespace {

/// The first line of a recipe's head comment; unreadable recipes are listed as well.
std::string first_line(const fs::path& file) try {
  const auto text = read_text(file, Fault::recipe);
  auto line = text.substr(0, text.find('\n'));
  return line.erase(0, std::min(line.size(), line.find_first_not_of("# ")));
} catch (const Error&) {
  return "(cannot be read)";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> list_recipes(const std::vector<fs::path>& folders) {
  std::map<std::string, std::string> found;
  for (const auto& folder : folders) {
    std::error_code error;
    const auto how = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(folder, how, error); !error && at != fs::end(at); at.increment(error)) {
      if (at->path().extension() != ".toml") continue;
      std::error_code ignored;
      if (at->is_regular_file(ignored)) found.emplace(recipe_name(at->path(), folder), first_line(at->path()));
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace duet
