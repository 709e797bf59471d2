#include <gtest/gtest.h>

#include "duet/config/toml.h"
#include "duet/core/error.h"
#include "duet/train/recipe.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

const Catalogues kNone{{{"none"}, [](const std::string&) { return nullptr; }},
                       {{"none"}, [](const std::string&) { return nullptr; }}};
constexpr const char* kGame = "[game]\nkind = \"none\"\n";

class RecipeName : public testing::Test {
 protected:
  Recipe load(const std::string& file, const std::string& text, const std::vector<std::string>& overrides = {}) const {
    put_file(folder_ / file, text);
    return load_recipe((folder_ / file).string(), {}, overrides, kNone);
  }
  std::string refused(const std::string& file, const std::string& text,
                      const std::vector<std::string>& overrides = {}) const {
    return error_of([&] { load(file, text, overrides); }, Fault::recipe);
  }

  FreshFolder folder_;
  const std::string expected_ =
      "; expected what a run's folder can be called after, such as \"digits\" or \"mnist/dcgan\": at most 200 bytes of "
      "UTF-8, no empty part, . or ..";
};

TEST_F(RecipeName, IsRefusedWhereItNamesNoFolderOfItsOwn) {
  for (const std::string name :
       {"", ".", "..", "/", "a//b", "a/", "/etc/x", "../x", "a/../../b", "a/.", " ", " a", "a\\u000ab"})
    EXPECT_EQ(refused("r.toml", "name = \"" + name + "\"\n" + kGame),
              (folder_ / "r.toml").string() + ":1:8: name = \"" + name + "\"" + expected_);
  EXPECT_NE(refused("r.toml", "name = \"" + std::string(201, 'a') + "\"\n" + kGame), "");
  EXPECT_EQ(refused("r.toml", kGame, {"name="}), "--set name=: name = \"\"" + expected_);
}

TEST_F(RecipeName, IsRefusedWhereTheFilesNameGivesNone) {
  // The stem of "..toml" is ".", and runs/. is runs itself.
  EXPECT_EQ(refused("..toml", kGame), (folder_ / "..toml").string() + ": name = \".\"" + expected_);
}

TEST_F(RecipeName, IsTakenWhereItDoes) {
  EXPECT_EQ(load("r.toml", kGame).name, "r");
  EXPECT_EQ(load("x\xe9.toml", kGame).name, "x\\xe9");
  for (const std::string name : {"a", "mnist/dcgan", "...", "a b", ".hidden", "größer"})
    EXPECT_EQ(load("r.toml", "name = \"" + name + "\"\n" + kGame).name, name);
  EXPECT_EQ(load("..toml", "name = \"a\"\n" + std::string(kGame)).name, "a");
}

TEST_F(RecipeName, OfARunThatIsThereMayBeAnything) {
  EXPECT_EQ(parse_recipe("name = \"\"\n" + std::string(kGame), "runs/recipe.toml", {}, kNone).name, "");
}

TEST(RecipeNumbers, MustBeFiniteEverywhere) {
  const auto refused = [](const std::string& key, const std::string& value) {
    return error_of([&] { parse_recipe(kGame, "r.toml", {key + "=" + value}, kNone); }, Fault::recipe);
  };
  const std::string lr = "player.generator.lr";
  for (const char* value : {"inf", "+inf", "nan", "1e39"})
    EXPECT_TRUE(refused(lr, value).ends_with(" is out of range; expected a finite number of at least 0"))
        << refused(lr, value);
  EXPECT_NE(refused(lr, "{shape = \"linear\", from = 1e-3, to = inf, end = 4}").find("lr.to = inf is out of range"),
            std::string::npos);
  EXPECT_NE(refused(lr, "{shape = \"steps\", from = 1, values = [inf], at = [1]}").find("lr.values = inf is out of"),
            std::string::npos);
  EXPECT_NE(refused(lr, "{shape = \"linear\", from = 1, to = 0, end = inf}").find("lr.end = inf is out of range"),
            std::string::npos);
  EXPECT_NE(refused("player.generator.weight_decay", "inf"), "");
  EXPECT_NE(refused("kimg", "inf"), "");
  EXPECT_NE(
      error_of([] { parse_recipe(kGame, "r.toml", {"latent.kind=uniform", "latent.low=-inf"}, kNone); }, Fault::recipe)
          .find("latent.low = -inf is out of range; expected a finite number"),
      std::string::npos);
}

TEST(RecipeTexts, MustBeUtf8) {
  EXPECT_TRUE(can_be_quoted("größer \"\\ \n"));
  EXPECT_FALSE(can_be_quoted("dat\xe9"));
  EXPECT_NE(error_of([] { parse_recipe(kGame, "r.toml", {"data.spec=dat\xe9"}, kNone); }, Fault::usage)
                .find(": is not UTF-8; expected text in UTF-8, as in every recipe"),
            std::string::npos);
}

}  // namespace
}  // namespace duet
