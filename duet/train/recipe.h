#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "duet/config/fields.h"
#include "duet/core/range.h"
#include "duet/train/recipe_head.h"

namespace duet {

/// [data]: what to learn from.
struct DataConfig {
  std::string spec;             ///< data SPEC (see open_source); empty: asked for with --data
  int64_t resolution = 0;       ///< pictures are cropped and resized to this side; 0 keeps their size
  int64_t channels = 0;         ///< 1 grey, 3 colour; 0 keeps what the data have
  std::string range = "-1..1";  ///< what pixels 0..255 become: "-1..1" or "0..1"
  /// Columns of vectors are moved to mean 0 and deviation 1: "always", "never", or "auto" (see column_scale).
  std::string standardise = "auto";
  bool mirror = false;             ///< half of the pictures drawn are mirrored left to right
  int64_t held_out = -1;           ///< examples kept from training; -1: the official test part, else 10 %
  std::string split = "shuffled";  ///< which are held out: "shuffled" by seed, or the "tail" of the file
  int64_t limit = 0;               ///< train on this many examples only; 0: on all
  double memory_gib = 4;           ///< decoded pictures are kept in memory, and on a GPU, up to this size
  int64_t threads = 0;             ///< that prepare batches ahead of the step; 0: see FeedOptions
  void fields(Fields& f);
  Range value_range() const;
  int64_t memory_bytes() const;
};

/// [latent]: the generator's noise z.
struct LatentConfig {
  std::string kind = "normal";  ///< "normal", "uniform" in [low, high], or "spherical" (a normal scaled to norm 1)
  int64_t size = 100;
  double low = -1;
  double high = 1;
  void fields(Fields& f);
};

/// [player.NAME]: how a player moves.
struct PlayerConfig {
  std::string optimizer = "adam";  ///< "sgd", "rmsprop", "adam", "adamax"
  Schedule lr = 2e-4;
  Schedule momentum = 0.0;  ///< sgd
  bool nesterov = false;    ///< sgd
  double beta1 = 0.9;       ///< adam, adamax
  double beta2 = 0.999;     ///< adam, adamax
  double alpha = 0.99;      ///< rmsprop: smoothing of the squared gradient
  double eps = 1e-8;
  double weight_decay = 0;     ///< L2: adds weight_decay * parameter to the gradient
  double clip_value = 0;       ///< each gradient number is cut to [-v, v]; 0 off
  double clip_norm = 0;        ///< the player's whole gradient is scaled to at most this norm; 0 off
  double weight_clip = 0;      ///< every parameter is cut to [-c, c] after the step (WGAN); 0 off
  double max_column_norm = 0;  ///< incoming weights of every unit are scaled to at most this norm; 0 off
  int64_t steps = 1;           ///< updates in a row per round
  double start = 0;            ///< kimg at which the player begins to move
  double average = 0;  ///< half-life in kimg of the averaged weights, early at most 5 % of the run so far; 0 off
  void fields(Fields& f);
};

/// [turns]: who moves when.
struct TurnsConfig {
  std::string order = "alternating";  ///< "alternating", "simultaneous" (all from the same point), or "list"
  std::vector<std::string> list;      ///< order = "list": players in the order of their moves, repeated
  bool share_fake = true;             ///< the generator's turn uses the pictures the discriminator has just judged
  void fields(Fields& f);
};

/// [score]: how quality is watched while training.
struct ScoreConfig {
  double every = 0;               ///< kimg between scores; 0: never
  int64_t samples = 2000;         ///< generated for one score
  std::string features = "auto";  ///< "auto", "classifier", "random" or "raw" (see score/scorer.h)
  void fields(Fields& f);
};

/// One training setup. A recipe file gives the keys that differ from the defaults; every key is listed by
/// `duet train RECIPE --dry-run`.
struct Recipe {
  std::string name;
  uint64_t seed = 0;
  double kimg = 100;  ///< length: thousands of real images seen
  int64_t batch = 64;
  std::string precision = "auto";  ///< fp32, tf32, bf16, or auto (see settled_precision)
  bool bf16_good = false;          ///< seen to learn as well in bf16
  bool cuda_graph = true;          ///< on a GPU, replay the step as one graph where it can be captured
  double tick = 1;                 ///< kimg between log lines
  double sample_every = 10;        ///< kimg between sample grids
  double checkpoint_every = 10;    ///< kimg between checkpoints
  int64_t keep = 3;                ///< newest checkpoints kept, beside the best
  DataConfig data;
  LatentConfig latent;
  Choice game;
  TurnsConfig turns;
  std::map<std::string, Choice> network;
  std::map<std::string, PlayerConfig> player;
  ScoreConfig score;
  /// Not a key. Lines about keys of the file that were left out because an override beside them took their meaning:
  /// "ring.toml:41:9: player.discriminator.beta1 = 0.0 is left out: ...".
  std::vector<std::string> left_out;
  /// Not a key. What the file's first comment says.
  RecipeHead head;
};

/// What the open sections of a recipe may hold; the rooms that own them provide it.
struct Catalogues {
  Catalogue networks;
  Catalogue games;
};

/// Visits every key of a recipe.
void visit_recipe(Recipe& recipe, const Catalogues& catalogues, Fields& f);

/// Reads `path`, or a recipe of this name in `folders` (first found; ".toml" may be left out), and lays the overrides
/// ("key=value") over it. Where an override makes another choice (an optimizer, a kind), keys of the file that only the
/// former choice knew are left out and told of in Recipe::left_out. Throws Error(recipe or usage) with the place.
Recipe load_recipe(const std::string& name, const std::vector<std::filesystem::path>& folders,
                   const std::vector<std::string>& overrides, const Catalogues& catalogues);
/// The same from TOML text; `place` stands for the file in messages.
Recipe parse_recipe(const std::string& text, const std::string& place, const std::vector<std::string>& overrides,
                    const Catalogues& catalogues);

/// The effective recipe as TOML: reading it back gives the same recipe.
std::string to_toml(const Recipe& recipe, const Catalogues& catalogues, bool comments);

/// Keys whose values differ: {key, value in a, value in b}; "(absent)" where only one has the key.
struct Difference {
  std::string key, a, b;
};
std::vector<Difference> differences(const Recipe& a, const Recipe& b, const Catalogues& catalogues);

/// Where recipes are looked for: $DUET_RECIPES, the source tree's or the installation's recipes folder, "recipes".
std::vector<std::filesystem::path> recipe_folders();

/// All recipes in `folders`: {name, first line of the head comment}.
std::vector<std::pair<std::string, std::string>> list_recipes(const std::vector<std::filesystem::path>& folders);

}  // namespace duet
