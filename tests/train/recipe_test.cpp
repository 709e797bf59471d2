#include "duet/train/recipe.h"

#include <gtest/gtest.h>

#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

struct Widths final : Config {
  int64_t width = 8;
  void fields(Fields& f) override { f.integer("width", width, "units", {1, 100}); }
};
struct Depths final : Config {
  int64_t depth = 2;
  void fields(Fields& f) override { f.integer("depth", depth, "layers", {1, 100}); }
};

/// Two kinds of section, so that the tests do not depend on real networks or games.
Catalogues two_kinds() {
  const Catalogue kinds{{"wide", "deep"}, [](const std::string& kind) -> std::shared_ptr<Config> {
                          if (kind == "wide") return std::make_shared<Widths>();
                          if (kind == "deep") return std::make_shared<Depths>();
                          return nullptr;
                        }};
  return {kinds, kinds};
}

Recipe parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return parse_recipe(text, "folder/some.toml", overrides, two_kinds());
}

const std::string kSmall = "[game]\nkind = 'wide'\n[network.generator]\nkind = 'deep'\ndepth = 3\n[player.generator]\n";

TEST(Recipe, TakesItsNameFromTheFile) {
  EXPECT_EQ(parse(kSmall).name, "some");
  EXPECT_EQ(parse("name = 'other'\n" + kSmall).name, "other");
}

TEST(Recipe, WantsAKind) {
  EXPECT_EQ(error_of([] { parse("[game]\nwidth = 3\n"); }, Fault::recipe),
            "folder/some.toml:1:1: [game] has no key 'kind'; expected one of wide, deep");
  EXPECT_EQ(error_of([] { parse("kimg = 1\n"); }, Fault::recipe),
            "folder/some.toml: [game] has no key 'kind'; expected one of wide, deep");
  EXPECT_EQ(error_of([] { parse(kSmall + "[network.discriminator]\nkind = 'wid'\n"); }, Fault::recipe),
            "folder/some.toml:8:8: network.discriminator.kind = \"wid\"; expected one of wide, deep; did you mean "
            "'wide'?");
}

TEST(Recipe, ReadsTheKeysOfTheKindOnly) {
  EXPECT_EQ(error_of([] { parse(kSmall, {"network.generator.width=3"}); }, Fault::recipe),
            "--set network.generator.width=3: unknown key 'width' in [network.generator]; known here: kind, depth");
  const auto recipe = parse("[game]\nkind = 'wide'\n[network.generator]\nkind = 'deep'\n",
                            {"network.generator.kind=wide", "network.generator.width=3"});
  EXPECT_EQ(dynamic_cast<Widths&>(*recipe.network.at("generator").config).width, 3);
}

TEST(Recipe, KnowsTheKeysOfTheOptimizerOnly) {
  EXPECT_EQ(
      error_of([] { parse(kSmall, {"player.generator.optimizer=sgd", "player.generator.beta1=0.5"}); }, Fault::recipe)
          .substr(0, 85),
      "--set player.generator.beta1=0.5: unknown key 'beta1' in [player.generator]; known he");
}

TEST(Recipe, ReadsBackItsEffectiveForm) {
  const auto recipe =
      parse("kimg = 12.5\nseed = 7\n[data]\nspec = 'digits'\n[latent]\nkind = 'uniform'\nlow = 0\n" + kSmall,
            {"data.spec=\"it's\"", "turns.order=list", "turns.list=['generator']",
             "player.generator.lr={from = 1e-3, to = 0, end = 10}"});
  for (const bool comments : {false, true}) {
    const auto again = parse(to_toml(recipe, two_kinds(), comments));
    EXPECT_EQ(differences(recipe, again, two_kinds()).size(), 0u);
    EXPECT_EQ(to_toml(again, two_kinds(), comments), to_toml(recipe, two_kinds(), comments));
  }
  EXPECT_EQ(parse(to_toml(recipe, two_kinds(), false)).data.spec, "it's");
}

TEST(Recipe, ListsWhatDiffers) {
  const auto a = parse(kSmall), b = parse(kSmall, {"batch=32", "network.generator.depth=4"}),
             c = parse(kSmall, {"network.generator={kind = 'wide'}", "player.other.steps=2"});
  const auto text = [](const std::vector<Difference>& all) {
    std::string lines;
    for (const auto& d : all) lines += d.key + ": " + d.a + " -> " + d.b + "\n";
    return lines;
  };
  EXPECT_EQ(text(differences(a, a, two_kinds())), "");
  EXPECT_EQ(text(differences(a, b, two_kinds())), "batch: 64 -> 32\nnetwork.generator.depth: 3 -> 4\n");
  const auto changed = text(differences(a, c, two_kinds()));
  EXPECT_TRUE(
      changed.starts_with("network.generator.kind: \"deep\" -> \"wide\"\nnetwork.generator.depth: 3 -> (absent)\n"))
      << changed;
  EXPECT_NE(changed.find("network.generator.width: (absent) -> 8\n"), std::string::npos) << changed;
  EXPECT_NE(changed.find("player.other.steps: (absent) -> 2.0\n"), std::string::npos) << changed;
}

TEST(Recipe, LeavesOutKeysThatAnOverriddenChoiceDoesNotKnow) {
  const auto recipe =
      parse(kSmall + "beta1 = 0.5\nsteps = 2\n", {"network.generator.kind=wide", "player.generator.optimizer=sgd"});
  EXPECT_EQ(recipe.notes.ignored,
            (std::vector<std::string>{
                "folder/some.toml:5:9: network.generator.depth = 3 is ignored: there is no such key with --set "
                "network.generator.kind=wide",
                "folder/some.toml:7:9: player.generator.beta1 = 0.5 is ignored: there is no such key with --set "
                "player.generator.optimizer=sgd"}));
  EXPECT_EQ(recipe.player.at("generator").steps.at({}), 2);
  EXPECT_TRUE(parse(kSmall, {"batch=32"}).notes.ignored.empty());
}

TEST(Recipe, ReadsTheHalfLifeOfTheEmaUnderItsFormerName) {
  const auto recipe = parse(kSmall + "average = 2\n");
  EXPECT_EQ(recipe.player.at("generator").ema_kimg, 2);
  EXPECT_EQ(recipe.notes.renamed,
            std::vector<std::string>{
                "folder/some.toml:7:11: player.generator.average is called 'ema_kimg' now; it is read as such"});
  EXPECT_EQ(parse(kSmall + "average = 2\n", {"player.generator.ema_kimg=3"}).player.at("generator").ema_kimg, 3);
}

TEST(Recipe, DoesNotLeaveOutWhatIsWrongByItself) {
  // In the file without its overrides...
  EXPECT_EQ(
      error_of([] { parse(kSmall + "momentumm = 0.5\n", {"player.generator.optimizer=sgd"}); }, Fault::recipe),
      "folder/some.toml:7:13: unknown key 'momentumm' in [player.generator]; known here: optimizer, lr, beta1, "
      "beta2, eps, weight_decay, clip_value, clip_norm, weight_clip, max_column_norm, steps, unroll, start, ema_kimg");
  // ... or among the overrides.
  EXPECT_EQ(
      error_of([] { parse(kSmall, {"player.generator.optimizer=sgd", "player.generator.beta1=0.5"}); }, Fault::recipe)
          .substr(0, 62),
      "--set player.generator.beta1=0.5: unknown key 'beta1' in [play");
}

TEST(Recipe, IsFoundByNameInTheFirstFolderThatHasIt) {
  const FreshFolder folder;
  std::filesystem::create_directories(folder / "a/mnist");
  std::filesystem::create_directories(folder / "b");
  put_file(folder / "a/mnist/gan.toml", "# First.\nbatch = 1\n" + kSmall);
  put_file(folder / "b/digits.toml", "#   Second one.\nbatch = 2\n" + kSmall);
  const std::vector<std::filesystem::path> folders{folder / "b", folder / "a", folder / "missing"};
  const auto batch = [&](const std::string& name) { return load_recipe(name, folders, {}, two_kinds()).batch; };
  EXPECT_EQ(batch("mnist/gan"), 1);
  EXPECT_EQ(batch("digits.toml"), 2);
  EXPECT_EQ(batch((folder / "a/mnist/gan.toml").string()), 1);
  EXPECT_EQ(list_recipes(folders),
            (std::vector<std::pair<std::string, std::string>>{{"digits", "Second one."}, {"mnist/gan", "First."}}));
  EXPECT_EQ(error_of([&] { batch("mnist/gam"); }, Fault::recipe),
            "mnist/gam: no such recipe file or name; did you mean 'mnist/gan'?");
  EXPECT_EQ(error_of([&] { batch("something"); }, Fault::recipe),
            "something: no such recipe file or name; `duet list recipes` names them all");
}

TEST(Recipe, MapsPixelsToItsRange) {
  EXPECT_EQ(parse(kSmall).data.value_range({1, 8, 8}), (Range{-1, 1}));
  EXPECT_EQ(parse(kSmall, {"data.range=0..1"}).data.value_range({1, 8, 8}), (Range{0, 1}));
}

}  // namespace
}  // namespace duet
