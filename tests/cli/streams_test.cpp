// Runs with several streams of examples, as their user meets them.
#include "tests/cli/program.h"
#include "tests/games/tiny_domains.h"
#include "tests/games/tiny_inpainting.h"

namespace duet {
namespace {

class Slow_CliStreams : public Cli {
 protected:
  Slow_CliStreams() {
    put_file(folder_ / "fill.toml",
             fmt::format("# Fills.\ntick = 0.1\nsample_every = 0.5\ncheckpoint_every = 0.1\nsheet_rows = 2\n{}[score]\n"
                         "every = 0.5\nsamples = 500\nfeatures = 'raw'\n",
                         kTinyInpainting));
  }
};

TEST_F(Slow_CliStreams, TrainScoreSampleAndGoOnExactly) {
  const auto result = duet("train fill.toml --out whole --threads 1 --kimg 0.5");
  ASSERT_EQ(result.status, 0) << result.error;
  std::string words = result.out;
  std::replace(words.begin(), words.end(), '\n', ' ');
  while (words.find("  ") != std::string::npos) words.replace(words.find("  "), 2, " ");
  EXPECT_NE(words.find("stream mask (masks, 1 where a pixel is known and 0 where it is hidden, drawn apart): masks "
                       "(builtin), endless examples of 1x8x8, 3 classes"),
            std::string::npos)
      << result.out;
  expect_success("sample whole -n 12 --out a.npy");
  expect_refusal("sample whole --interpolate slerp", Fault::usage,
                 "--interpolate, --sweep, --influence: they vary z, and the samples of game \"inpainting\" have none; "
                 "leave them out");
  expect_refusal("sample whole --views", Fault::usage,
                 "--views: the samples of game \"inpainting\" have no further views; leave it out");
  expect_success("score whole -n 500 --features raw");
  // Stopped, and gone on with.
  expect_success("train fill.toml --out parts --threads 1 --kimg 0.2");
  expect_success("train parts --resume --kimg 0.5 --threads 1");
  const auto newest = [&](const std::string& run) { return read_tensors(checkpoints(run).back()); };
  const auto whole = newest("whole"), parts = newest("parts");
  EXPECT_EQ(whole.texts.at("cursor.mask"), whole.texts.at("cursor"));
  for (const auto& [name, value] : whole.tensors) EXPECT_TRUE(torch::equal(value, parts.tensors.at(name))) << name;
}

TEST_F(Slow_CliStreams, OfTwoDomainsHaveViewsAsASheetAndAsArrays) {
  put_file(folder_ / "turn.toml", "# Turns.\n" + tiny_domains("[game]\nkind = 'unpaired'\n"));
  expect_success("train turn.toml --out run --threads 1 --kimg 0.1 --set score.every=0");
  expect_success("inspect run");
  EXPECT_NE(text("out.txt").find("rotated by 90 degrees counter-clockwise"), std::string::npos) << text("out.txt");
  expect_success("sample run -n 10 --views --out views.png");
  expect_success("sample run -n 10 --views --out views.npz");
  EXPECT_TRUE(fs::exists(folder_ / "views.png"));
  expect_refusal("sample run --views --out folder", Fault::usage,
                 "--views: --out folder; expected a .png (one sheet) or a .npz (an array for each view)");
}

TEST_F(Slow_CliStreams, OfARunThatHaveMovedAreAskedForByTheirKey) {
  expect_success("data make masks -n 60 --out holes");
  const std::string spec = " --set stream.mask.spec=holes --set stream.mask.held_out=12 --set score.every=0";
  expect_success("train fill.toml --out run --threads 1 --kimg 0.1" + spec);
  fs::create_directory(folder_ / "elsewhere");
  EXPECT_EQ(shell("cd elsewhere && duet sample ../run -n 4 --out a.png").status, 0) << text("error.txt");
  fs::rename(folder_ / "holes", folder_ / "moved");
  const auto refused = duet("train run --resume --kimg 0.2");
  EXPECT_EQ(refused.status, 4);
  EXPECT_EQ(refused.error, fmt::format("duet: {}: the data of this run no longer exist; put them back, or name "
                                       "their new place: duet train run --resume --set stream.mask.spec=PATH\n",
                                       (folder_ / "holes").string()));
  expect_success("train run --resume --kimg 0.2 --set stream.mask.spec=moved");
  expect_success("sample run -n 4 --out b.png");
}

TEST_F(Slow_CliStreams, AreAllLookedAtByInspect) {
  for (const std::string target : {"fill.toml", "run"}) {
    if (target == "run") expect_success("train fill.toml --out run --threads 1 --kimg 0.1 --set score.every=0");
    const auto result = duet("inspect " + target);
    EXPECT_EQ(result.status, 0) << result.error;
    EXPECT_TRUE(result.out.starts_with("[data]\ndigits")) << result.out;
    EXPECT_NE(result.out.find("\n\n[stream.mask]\nmasks"), std::string::npos) << result.out;
    const auto json = nlohmann::json::parse(duet("inspect --json " + target).out);
    EXPECT_EQ(json.at("stream.mask").at("name"), "masks");
    EXPECT_EQ(json.at("data").at("name"), "digits");
  }
  expect_refusal("inspect fill.toml --resolution 16", Fault::usage,
                 "--resolution 16: fill.toml defines how its pictures are read; leave it out");
}

TEST_F(Slow_CliStreams, ThatAGameDoesNotHaveAreRefused) {
  expect_refusal("train ring.toml --dry-run --set stream.b.spec=ring >/dev/null", Fault::recipe,
                 "[stream.b]: game \"adversarial\" has no such stream; it has none");
}

}  // namespace
}  // namespace duet
