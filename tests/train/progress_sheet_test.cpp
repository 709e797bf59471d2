#include "duet/picture/sheet.h"
#include "duet/train/pictures.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// A generator that draws class c in one shade of its own, whatever z is.
Sampler shades(const std::vector<std::string>& classes) {
  const auto recipe =
      tiny(kTinyDigits, {"network.generator={kind = 'layers', label = 'concat', layers = ['dense(784, bias=false)', "
                         "'tanh', 'reshape(1, 28, 28)']}"});
  Sampler sampler(recipe, {.shape = {1, 28, 28}, .pictures = true, .classes = classes, .class_share = {}});
  torch::NoGradGuard no_grad;
  const auto& weight = sampler.network().parameters()[0].value;  // [784, z and one number per class]
  weight.zero_();
  for (int64_t c = 0; c < std::ssize(classes); ++c)
    weight.select(1, recipe.latent.size + c).fill_(-1 + 0.4 * static_cast<double>(c));
  return sampler;
}

TEST(ProgressSheet, NamesEveryRowByTheClassThatItShows) {
  const std::vector<std::string> classes = {"cat", "dog", "eel", "fox"};
  const auto sampler = shades(classes);
  std::vector<Image> pictures;
  for (size_t c = 0; c < classes.size(); ++c) {
    const double value = std::tanh(-1 + 0.4 * static_cast<double>(c));
    const auto shade = static_cast<uint8_t>(std::lround((value + 1) * 127.5));
    for (int i = 0; i < 10; ++i) pictures.push_back(blank_image(28, 28, 1, shade));
  }
  const auto expected = sheet(pictures, {.columns = 10, .row_names = classes});
  const auto found = progress_sheet(sampler, {}, 1);
  ASSERT_EQ(found.width, expected.width);
  ASSERT_EQ(found.height, expected.height);
  EXPECT_TRUE(found.pixels == expected.pixels);
}

TEST(ProgressSheet, HasTheSizeThatTheRecipeSays) {
  const auto size = [](const std::vector<std::string>& overrides, const std::vector<std::string>& classes) {
    const auto recipe = tiny(kTinyDigits, overrides);
    const Sampler sampler(recipe, {.shape = {1, 28, 28}, .pictures = true, .classes = classes, .class_share = {}});
    const auto picture = progress_sheet(sampler, {}, 1);
    return std::pair(picture.width, picture.height);
  };
  const auto expected = [](int rows, int columns, const std::vector<std::string>& names) {
    const std::vector<Image> pictures(static_cast<size_t>(rows * columns), blank_image(28, 28, 1, 0));
    const auto picture = sheet(pictures, {.columns = columns, .row_names = names});
    return std::pair(picture.width, picture.height);
  };
  const std::vector<std::string> plain = {"network.generator.label=none", "network.discriminator.label=none"};
  auto keys = plain;
  EXPECT_EQ(size(keys, {}), expected(8, 8, {}));
  keys.insert(keys.end(), {"sheet_rows=2", "sheet_columns=5"});
  EXPECT_EQ(size(keys, {}), expected(2, 5, {}));
  EXPECT_EQ(size({"sheet_rows=2", "sheet_columns=3"}, {"a", "b", "c"}), expected(2, 3, {"a", "b"}));
  EXPECT_EQ(size({"sheet_rows=9"}, {"a", "b", "c"}), expected(3, 10, {"a", "b", "c"})) << "there are no more classes";
}

TEST(ProgressSheet, ShowsTheSameZInEveryRow) {
  // A generator that ignores the class: all rows are one row.
  auto recipe = tiny(kTinyDigits, {"network.generator.init='normal(0.5)'"});
  Sampler sampler(recipe, {.shape = {1, 28, 28}, .pictures = true, .classes = {"a", "b"}, .class_share = {}});
  {
    torch::NoGradGuard no_grad;
    const auto& weight = sampler.network().parameters()[0].value;  // [z and classes, channels, 4, 4]
    weight.narrow(0, recipe.latent.size, 2).zero_();
  }
  const auto z = sampler.latents(10, 7);
  const auto row = pictures_of(sampler.stored(sampler.generate(z, torch::zeros({10}, torch::kInt64))));
  auto both = row;
  both.insert(both.end(), row.begin(), row.end());
  const auto expected = sheet(both, {.columns = 10, .row_names = {"a", "b"}});
  EXPECT_TRUE(progress_sheet(sampler, {}, 7).pixels == expected.pixels);
}

}  // namespace
}  // namespace duet
