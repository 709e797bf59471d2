#include "duet/config/toml.h"

#include <cstdlib>

#include "duet/train/recipe.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"

namespace duet {
namespace {

/// Stands in for a network's or a game's keys, which other rooms own.
struct Keys final : Config {
  std::vector<int64_t> widths;
  std::vector<std::string> layers;
  std::string text;
  Schedule weight = 0.0;
  bool on = false;
  void fields(Fields& f) override {
    f.integers("widths", widths, "", {1, 1000});
    f.texts("layers", layers, "");
    f.text("text", text, "");
    f.schedule("weight", weight, "", {.low = 0});
    f.flag("on", on, "");
  }
};

Catalogues catalogues_of_keys() {
  const Catalogue one{{"keys"}, [](const std::string& kind) -> std::shared_ptr<Config> {
                        return kind == "keys" ? std::make_shared<Keys>() : nullptr;
                      }};
  return {one, one};
}

/// A recipe, and after each zero byte an override of it. A recipe that is read must be written so that it reads the
/// same.
void read(std::span<const std::byte> bytes) {
  const auto catalogues = catalogues_of_keys();
  std::vector<std::string> parts(1);
  for (const char letter : text_of(bytes)) letter == '\0' ? parts.emplace_back() : parts.back() += letter;
  const std::vector<std::string> overrides(parts.begin() + 1, parts.end());
  const auto recipe = parse_recipe(parts[0], "fuzz.toml", overrides, catalogues);
  for (const bool comments : {false, true}) {
    const auto again = parse_recipe(to_toml(recipe, catalogues, comments), "fuzz.toml", {}, catalogues);
    if (!differences(recipe, again, catalogues).empty()) std::abort();
  }
}

constexpr const char* kRecipe = R"(# Points.
name = "some"
kimg = 1.5
batch = 16
seed = 3
[data]
spec = "a \"quoted\" \u00e9 name"
range = "0..1"
[latent]
kind = "uniform"
low = -1
size = 4
[turns]
order = "list"
list = ["generator", "discriminator"]
[game]
kind = "keys"
weight = {shape = "steps", from = 1, values = [0.5, 0.25], at = [1, 2]}
[network.generator]
kind = "keys"
widths = [8, 16]
layers = ['dense(4)', """
two
lines""", "tab\there"]
[player.generator]
optimizer = "sgd"
lr = {shape = "linear", from = 1e-2, to = 0, end = 1_000}
momentum = 0.5
nesterov = true
[score]
every = 0x10
)";

std::vector<std::string> seeds() {
  const std::string recipe = kRecipe, zero(1, '\0');
  return {
      recipe,
      recipe + zero + "player.generator.lr=1e-4" + zero + "data.spec=digits" + zero + "network.generator.widths=[3]",
      recipe + zero + "player.generator.optimizer=adam",
      "[game]\nkind='keys'" + zero + "game.weight={shape='cosine', from=1, to=0, end=5}",
      "a.b.c = [[1, 2], {d = 1979-05-27T07:32:00Z}]\n'' = inf",
      "[game]\nkind='keys'\n[player.'a.b \xc3\xa9']\nlr=1"};
}

}  // namespace

FuzzTarget fuzz_toml() { return {"toml", read, seeds, {}}; }

}  // namespace duet
