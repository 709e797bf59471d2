// The samples that `duet sample` and `duet score` use, recomputed without them.
#include "duet/data/formats/npz.h"
#include "duet/picture/image.h"
#include "duet/picture/sheet.h"
#include "duet/score/scorer.h"
#include "duet/train/pictures.h"
#include "tests/cli/program.h"

namespace duet {
namespace {

class CliSamples : public Cli {
 protected:
  /// A run that was trained for a few rounds without the program.
  Sampler make_run(const char* text, const std::vector<std::string>& overrides) const {
    const auto recipe = tiny(text, overrides);
    Training training(recipe);
    training.rounds(20);
    const auto run = create_run(folder_ / "run", recipe, training.data.facts, catalogues());
    run.save_checkpoint(training.trainer.save(), training.feed.cursor(), 3);
    return Sampler::open(folder_ / "run");
  }
  Sampler points() const { return make_run(kTinyRing, {"player.generator.lr=0.05"}); }
  /// Pictures that differ strongly between classes.
  Sampler digits() const { return make_run(kTinyDigits, {"network.generator.init='normal(0.5)'"}); }

  static Tensor tensor_of(const NpyArray& array) {
    auto floats = to_floats(array);
    return torch::tensor(floats).view(array.shape);
  }
  Tensor read(const std::string& name) const {
    return tensor_of(parse_npy(read_bytes(folder_ / name, Fault::data), name));
  }
  std::map<std::string, Tensor> read_pair(const std::string& name) const {
    std::map<std::string, Tensor> all;
    for (const auto& header : npz_headers(folder_ / name))
      all[header.name] = tensor_of(read_npz(folder_ / name, header));
    return all;
  }
  Image picture(const std::string& name) const { return decode_image(read_bytes(folder_ / name, Fault::data), name); }
};

double difference(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a.to(torch::kFloat32) - b.to(torch::kFloat32)).abs().max().item<double>();
}

/// Points between a and b from the definitions, in double precision.
Tensor way(const Tensor& from, const Tensor& to, int64_t steps, bool spherical) {
  const auto a = from.to(torch::kFloat64), b = to.to(torch::kFloat64);
  const double angle = std::acos((a.dot(b) / a.norm() / b.norm()).item<double>());
  std::vector<Tensor> all;
  for (int64_t i = 0; i < steps; ++i) {
    const double t = static_cast<double>(i) / static_cast<double>(steps - 1);
    all.push_back(spherical ? (std::sin((1 - t) * angle) * a + std::sin(t * angle) * b) / std::sin(angle)
                            : a + t * (b - a));
  }
  return torch::stack(all).to(torch::kFloat32);
}

TEST_F(CliSamples, GoTheWayThatWasNamedFromOneZToAnother) {
  const auto sampler = points();
  std::map<std::string, Tensor> found;
  for (const std::string kind : {"linear", "slerp"}) {
    expect_success("sample run -n 2 --seed 3 --interpolate " + kind + " --steps 5 --out " + kind + ".npy");
    found[kind] = read(kind + ".npy");
    const auto z = sampler.latents(4, 3);
    const auto ways = torch::cat({way(z[0], z[1], 5, kind == "slerp"), way(z[2], z[3], 5, kind == "slerp")});
    EXPECT_LT(difference(found[kind], sampler.generate(ways, {})), 1e-5) << kind;
  }
  EXPECT_GT(difference(found["linear"], found["slerp"]), 1e-3) << "they must differ for a comparison";
}

TEST_F(CliSamples, StandOnASheetInTheRowsOfTheirWays) {
  const auto sampler = digits();
  expect_success("sample run -n 2 --seed 3 --interpolate linear --steps 3 --label 4 --out ways.png");
  const auto z = sampler.latents(4, 3);
  const auto ways = torch::cat({way(z[0], z[1], 3, false), way(z[2], z[3], 3, false)});
  const auto made = sampler.stored(sampler.generate(ways, torch::full({6}, 4, torch::kInt64)));
  EXPECT_TRUE(picture("ways.png").pixels == sheet(pictures_of(made), {.columns = 3}).pixels);
}

TEST_F(CliSamples, OfARowAreAllOfItsClass) {
  const auto sampler = digits();
  for (const std::string way : {"--interpolate linear", "--sweep 0"}) {
    expect_success("sample run -n 4 --seed 3 " + way + " --steps 3 --out ways.npz");
    const auto labels = sampler.labels({.count = 4, .seed = 3});
    ASSERT_GT(difference(labels, labels[0].expand({4})), 0) << "rows must differ for a comparison";
    EXPECT_EQ(difference(read_pair("ways.npz").at("y"), labels.repeat_interleave(3)), 0) << way;
  }
}

TEST_F(CliSamples, MoveTheNumberOfZThatWasNamed) {
  const auto sampler = points();
  std::vector<Tensor> found;
  for (const int64_t i : {0, 2}) {
    expect_success(fmt::format("sample run -n 3 --seed 4 --sweep {} --steps 5 --out sweep.npy", i));
    found.push_back(read("sweep.npy"));
    const auto z = sampler.latents(3, 4).repeat_interleave(5, 0);
    for (int64_t row = 0; row < z.size(0); ++row) z[row][i] = -2 + static_cast<double>(row % 5);
    EXPECT_LT(difference(found.back(), sampler.generate(z, {})), 1e-5) << i;
  }
  EXPECT_GT(difference(found[0], found[1]), 1e-3);
}

TEST_F(CliSamples, MoveANumberOfAUniformZOverAllOfItsRange) {
  const auto sampler =
      make_run(kTinyRing, {"player.generator.lr=0.05", "latent.kind=uniform", "latent.low=1", "latent.high=9"});
  expect_success("sample run -n 2 --seed 4 --sweep 1 --steps 5 --out sweep.npy");
  const auto z = sampler.latents(2, 4).repeat_interleave(5, 0);
  for (int64_t row = 0; row < z.size(0); ++row) z[row][1] = 1 + 2 * static_cast<double>(row % 5);
  EXPECT_LT(difference(read("sweep.npy"), sampler.generate(z, {})), 1e-5);
}

TEST_F(CliSamples, StandBesideTheZThatTheyWereMadeOf) {
  const auto sampler = digits();
  expect_success("sample run -n 3 --seed 4 --latents --out z.npz");
  const auto all = read_pair("z.npz");
  EXPECT_LT(difference(all.at("z"), sampler.latents(3, 4)), 1e-9);
  const auto labels = sampler.labels({.count = 3, .seed = 4});
  EXPECT_LT(difference(all.at("x"), sampler.generate(all.at("z"), labels)), 1e-5);
}

TEST_F(CliSamples, OfEveryClassAreOfTheClassThatIsSaid) {
  const auto sampler = digits();
  expect_success("sample run -n 2 --seed 5 --classes --out classes.npz");
  const auto pair = read_pair("classes.npz");
  const auto labels = torch::arange(10).repeat({2});
  EXPECT_LT(difference(pair.at("y"), labels), 0.5);
  const auto z = sampler.latents(2, 5).repeat_interleave(10, 0);
  const auto expected = sampler.stored(sampler.generate(z, labels));
  EXPECT_LE(difference(pair.at("x"), expected), 1);
  EXPECT_GT(difference(expected[3], expected[4]), 50) << "classes must differ for a comparison";

  expect_success("sample run -n 2 --seed 5 --classes --out classes.png");
  const auto found = picture("classes.png");
  const auto drawn =
      sheet(pictures_of(pair.at("x").to(torch::kUInt8)), {.columns = 10, .column_names = sampler.facts().classes});
  EXPECT_TRUE(found.pixels == drawn.pixels) << "columns must bear the names of their classes";
}

/// Pictures that differ strongly between three codes.
const std::vector<std::string> kCodes = {"game={kind = 'infogan', codes = [3]}",
                                         "network.q={kind = 'mlp', widths = [4]}", "network.generator.label=none",
                                         "network.discriminator.label=none", "network.generator.init='normal(0.5)'"};

TEST_F(CliSamples, OfEveryCodeStandInItsColumn) {
  const auto sampler = make_run(kTinyDigits, kCodes);
  expect_success("sample run -n 2 --seed 5 --codes --out codes.npz");
  const auto expected = sampler.stored(
      sampler.with_codes({.seed = 5}, torch::tensor({0, 0, 0, 1, 1, 1}), torch::tensor({0, 1, 2, 0, 1, 2})));
  EXPECT_LE(difference(read_pair("codes.npz").at("x"), expected), 1);
  EXPECT_GT(difference(expected[0], expected[1]), 50) << "codes must differ for a comparison";
  expect_success("sample run -n 2 --seed 5 --codes --out codes.png");
  EXPECT_TRUE(picture("codes.png").pixels ==
              sheet(pictures_of(expected), {.columns = 3, .column_names = {"code 0", "code 1", "code 2"}}).pixels);
}

TEST_F(CliSamples, HaveTheCodeThatWasNamed) {
  const auto sampler = make_run(kTinyDigits, kCodes);
  expect_success("sample run -n 4 --seed 5 --latent code=1 --out ones.npy");
  const auto expected = sampler.with_codes({.seed = 5}, torch::arange(4), torch::full({4}, 1, torch::kInt64));
  EXPECT_LE(difference(read("ones.npy"), sampler.stored(expected)), 1);
  expect_refusal("sample run --latent code=7", Fault::usage,
                 "--latent code=7: \"code\" is a class; expected one from 0 to 2, such as code=0");
}

TEST_F(CliSamples, KeepTheCodeOfTheirRow) {
  const auto sampler = make_run(kTinyDigits, kCodes);
  expect_success("sample run -n 4 --seed 5 --interpolate linear --steps 2 --out rows.npy");
  const auto z = sampler.latents(8, 5);
  const auto codes = sampler.codes({.count = 4, .seed = 5});
  ASSERT_GT(difference(codes, codes[0].expand({4})), 0) << "rows must differ for a comparison";
  EXPECT_LE(difference(read("rows.npy"), sampler.stored(sampler.generate(z, {}, 5, 2))), 1);
  const auto first = sampler.with_codes({.seed = 5}, torch::arange(4), codes);
  const auto plain = sampler.sample_values({.count = 4, .seed = 5});
  EXPECT_LT(difference(first, plain), 1e-5) << "with their own codes samples are themselves";
}

TEST_F(CliSamples, AreOfTheClassesWrittenBesideThem) {
  const auto sampler = digits();
  const auto expect_consistent = [&](const std::string& name, const Tensor& labels) {
    const auto pair = read_pair(name);
    EXPECT_LT(difference(pair.at("y"), labels), 0.5) << name;
    const auto expected = sampler.stored(sampler.generate(sampler.latents(labels.size(0), 6), labels));
    EXPECT_LE(difference(pair.at("x"), expected), 1) << name;
  };
  expect_success("sample run -n 9 --seed 6 --out some.npz");
  expect_consistent("some.npz", sampler.labels({.count = 9, .seed = 6}));
  expect_success("sample run -n 9 --seed 6 --label 7 --out sevens.npz");
  expect_consistent("sevens.npz", torch::full({9}, 7, torch::kInt64));
}

TEST_F(CliSamples, AreScoredAgainstTheReportingHalf) {
  const auto sampler = points();
  const auto result = duet("score run -n 200 --seed 9 --json");
  ASSERT_EQ(result.status, 0) << result.error;
  const double told = nlohmann::json::parse(result.out).at("metrics").at("energy_distance").at("value");
  const auto data = open_training_data(sampler.recipe());
  const Scorer scorer(*data.split.train, *data.split.held_out, sampler.recipe().data.spec, {});
  const auto distance = [&](Half half) {
    const auto values = sampler.sample_values({.count = 200, .seed = 9}).view({-1, 2, 1, 1});
    return scorer.score(values, sampler.range(), {}, half).find("energy_distance")->value;
  };
  EXPECT_NEAR(told, distance(Half::report), 1e-6);
  EXPECT_GT(std::abs(told - distance(Half::decide)), 1e-5) << "the halves must differ for a comparison";
}

}  // namespace
}  // namespace duet
