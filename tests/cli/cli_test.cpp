#include <map>
#include <sstream>

#include "duet/core/files.h"
#include "duet/data/open.h"
#include "duet/picture/image.h"
#include "duet/train/pictures.h"
#include "tests/cli/program.h"
#include "tests/places.h"

// Exact texts and exit codes.
namespace duet {
namespace {

TEST_F(Slow_Cli, GivesAnExampleInTheHelpOfEveryVerb) {
  for (const char* verb : {"", "train", "sample", "score", "compare", "probe", "inspect", "data", "data make",
                           "data fetch", "list", "theory", "bench", "bench step", "bench ops"}) {
    const auto result = duet(std::string(verb) + " --help");
    EXPECT_EQ(result.status, 0);
    const auto at = result.out.find("\nExample:\n  duet ");
    ASSERT_NE(at, std::string::npos) << verb << "\n" << result.out;
    EXPECT_NE(result.out.find(fmt::format("  duet {}", verb), at), std::string::npos) << verb;
    EXPECT_EQ(result.out.back(), '\n');
  }
}

TEST_F(Cli, ItsThreadsSpinOnlyBrieflyUnlessToldOtherwise) {
  const auto said = [&](const std::string& chosen) {
    return shell("unset OMP_WAIT_POLICY GOMP_SPINCOUNT; " + chosen + " OMP_DISPLAY_ENV=verbose duet --version").error;
  };
  if (said("").find("GOMP_SPINCOUNT") == std::string::npos) GTEST_SKIP() << "this OpenMP does not tell its policy";
  EXPECT_NE(said("").find("GOMP_SPINCOUNT = '2000'"), std::string::npos);
  EXPECT_NE(said("GOMP_SPINCOUNT=7").find("GOMP_SPINCOUNT = '7'"), std::string::npos);
}

TEST_F(Cli, MeasuresAStepAndTheProductsOfItsLayers) {
  const auto step = duet("bench step digits.toml --seconds 0.05 --threads 1 --precision bf16 --json");
  ASSERT_EQ(step.status, 0) << step.error;
  const auto numbers = nlohmann::json::parse(step.out);
  EXPECT_EQ(numbers.at("precision"), "bf16");
  EXPECT_EQ(numbers.at("threads"), 1);
  EXPECT_EQ(numbers.at("fallback_products_per_step"), 0);
  // D on real, on fake, and in G's turn, each forward and backward.
  EXPECT_GT(numbers.at("products_per_step").get<double>(), 12);
  EXPECT_NEAR(numbers.at("images_per_second").get<double>(), 8 / (numbers.at("ms_per_step").get<double>() / 1e3), 1e-6);
  const auto counted = duet("bench step digits.toml --steps 2 --threads 1 --json");
  ASSERT_EQ(counted.status, 0) << counted.error;
  EXPECT_EQ(nlohmann::json::parse(counted.out).at("steps"), 2);
  // A recipe without data is measured with noise.
  put_file(folder_ / "yours.toml", std::string(kTinyDigits).replace(std::string(kTinyDigits).find("spec = "), 15, ""));
  const auto ops = duet("bench ops yours.toml --set data.channels=1 --set data.resolution=28");
  ASSERT_EQ(ops.status, 0) << ops.error;
  EXPECT_NE(ops.out.find("conv_transpose("), std::string::npos) << ops.out;
}

TEST_F(Cli, WritesIntoTheRunWhichPrecisionItHas) {
  expect_success("train ring.toml --kimg 0.016 --out a");
  EXPECT_NE(text("a/recipe.toml").find("precision = \"fp32\""), std::string::npos) << text("a/recipe.toml");
  expect_success("train ring.toml --kimg 0.016 --precision bf16 --out b");
  EXPECT_NE(text("b/recipe.toml").find("precision = \"bf16\""), std::string::npos);
  expect_success("train b --resume");
}

TEST_F(Cli, SaysWhichVerbsThereAre) {
  expect_refusal("trian ring", Fault::usage, "'trian' is not a verb of duet; did you mean 'train'?");
  expect_refusal(
      "frobnicate", Fault::usage,
      "'frobnicate' is not a verb of duet; expected one of train, sample, score, compare, probe, inspect, data, list, "
      "theory, bench");
  const auto version = duet("--version");
  EXPECT_EQ(version.status, 0);
  EXPECT_TRUE(version.out.starts_with("duet 0.")) << version.out;
}

TEST_F(Cli, RefusesARecipeItDoesNotKnow) {
  expect_refusal("train dgits", Fault::recipe, "dgits: no such recipe file or name; did you mean 'digits'?");
  expect_refusal("train nothing/like-it", Fault::recipe,
                 "nothing/like-it: no such recipe file or name; `duet list recipes` names them all");
}

TEST_F(Cli, NamesTheOverrideThatIsWrong) {
  expect_refusal("train ring --set player.generator.lrr=1", Fault::recipe,
                 "--set player.generator.lrr=1: unknown key 'lrr' in [player.generator]; did you mean 'lr'?");
  expect_refusal("train ring --set batch=0", Fault::recipe,
                 "--set batch=0: batch = 0 is out of range; expected 1 to 65536");
  expect_refusal("train ring --set batch", Fault::usage,
                 "--set batch: no 'key=value'; expected for instance --set player.generator.lr=1e-4");
}

TEST_F(Slow_Cli, SaysWhatIsMissingWithAnExample) {
  expect_refusal("", Fault::usage,
                 "the verb is missing; expected one of train, sample, score, compare, probe, inspect, data, list, "
                 "theory, bench; for "
                 "instance: duet "
                 "train digits");
  expect_refusal("train", Fault::usage,
                 "train: RECIPE is missing; expected: name or file of a recipe, or with --resume a run folder; for "
                 "instance: duet train digits");
  expect_refusal("data make digits", Fault::usage,
                 "data make: --out is missing; expected: folder, new or empty; for instance: duet data make digits -n "
                 "10000 --out digits-png");
  expect_refusal("train ring --kimg", Fault::usage,
                 "--kimg: needs one value; expected: length in thousands of real images; see `duet train --help`");
  expect_refusal("train ring --kimg long", Fault::usage,
                 "--kimg long: is not a number; expected: length in thousands of real images; see `duet train --help`");
  expect_refusal("train ring digits", Fault::usage,
                 "train: 'digits' is an extra word; for instance: duet train digits");
}

TEST_F(Slow_Cli, SuggestsWhatAMistypedWordMeant) {
  expect_refusal("data mkae digits", Fault::usage, "'mkae' is not a verb of duet data; did you mean 'make'?");
  expect_refusal(
      "data make digist --out x", Fault::usage,
      "NAME is 'digist'; expected one of digits, edges, faces, ring, grid, swissroll, moons, gaussians1d, gaussian, "
      "bars, masks, nothing, topics; did you mean 'digits'?");
  expect_refusal(
      "list recipies", Fault::usage,
      "WHAT is 'recipies'; expected one of games, objectives, penalties, optimizers, networks, layers, schedules, "
      "metrics, recipes, datasets, systems; did you mean 'recipes'?");
  expect_refusal("sample run --interpolate slrp", Fault::usage,
                 "--interpolate is 'slrp'; expected one of slerp, linear; did you mean 'slerp'?");
  // Reports the mistyped option, not the --out that is missing because of it.
  expect_refusal("data make digits --otu x", Fault::usage,
                 "--otu is not an option of duet data make; did you mean --out?");
  expect_refusal("train ring --dryrun", Fault::usage,
                 "--dryrun is not an option of duet train; did you mean --dry-run?");
  expect_refusal("train ring --sed 1", Fault::usage,
                 "--sed is not an option of duet train; did you mean --set or --seed?");
  expect_refusal(
      "train ring --zzz", Fault::usage,
      "--zzz is not an option of duet train; `duet train --help` lists them, and --dry-run lists every key for --set");
}

TEST_F(Slow_Cli, SaysTheRangeOfANumberAndWhatToDo) {
  expect_refusal(
      "train ring --seed -1", Fault::usage,
      "--seed is -1; expected 0 to 9000000000000000; any whole number of that range will do, for instance 1");
  expect_refusal(
      "score x --seed -1", Fault::usage,
      "--seed is -1; expected 0 to 9000000000000000; any whole number of that range will do, for instance 1");
  expect_refusal("train ring --threads 0", Fault::usage,
                 "--threads is 0; expected 1 to 1024; leave it out for all cores");
  expect_refusal("sample run -n 0", Fault::usage,
                 "-n,--count is 0; expected 1 to 10000000; leave it out for 64 samples, or 8 rows");
  expect_refusal("inspect digits --resolution 100000", Fault::usage,
                 "--resolution is 100000; expected 0 to 4096; recipes use 28 to 64; leave it out to keep the pictures' "
                 "sizes");
  expect_refusal("bench step ring --seconds 0", Fault::usage,
                 "--seconds is 0; expected 0.01 to 3600; leave it out for 5");
}

TEST_F(Slow_Cli, TellsThatItSamplesAnOlderCheckpoint) {
  expect_success("train ring.toml --out run");
  const auto newest = checkpoints("run").back();
  fs::resize_file(newest, 100);
  const auto result = duet("sample run -n 3 --checkpoint last --out some.npy");
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.error.find(newest.filename().string()), std::string::npos) << result.error;
  EXPECT_NE(result.error.find("; skipped\n"), std::string::npos) << result.error;
}

TEST_F(Slow_Cli, SaysWhatIsWrongWithADevice) {
  expect_refusal("train ring --device gpu", Fault::usage, "--device is 'gpu'; expected auto, cpu, cuda or cuda:N");
  if (torch::cuda::device_count() > 0) GTEST_SKIP() << "there is a GPU";
  expect_refusal(
      "train ring --device cuda", Fault::device,
      "--device cuda: this LibTorch sees no GPU; use --device cpu, or build with a LibTorch and a driver for "
      "your GPU");
}

TEST_F(Slow_Cli, SuggestsTheRecipesKeyForAnOptionThatIsNone) {
  const std::string such = " is not an option of duet train, but a key of the recipe; did you mean ";
  expect_refusal("train digits --resolution 32", Fault::usage, "--resolution" + such + "--set data.resolution=32?");
  expect_refusal("train --held-out=5 ring.toml", Fault::usage, "--held-out" + such + "--set data.held_out=5?");
  expect_refusal("train --lr 1e-3 ring", Fault::usage,
                 "--lr" + such + "--set player.discriminator.lr=1e-3 or --set player.generator.lr=1e-3?");
  expect_refusal("train ring --latent.size", Fault::usage, "--latent.size" + such + "--set latent.size=VALUE?");
}

TEST_F(Cli, RefusesATrainingOfNothing) {
  expect_refusal("train ring --kimg 0", Fault::usage,
                 "--kimg is 0; expected more than 0: 1 is a thousand real images; `--dry-run` trains nothing");
  expect_refusal("train ring --set kimg=0", Fault::recipe,
                 "--set kimg=0: kimg = 0 is out of range; expected 1e-06 to 1000000000");
  EXPECT_FALSE(fs::exists(folder_ / "runs"));
}

TEST_F(Cli, TellsWhichKeysOfTheRecipeAnOverrideLeavesOut) {
  put_file(folder_ / "adam.toml", text("ring.toml") + "beta1 = 0.5\n");
  const auto result = duet(
      "train adam.toml --dry-run --set player.discriminator.optimizer=sgd --set "
      "'network.generator.widths=[1000]'");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.error,
            "adam.toml:26:9: player.discriminator.beta1 = 0.5 is ignored: there is no such key with --set "
            "player.discriminator.optimizer=sgd\n");
  EXPECT_NE(result.out.find("\ngenerator: 7,002 parameters\n"), std::string::npos) << result.out;
}

TEST_F(Cli, KeepsItsLinesShort) {
  const auto result = duet("train ring --threads 1 --kimg 0.8 --set game.r1=1 --set game.r2=1 --set tick=0.1");
  EXPECT_EQ(result.status, 0) << result.error;
  std::istringstream lines(result.out);
  int ticks = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" img/s ") == std::string::npos) continue;
    ++ticks;
    EXPECT_LT(line.size(), 120u) << line;
    for (const char* part : {" kimg ", "ETA", " | D loss ", " r1 ", " D(real) ", " D(fake) ", " G loss "})
      EXPECT_NE(line.find(part), std::string::npos) << part << " in " << line;
  }
  EXPECT_EQ(ticks, 8);
}

TEST_F(Slow_Cli, ShowsPointsAsAScatterPlotAndOtherVectorsAsAnArray) {
  expect_success("train ring --out points --kimg 0.4 --threads 1");
  const auto result = duet("sample points");
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_EQ(result.out, "sample.png: 64 samples from points/checkpoints/000000400.safetensors, at 0.4 kimg\n");
  const auto sampler = Sampler::open(folder_ / "points");
  const auto pixels = [&](const std::string& name) {
    return decode_image(read_bytes(folder_ / name, Fault::internal), name).pixels;
  };
  EXPECT_TRUE(pixels("sample.png") == points_picture(sampler.sample({.count = 64}), {}, {}).pixels);
  expect_success("sample points -n 1 --interpolate slerp --out ways.png");
  const auto ends = sampler.latents(2, 0);
  const auto way = sampler.generate(interpolate(ends[0], ends[1], 10, /*spherical=*/true), {});
  EXPECT_TRUE(pixels("ways.png") == paths_picture(way, {}, 10).pixels);
  expect_success("train ring --data gaussians1d --out numbers --kimg 0.4 --threads 1");
  const auto numbers = duet("sample numbers -n 2000");
  EXPECT_EQ(numbers.out, "sample.npy: 2,000 samples from numbers/checkpoints/000000400.safetensors, at 0.4 kimg\n")
      << numbers.error;
  expect_refusal("sample numbers --out x.png", Fault::usage,
                 "--out x.png: this generator makes vectors of 1; give a .csv, .npy or .npz file");
}

TEST_F(Slow_Cli, ShowsTheTrainingOfTheClassifierOnATerminalAndSaysItOnceInAPipe) {
  expect_success("data make digits -n 600 --format idx --out real");
  const std::string train =
      " train digits.toml --data real --set data.resolution=8 --set score.every=0.16 --set score.samples=100 --out ";
  const std::string once = "training the classifier for scores (cached for later runs)\n";
  const auto pipe = shell("export DUET_CACHE=first; duet" + train + "pipe");
  EXPECT_EQ(pipe.status, 0) << pipe.error;
  const auto at = pipe.out.find(once);
  ASSERT_NE(at, std::string::npos) << pipe.out;
  EXPECT_EQ(pipe.out.find("training the", at + 1), std::string::npos) << pipe.out;
  EXPECT_EQ(pipe.out.find('\r'), std::string::npos);
  if (std::system("command -v script >/dev/null") != 0) GTEST_SKIP() << "no script(1) to play a terminal";
  const auto terminal = shell(fmt::format(
      "export DUET_CACHE=second; TERM=xterm script -qec \"'{}' {}terminal\" /dev/null", program_path(), train));
  EXPECT_EQ(terminal.status, 0) << terminal.out;
  const std::string shown = "\r\033[Ktraining the classifier for scores: ";
  EXPECT_NE(terminal.out.find(shown + "reading examples"), std::string::npos) << terminal.out;
  const auto line = terminal.out.substr(terminal.out.rfind(shown));
  EXPECT_LT(line.find(" of 90,112, "), shown.size() + 8) << line;
  EXPECT_NE(line.find(" % correct, 0:0"), std::string::npos) << line;
}

TEST_F(Cli, TakesOptionsBeforeTheRecipe) {
  const auto result = duet("train --set batch=32 --set kimg=2 ring.toml --dry-run");
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_NE(result.out.find("\nbatch = 32 "), std::string::npos);
  EXPECT_NE(result.out.find("\none round: discriminator, generator\n"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "runs")) << "a dry run makes nothing";
}

TEST_F(Cli, SamplesIntoNewFoldersOnly) {
  expect_success("train digits --out run");
  expect_success("sample run -n 3 --out pictures");
  expect_refusal("sample run -n 2 --out pictures", Fault::usage,
                 "--out pictures: is not empty, and its pictures would mix with these; give a new folder");
}

TEST_F(Slow_Cli, RefusesToWriteWhereItMustNotOrCannot) {
  fs::create_directory(folder_ / "full");
  put_file(folder_ / "full/thesis.txt", "precious");
  expect_refusal("train ring --out full", Fault::usage, "full: exists and is not an empty folder; give another --out");
  expect_refusal(
      "train ring --out ring.toml/run", Fault::device,
      "ring.toml/run: cannot create the folder: Not a directory; a parent of this path is a file: choose another path");
  expect_success("train ring --out run --kimg 0.4 --threads 1");
  expect_refusal("train ring --out run", Fault::usage,
                 "run: already contains a run; resume it with `duet train run --resume`, or give another --out");
  expect_refusal("train run", Fault::usage, "run: is a run; add --resume to continue it");
  expect_refusal(
      "sample run --out ring.toml/x.npy", Fault::device,
      "ring.toml/x.npy: cannot create the file: Not a directory; a parent of this path is a file: choose another path");
  expect_refusal(
      "sample run --out folder", Fault::usage,
      "--out folder: this generator makes vectors of 2; give a .csv, .npy or .npz file, or a .png for a scatter plot");
}

TEST_F(Slow_Cli, SamplesOnlyWhatTheRunCanMake) {
  expect_success("train digits --out run --kimg 0.04 --threads 1");
  expect_refusal("sample run --label 10", Fault::usage,
                 "--label 10: no such class; expected a number from 0 to 9, or a name: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
  expect_refusal(
      "sample run -n 100000", Fault::usage,
      "--out sample.png: 100,000 pictures are too many for one sheet; expected at most 71,111; give a smaller "
      "-n, a .npy file, or a folder");
  expect_refusal(
      "sample run --steps 4", Fault::usage,
      "--steps 4: sets the columns of --interpolate, --sweep and --influence, and none is given; expected one of them, "
      "for instance --interpolate slerp; the number of samples is -n");
  expect_refusal("sample run --classes --label 3", Fault::usage,
                 "--label and --classes exclude each other; give one of them");
  expect_refusal("sample run --checkpoint nope", Fault::checkpoint,
                 "run: has no checkpoint 'nope'; expected best, last, or a file; this run has 000000040");
  expect_refusal("sample run --sweep 6", Fault::usage, "--sweep 6: z has 6 numbers, 0 to 5");
  expect_refusal(
      "sample run --out picture.gif", Fault::usage,
      "--out picture.gif: expected a .png (one sheet), a .npy (one array), a .npz (x and, where there are classes, "
      "y), a .csv (vectors) or a folder (one PNG each)");
  expect_refusal("sample none", Fault::usage, "none: no such folder; expected a run made by `duet train`");
  const auto label = duet("sample run --label -1");
  EXPECT_EQ(label.status, static_cast<int>(Fault::usage));
  EXPECT_LT(label.error.size(), 150u) << label.error;
  expect_success("sample run -n 3 --label 9 --checkpoint 000000040 --out nines.npy");
  const auto result = duet("sample run -n 3 --label 9 --out some.npy");
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_EQ(result.out, "some.npy: 3 samples from run/checkpoints/000000040.safetensors, at 0.04 kimg\n");
  EXPECT_TRUE(text("some.npy").starts_with("\x93NUMPY"));
  EXPECT_EQ(text("some.npy"), text("nines.npy"));
  expect_success("sample run -n 2 --label 9 --out folder");
  EXPECT_TRUE(fs::exists(folder_ / "folder/000001.png"));
}

TEST_F(Slow_Cli, WritesTheClassesOfSamplesWithThem) {
  expect_success("train digits.toml --out run --threads 1");
  expect_success("sample run -n 40 --out pair.npz");
  const auto pair = open_source((folder_ / "pair.npz").string(), {}).train;
  ASSERT_EQ(pair->info().size, 40);
  EXPECT_EQ(pair->info().shape, (Shape{1, 28, 28}));
  expect_success("sample run -n 40 --out folder/");
  EXPECT_FALSE(fs::exists(folder_ / "folder.partial"));
  const auto folder = open_source((folder_ / "folder").string(), {}).train;
  EXPECT_EQ(folder->info().classes.size(), 10u);
  std::map<std::vector<uint8_t>, int64_t> label_of;
  std::vector<uint8_t> pixels(28 * 28);
  for (int64_t i = 0; i < 40; ++i) {
    pair->read(i, pixels.data());
    label_of[pixels] = pair->label(i);
  }
  ASSERT_GT(label_of.size(), 1u);
  for (int64_t i = 0; i < 40; ++i) {
    folder->read(i, pixels.data());
    EXPECT_EQ(folder->label(i), label_of.at(pixels)) << folder->where(i);
  }
}

}  // namespace
}  // namespace duet
