#include "duet/train/model_file.h"

#include <gtest/gtest.h>

#include "duet/core/files.h"
#include "duet/run/run_folder.h"
#include "tests/places.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// A run of a few rounds, and its newest checkpoint.
struct Trained {
  explicit Trained(const Recipe& recipe) : recipe(recipe), data(open_training_data(recipe)) {
    auto run = create_run(folder / "run", recipe, data.facts, catalogues());
    train(run, recipe, data, {});
    path = run.checkpoints().back();
  }
  TensorFile file() const { return read_tensors(path); }

  const FreshFolder folder;
  Recipe recipe;
  TrainingData data;
  std::filesystem::path path;
};

TEST(ModelFile, SamplesByItselfAsItsRunDoes) {
  const Trained trained(tiny(kTinyDigits));
  const auto alone = trained.folder / "elsewhere.safetensors";
  std::filesystem::copy(trained.path, alone);
  const Sampler::Request request{.count = 9, .seed = 3};
  const auto right = Sampler::open(trained.folder / "run").sample(request);
  std::filesystem::remove_all(trained.folder / "run");
  const auto sampler = Sampler::open(alone);
  EXPECT_TRUE(torch::equal(sampler.sample(request), right));
  EXPECT_EQ(sampler.origin(), alone.string() + ", at 0.16 kimg");
  EXPECT_EQ(sampler.facts().classes, trained.data.facts.classes);
  EXPECT_EQ(sampler.recipe().name, "tiny");
}

TEST(ModelFile, NamesAveragedWeightsAndTheStatisticsThatSamplingUses) {
  const Trained trained(tiny(kTinyDigits));
  const auto file = trained.file();
  Sampler sampler(trained.recipe, trained.data.facts);
  sampler.load(file);
  for (const auto* list : {&sampler.network().parameters(), &sampler.network().buffers()})
    for (const auto& [name, value] : *list)
      EXPECT_TRUE(torch::equal(file.at("ema/generator/" + name, value.sizes()), value)) << name;
  EXPECT_EQ(file.text("format"), "3");
  EXPECT_EQ(file.text("layers.generator"),
            "concat(label)\nconv_transpose(4, kernel=7, stride=1, bias=false)\nbatch_norm\nrelu\n"
            "conv_transpose(2, kernel=4, stride=2, padding=1, bias=false)\nbatch_norm\nrelu\n"
            "conv_transpose(1, kernel=4, stride=2, padding=1, bias=false)\ntanh");
  EXPECT_EQ(file.text("layers.discriminator"),
            "flatten\nmark(before_label)\nembedding(label, 50)\nmark(label_row)\ntake(before_label)\n"
            "concat(label_row)\ndense(8)\nleaky_relu(0.2)\ndropout(0.7, 1.42857)\ndense(1)\nlinear");
  // Without EMA the trained weights are the model.
  const Trained plain(tiny(kTinyDigits, {"player.generator.ema_kimg=0"}));
  for (const auto& [name, value] : plain.file().tensors) EXPECT_FALSE(name.starts_with("ema/")) << name;
}

TEST(ModelFile, TakesTheStatisticsItHolds) {
  const Trained trained(tiny(kTinyDigits));
  auto file = trained.file();
  Sampler sampler(trained.recipe, trained.data.facts);
  sampler.load(file);
  const auto before = sampler.sample_values({.count = 4, .seed = 1});
  // Newly computed statistics would not show this.
  file.tensors.at("ema/generator/02.batch_norm.variance").mul_(4);
  sampler.load(file);
  EXPECT_FALSE(torch::equal(sampler.sample_values({.count = 4, .seed = 1}), before));
  // Without stored ones they are computed, with the same result.
  for (auto entry = file.tensors.begin(); entry != file.tensors.end();)
    entry = entry->first.starts_with("ema/") && entry->first.find(".batch_norm.") != std::string::npos &&
                    (entry->first.ends_with("mean") || entry->first.ends_with("variance"))
                ? file.tensors.erase(entry)
                : std::next(entry);
  sampler.load(file);
  EXPECT_TRUE(torch::equal(sampler.sample_values({.count = 4, .seed = 1}), before));
}

TEST(ModelFile, LeavesATrainingThatIsWatchedAsItIs) {
  const auto recipe = tiny(kTinyDigits);
  const Trained often(tiny(kTinyDigits, {"checkpoint_every=0.008", "keep=100"})), once(recipe);
  const auto a = often.file(), b = once.file();
  for (const auto& [name, value] : b.tensors) EXPECT_TRUE(torch::equal(a.tensors.at(name), value)) << name;
}

TEST(ModelFile, IsRefusedWhereItIsNone) {
  const FreshFolder folder;
  const auto path = (folder / "x.safetensors").string();
  TensorFile file;
  file.tensors["a"] = torch::zeros({2});
  write_tensors(path, file);
  EXPECT_EQ(error_of([&] { Sampler::open(path); }, Fault::checkpoint),
            path + ": has no entry 'recipe'; it is not a duet checkpoint");
  put_file(folder / "y.safetensors", "no such thing, but long enough for a header");
  EXPECT_NE(error_of([&] { Sampler::open(folder / "y.safetensors"); }, Fault::checkpoint).find("damaged"),
            std::string::npos);
  const Trained trained(tiny(kTinyRing));
  EXPECT_EQ(error_of([&] { Sampler::open(trained.path, "last"); }, Fault::usage),
            "--checkpoint last: " + trained.path.string() +
                " is a single checkpoint; expected a run folder to take another of; leave --checkpoint out");
  for (const char* damaged : {"{", "[]", "{\"shape\": [1]}", "{\"shape\": \"x\"}"}) {
    auto changed = trained.file();
    changed.texts["data"] = damaged;
    write_tensors(path, changed);
    const auto text = error_of([&] { Sampler::open(path); }, Fault::checkpoint);
    EXPECT_TRUE(text.starts_with(path + ": data") && text.find(": damaged: ") != std::string::npos) << text;
  }
}

TEST(ModelFile, OfALaterFormatIsNotReadAsIfItWereKnown) {
  const Trained trained(tiny(kTinyRing));
  auto file = trained.file();
  file.texts["format"] = "4";
  file.place = "later.safetensors";
  const std::string refusal =
      "later.safetensors: has format 4; this duet reads formats up to 3; use the duet that wrote it, or a newer one";
  Sampler sampler(trained.recipe, trained.data.facts);
  EXPECT_EQ(error_of([&] { sampler.load(file); }, Fault::checkpoint), refusal);
  EXPECT_EQ(error_of([&] { Training(trained.recipe, 1600).trainer.load(file); }, Fault::checkpoint), refusal);
}

/// Written by duet 0.1.0: a conditional generator of points with batch norm and EMA weights, at 640 images.
TensorFile of_format_1() { return read_tensors(std::string(source_path()) + "/tests/golden/format1.safetensors"); }

TEST(ModelFile, OfFormat1IsSampledAsDuet01Did) {
  const auto file = of_format_1();
  const auto recipe = recipe_of(file, catalogues());
  const auto facts = open_training_data(recipe).facts;
  Sampler sampler(recipe, facts);
  sampler.load(file);
  const auto expected =
      torch::tensor({2.322671, 1.801034,  0.331499, -0.156781, 0.333631,  -0.246720, 0.886162, 0.520202,
                     0.271892, -0.075340, 0.257662, -0.006577, -0.104208, -0.514170, 1.336339, 0.945484,
                     0.127237, -0.175431, 0.475908, 2.524733,  0.112033,  -0.123268, 2.877996, 1.465224})
          .view({12, 2});
  const auto found = sampler.sample({.count = 12, .seed = 5});
  EXPECT_LT((found - expected).abs().max().item<double>(), 1e-4) << found;
  EXPECT_TRUE(torch::equal(sampler.labels({.count = 12, .seed = 5}),
                           torch::tensor({6, 3, 3, 0, 1, 5, 7, 4, 1, 2, 6, 1}, torch::kInt64)));
}

TEST(ModelFile, OfFormat1TrainsOn) {
  const auto file = of_format_1();
  const auto recipe = recipe_of(file, catalogues());
  Training training(recipe, Trainer::saved_cursor(file));
  training.trainer.load(file);
  EXPECT_TRUE(torch::equal(training.trainer.weights("generator").ema(), file.at("average/generator", {138})));
  const auto again = training.trainer.save();
  EXPECT_EQ(again.text("format"), "3");
  EXPECT_EQ(again.tensors.at("ema/generator/01.dense.weight").sizes(), (torch::IntArrayRef{8, 12}));
  EXPECT_FALSE(again.tensors.contains("average/generator"));
  training.rounds(3);
}

TEST(ModelFile, OfFormat1NeedsItsRun) {
  const FreshFolder folder;
  const auto path = (folder / "old.safetensors").string();
  write_tensors(path, of_format_1());
  EXPECT_EQ(error_of([&] { Sampler::open(path); }, Fault::checkpoint),
            path +
                ": does not say what it was trained on, as those of duet 0.1 do not; give the folder of its run, and "
                "this file with --checkpoint");
  const auto recipe = recipe_of(of_format_1(), catalogues());
  create_run(folder / "run", recipe, open_training_data(recipe).facts, catalogues());
  EXPECT_EQ(Sampler::open(folder / "run", path).sample({.count = 2}).size(0), 2);
}

}  // namespace
}  // namespace duet
