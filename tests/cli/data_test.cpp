#include <zlib.h>

#include "duet/core/files.h"
#include "duet/data/formats/idx.h"
#include "duet/picture/image.h"
#include "tests/cli/program.h"

// Messages about data.
namespace duet {
namespace {

TEST_F(Cli, SaysWhatTheRecipeMakesOfPicturesThatAreOtherwise) {
  std::vector<uint8_t> colours(40 * 3 * 16 * 16);
  for (size_t i = 0; i < colours.size(); ++i) colours[i] = static_cast<uint8_t>(i * i);
  write_idx(folder_ / "colour", {"train", {3, 16, 16}, colours, std::vector<uint8_t>(40)});
  const std::string line =
      "data: 16x16 RGB pictures are read as 28x28 grey, as the recipe asks (resolution and channels)\n";
  const std::string recipe = "train digits.toml --data colour --set data.resolution=28 --set data.channels=1 ";
  const auto dry = duet(recipe + "--dry-run");
  EXPECT_NE(dry.out.find("\n" + line), std::string::npos) << dry.out << dry.error;
  EXPECT_TRUE(duet(recipe + "--kimg 0.04").out.starts_with(line));
  EXPECT_NE(duet("train digits.toml --data colour --dry-run --set data.resolution=28")
                .out.find("16x16 RGB pictures are read as 28x28 RGB, as the recipe asks (resolution)"),
            std::string::npos);
  EXPECT_EQ(duet("train digits.toml --dry-run").out.find("are read as"), std::string::npos);
}

TEST_F(Cli, CountsNoExamplesOfAnEndlessSet) {
  const auto result = duet("train ring.toml --dry-run");
  EXPECT_NE(result.out.find("\ndata: ring (builtin), endless examples of 2 numbers, 8 classes\n"), std::string::npos)
      << result.out;
}

TEST_F(Cli, InspectsPicturesOfMixedSizes) {
  expect_success("data make digits -n 20 --out mixed");
  write_png(folder_ / "mixed/0/z.png", blank_image(40, 30, 1));
  const auto result = duet("inspect mixed");
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_NE(
      result.out.find("  sizes       20 pictures of 28x28, 1 of another size:\n              mixed/0/z.png 40x30\n"),
      std::string::npos)
      << result.out;
}

TEST_F(Cli, RefusesScoresOfTooFewExamplesBeforeItTrains) {
  std::string points;
  for (int i = 0; i < 20; ++i) points += fmt::format("{},{}\n", i * 0.01, i * 0.02);
  put_file(folder_ / "few.csv", points);
  expect_refusal(
      "train ring.toml --out a --set score.every=1 --data few.csv", Fault::recipe,
      "score.every = 1, but 18 examples to train on and 2 held out are too few for scores, expected at least "
      "20; take more, or train without scores: --set score.every=0");
  EXPECT_FALSE(fs::exists(folder_ / "a"));
}

TEST_F(Cli, NamesMissingData) {
  const auto where = folder_.path().string();
  expect_refusal(
      "train ring --data none/here", Fault::data,
      "none/here: neither a built-in data set nor a file or folder (looked in " + where +
          "/none); built-in sets are digits, edges, faces, ring, grid, swissroll, moons, gaussians1d, gaussian, "
          "bars, masks, nothing, topics");
  expect_refusal("train ring --data \"it's\"", Fault::data,
                 "it's: neither a built-in data set nor a file or folder (looked in " + where +
                     "); built-in sets are digits, edges, faces, ring, grid, swissroll, moons, gaussians1d, gaussian, "
                     "bars, masks, nothing, topics");
  expect_refusal("train ring --set data.spec=", Fault::recipe,
                 "ring: names no data; give --data SPEC (a built-in name or a path, see `duet list datasets`)");
  EXPECT_FALSE(fs::exists(folder_ / "runs")) << "nothing is made before the data are open";
}

TEST_F(Cli, RefusesDamagedIdxFiles) {
  expect_success("data make digits -n 20 --format idx --out idx");
  expect_success("data make digits -n 30 --format idx --out more");
  fs::copy(folder_ / "idx", folder_ / "cut");
  fs::resize_file(folder_ / "cut/train-images-idx3-ubyte", 5000);
  expect_refusal("train digits --data cut", Fault::data,
                 "cut/train-images-idx3-ubyte: 5000 bytes, the header declares 15696; the file is cut short, get it "
                 "again");
  fs::copy(folder_ / "more/train-labels-idx1-ubyte", folder_ / "idx/train-labels-idx1-ubyte",
           fs::copy_options::overwrite_existing);
  expect_refusal("train digits --data idx", Fault::data,
                 "idx/train-labels-idx1-ubyte: 30 labels, but idx/train-images-idx3-ubyte has 20 images; expected one "
                 "label for each image");
}

/// A PNG of a few hundred bytes that declares 60000x60000 pixels: 10 GB.
std::string bomb() {
  const auto number = [](uint32_t n) {
    return std::string{static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
                       static_cast<char>(n)};
  };
  const auto chunk = [&](const std::string& content) {
    const auto sum = ::crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
    return number(static_cast<uint32_t>(content.size() - 4)) + content + number(static_cast<uint32_t>(sum));
  };
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR" + number(60000) + number(60000) + std::string("\x08\x02\0\0\0", 5)) +
         chunk("IDAT" + std::string(200, 'x')) + chunk("IEND");
}

TEST_F(Cli, RefusesAPictureThatIsABomb) {
  fs::create_directory(folder_ / "bomb");
  put_file(folder_ / "bomb/a.png", bomb());
  expect_refusal("train digits --data bomb", Fault::data,
                 "bomb/a.png: the PNG declares 60000x60000 pixels; expected at least one, and at most 64 million and "
                 "32768 on a side; make it smaller or remove it");
}

}  // namespace
}  // namespace duet
