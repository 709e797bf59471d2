#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "duet/config/toml.h"
#include "duet/data/data_config.h"
#include "duet/games/latent_config.h"
#include "duet/score/score_config.h"
#include "duet/train/player_config.h"
#include "duet/train/recipe_head.h"
#include "duet/train/turns_config.h"

namespace duet {

/// One training setup. A recipe file gives the keys that differ from the defaults; every key is listed by
/// `duet train RECIPE --dry-run`.
struct Recipe {
  std::string name;
  uint64_t seed = 0;
  double kimg = 100;  ///< length: thousands of real images seen
  int64_t batch = 64;
  std::string precision = "auto";  ///< fp32, tf32, bf16, fp64, or auto (see settled_precision)
  bool bf16_good = false;          ///< known to learn as well in bf16
  bool cuda_graph = true;          ///< on a GPU, replay the step as one graph if it can be captured
  double tick = 1;                 ///< kimg between log lines
  double sample_every = 10;        ///< kimg between sheets
  int64_t sheet_rows = 0;          ///< rows of pictures on a sheet; 0: 8, or one per class, at most 10
  int64_t sheet_columns = 0;       ///< columns of a sheet; 0: 8, or 10 if rows are classes
  double checkpoint_every = 10;    ///< kimg between checkpoints
  int64_t keep = 3;                ///< number of newest checkpoints kept, besides the best
  DataConfig data;
  std::map<std::string, DataConfig> stream;  ///< further streams of the game by name
  LatentConfig latent;
  Choice game;
  TurnsConfig turns;
  std::map<std::string, Choice> network;
  std::map<std::string, PlayerConfig> player;
  ScoreConfig score;
  /// [data] for "x", else [stream.NAME]; the defaults if there is none.
  const DataConfig& data_of(const std::string& name) const;
  DataConfig& data_of(const std::string& name) { return name == "x" ? data : stream[name]; }
  /// Not a key. Lines about keys of the file that were ignored or read under a former name: "ring.toml:41:9:
  /// player.discriminator.beta1 = 0.0 is ignored: ...".
  TomlNotes notes;
  /// Not a key. The recipe's head comment.
  RecipeHead head;
};

/// Kinds of networks and games; the rooms that own them provide these.
struct Catalogues {
  Catalogue networks;
  Catalogue games;
};

/// Visits every key of a recipe.
void visit_recipe(Recipe& recipe, const Catalogues& catalogues, Fields& f);

/// Reads `path`, or a recipe of this name in `folders` (first found; ".toml" may be left out), and applies the
/// overrides ("key=value"). Where an override makes another choice (an optimizer, a kind), keys of the file that only
/// the former choice knew are ignored and noted in Recipe::notes. Throws Error(recipe or usage) with the place.
Recipe load_recipe(const std::string& name, const std::vector<std::filesystem::path>& folders,
                   const std::vector<std::string>& overrides, const Catalogues& catalogues);
/// The same from TOML text; `place` names it in messages.
Recipe parse_recipe(const std::string& text, const std::string& place, const std::vector<std::string>& overrides,
                    const Catalogues& catalogues);

/// The effective recipe as TOML: reading it back gives the same recipe.
std::string to_toml(const Recipe& recipe, const Catalogues& catalogues, bool comments);

/// Keys whose values differ: {key, value in a, value in b}; "(absent)" if only one has the key.
struct Difference {
  std::string key, a, b;
};
std::vector<Difference> differences(const Recipe& a, const Recipe& b, const Catalogues& catalogues);

/// Folders in which recipes are searched: $DUET_RECIPES, the source tree's or the installation's recipes folder,
/// "recipes".
std::vector<std::filesystem::path> recipe_folders();

/// All recipes in `folders`: {name, first line of the head comment}.
std::vector<std::pair<std::string, std::string>> list_recipes(const std::vector<std::filesystem::path>& folders);

}  // namespace duet
