// Protocols of papers from a user's point of view: docs/protocols.md.
#include <nlohmann/json.hpp>

#include "duet/data/formats/npz.h"
#include "duet/picture/image.h"
#include "duet/train/judge.h"
#include "duet/train/training_data.h"
#include "tests/cli/program.h"

namespace duet {
namespace {

class CliProtocols : public Cli {
 protected:
  Sampler make_run(const char* text, const std::vector<std::string>& overrides = {}) const {
    const auto recipe = tiny(text, overrides);
    Training training(recipe);
    training.rounds(20);
    const auto run = create_run(folder_ / "run", recipe, training.data.facts, catalogues());
    run.save_checkpoint(training.trainer.save(), training.feed.cursor(), 3);
    return Sampler::open(folder_ / "run");
  }
  nlohmann::json metrics(const std::string& arguments) const {
    const auto result = duet("score " + arguments + " --json");
    EXPECT_EQ(result.status, 0) << arguments << ": " << result.error;
    return nlohmann::json::parse(result.out);
  }
  Image picture(const std::string& name) const { return decode_image(read_bytes(folder_ / name, Fault::data), name); }
};

TEST_F(CliProtocols, FindCopiesOfTrainingPicturesAndShowThemFirst) {
  expect_success("data make digits -n 400 --format idx --out real");
  expect_success("data make digits -n 60 --seed 9 --out made");
  // `real` as single pictures, of which 20 are planted.
  Recipe compared;
  compared.data.spec = (folder_ / "real").string();
  const auto split = open_training_data(compared).split;
  for (int64_t i = 0; i < 20; ++i) {
    auto image = blank_image(28, 28, 1);
    split.train->read(3 * i, image.pixels.data());
    write_png(folder_ / fmt::format("made/3/copy{}.png", i), image);
  }
  const auto report = metrics("made --data real --features random --metrics nearest --nearest panel.png");
  EXPECT_NEAR(report["metrics"]["copies"]["value"].get<double>(), 0.25, 1e-9);
  EXPECT_NE(report["notes"].dump().find("20 of 80 samples are copies"), std::string::npos) << report["notes"];
  // The nearest pairs come first: the 20 copies fill four rows of five equal pairs.
  const auto panel = picture("panel.png");
  EXPECT_GT(panel.width, 10 * 28);
  EXPECT_GT(panel.height, 8 * 28);
  EXPECT_FALSE(metrics("made --data real --features random")["metrics"].contains("copies"));
}

TEST_F(CliProtocols, MeasureALogLikelihoodOfARun) {
  make_run(kTinyRing);
  const auto report = metrics("run -n 300 --metrics parzen --folds 3 --to-error 1000")["metrics"];
  for (const char* name : {"parzen", "parzen_sigma", "parzen_ceiling", "parzen_train", "parzen_centroids",
                           "parzen_folds", "parzen_streamed"})
    EXPECT_TRUE(report.contains(name)) << name;
  // Twenty rounds are no training: real points are better samples by far.
  EXPECT_GT(report["parzen_train"]["value"].get<double>(), report["parzen"]["value"].get<double>() + 1);
  EXPECT_NEAR(report["parzen_streamed"]["value"].get<double>(), report["parzen"]["value"].get<double>(), 1e-6);
  EXPECT_TRUE(report["parzen"].contains("standard_error"));
}

TEST_F(CliProtocols, RefuseFurtherMetricsThatDoNotFit) {
  make_run(kTinyRing);
  expect_refusal("score run --folds 3", Fault::usage, "--folds: is for the metric parzen; add --metrics parzen");
  expect_refusal("score run --to-error 3", Fault::usage, "--to-error: is for the metric parzen; add --metrics parzen");
  expect_refusal("score run --nearest panel.gif", Fault::usage, "--nearest panel.gif: expected a .png file");
  expect_refusal("score run -n 100 --nearest panel.png", Fault::usage,
                 "--nearest panel.png: ring holds vectors, which have no pictures; use --metrics nearest");
  expect_success("data make ring -n 100 --format npy --out points");
  expect_refusal("score points --data ring --metrics parzen --to-error 1", Fault::usage,
                 "--to-error: needs a run or a checkpoint, which can make more samples; leave it out");
}

TEST_F(CliProtocols, KeepTheSamplesThatTheDiscriminatorFindsMostReal) {
  const auto sampler = make_run(kTinyDigits, {"network.generator.init='normal(0.5)'"});
  const auto result = duet("sample run -n 6 --seed 4 --best-of 5 --latents --out best.npz");
  ASSERT_EQ(result.status, 0) << result.error;
  EXPECT_NE(result.out.find("the best 6 of 30 by the discriminator: mean logit "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("; mean distance between them "), std::string::npos) << result.out;
  // The same by hand: all 30, sorted by the discriminator's opinion.
  const auto labels = sampler.labels({.count = 30, .seed = 4});
  const auto values = sampler.generate(sampler.latents(30, 4), labels, 4);
  const auto logits = Judge::open(folder_ / "run", "best").logits(values, labels);
  const auto order = logits.argsort(0, /*descending=*/true).narrow(0, 0, 6);
  std::map<std::string, Tensor> all;
  for (const auto& header : npz_headers(folder_ / "best.npz")) {
    const auto array = read_npz(folder_ / "best.npz", header);
    auto floats = to_floats(array);
    all[header.name] = torch::tensor(floats).view(array.shape);
  }
  EXPECT_LT((all.at("x") - values.index_select(0, order)).abs().max().item<double>(), 1e-5);
  EXPECT_LT((all.at("z") - sampler.latents(30, 4).index_select(0, order)).abs().max().item<double>(), 1e-9);
  EXPECT_TRUE(torch::equal(all.at("y").to(torch::kInt64), labels.index_select(0, order)));
  EXPECT_GT(logits.index_select(0, order).min().item<double>(), logits.mean().item<double>());
}

TEST_F(CliProtocols, RefuseToChooseWhereNothingJudges) {
  make_run(
      "batch = 4\nkimg = 1\n[data]\nspec = 'bars'\n[latent]\nsize = 4\n[game]\nkind = 'began'\n[score]\nevery = 0\n"
      "[network.generator]\nkind = 'mlp'\nwidths = [4]\noutput = 'tanh'\n[network.encoder]\nkind = 'mlp'\n"
      "widths = [4]\n[network.decoder]\nkind = 'mlp'\nwidths = [4]\noutput = 'tanh'\n[player.generator]\n"
      "[player.discriminator]\n");
  EXPECT_NE(duet("sample run --best-of 3")
                .error.find("game \"began\" has no discriminator that gives each sample one number"),
            std::string::npos);
}

TEST_F(CliProtocols, NameTheNumbersOfZThatMatter) {
  const auto recipe = tiny(kTinyRing, {"latent.size=4"});
  {
    Training training(recipe);
    const auto run = create_run(folder_ / "run", recipe, training.data.facts, catalogues());
    auto file = training.trainer.save();
    // Only number 2 of z reaches the output.
    auto& weight = file.tensors.at("generator/00.dense.weight");
    const torch::NoGradGuard no_grad;
    for (const int64_t i : {0, 1, 3}) weight.select(1, i).zero_();
    run.save_checkpoint(file, 0, 3);
  }
  const auto result = duet("sample run -n 2 --influence --steps 5 --seed 4 --out rows.npy");
  ASSERT_EQ(result.status, 0) << result.error;
  EXPECT_NE(result.out.find("influence of the numbers of z, mean 1: 2 4, "), std::string::npos) << result.out;
  const auto sampler = Sampler::open(folder_ / "run");
  auto z = sampler.latents(1, 4).repeat({5, 1});
  z.select(1, 2).copy_(torch::linspace(-2, 2, 5));
  const auto array = parse_npy(read_bytes(folder_ / "rows.npy", Fault::data), "rows.npy");
  auto floats = to_floats(array);
  const auto rows = torch::tensor(floats).view(array.shape);
  EXPECT_EQ(rows.size(0), 10);
  EXPECT_LT((rows.slice(0, 0, 5) - sampler.generate(z, {})).abs().max().item<double>(), 1e-5);
}

TEST_F(CliProtocols, ReadGreyMapsAndStackThem) {
  std::filesystem::create_directories(folder_ / "maps");
  for (int i = 0; i < 12; ++i) {
    std::string map = "P2\n8 8\n255\n";
    for (int p = 0; p < 64; ++p) map += std::to_string((p * (i + 3)) % 256) + (p % 8 == 7 ? "\n" : " ");
    put_file(folder_ / fmt::format("maps/{}.pgm", i), map);
  }
  const auto grey = duet("inspect maps");
  EXPECT_EQ(grey.status, 0) << grey.error;
  EXPECT_NE(grey.out.find("12"), std::string::npos) << grey.out;
  const auto stacked = duet("inspect stacked:maps");
  EXPECT_EQ(stacked.status, 0) << stacked.error;
  EXPECT_NE(stacked.out.find("8x8"), std::string::npos) << stacked.out;
}

TEST_F(CliProtocols, DoNotReadPickles) {
  std::filesystem::create_directories(folder_ / "cifar-10-batches-py");
  put_file(folder_ / "cifar-10-batches-py/data_batch_1", std::string("\x80\x02}q\x01", 5));
  const auto result = duet("inspect cifar-10-batches-py");
  EXPECT_EQ(result.status, static_cast<int>(Fault::data));
  EXPECT_NE(result.error.find("pickles can hold programs, so duet does not read them"), std::string::npos)
      << result.error;
}

}  // namespace
}  // namespace duet
