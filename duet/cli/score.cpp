#include <filesystem>
#include <iostream>

#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/data/tensors.h"
#include "duet/score/scorer.h"
#include "duet/train/loop.h"
#include "duet/train/sampler.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string target, data, checkpoint = "best", features = "auto";
  int64_t samples = 10'000;
  uint64_t seed = 1'000'003;  // not the seed that the training loop's own scores are made with
  bool json = false;
};

struct Scored {
  Tensor samples;  ///< [N,C,H,W] in the data's range, or stored bytes
  Tensor labels;
  Recipe recipe;  ///< data section and seed say what to compare with
};

Scored from_run(const Options& options) {
  const auto sampler = Sampler::open(options.target, options.checkpoint);
  const Sampler::Request request{.count = options.samples, .seed = options.seed};
  const auto& shape = sampler.facts().shape;
  Scored scored{sampler.sample_values(request).reshape({-1, shape.channels, shape.height, shape.width}),
                sampler.labels(request), sampler.recipe()};
  if (!options.data.empty()) scored.recipe.data.spec = options.data;
  return scored;
}

Scored from_files(const Options& options) {
  if (options.data.empty()) fail(Fault::usage, "score {}: give --data SPEC to compare with", options.target);
  Scored scored;
  scored.recipe.data.spec = options.data;
  const auto reference = open_source(options.data, {});
  const auto& shape = reference.train->info().shape;
  const auto source = open_source(options.target, {.resolution = shape.is_vector() ? 0 : shape.height,
                                                   .channels = shape.is_vector() ? 0 : shape.channels});
  const auto count = std::min(options.samples, source.train->info().size);
  scored.samples = read_examples(*source.train, 0, count);
  return scored;
}

void run(const Options& options) {
  std::error_code error;
  const bool is_run = fs::exists(fs::path(options.target) / "recipe.toml", error);
  if (!fs::exists(options.target, error))
    fail(Fault::usage, "{}: no such file or folder; expected a run, a folder of pictures, or a .npy file",
         options.target);
  const auto scored = is_run ? from_run(options) : from_files(options);
  const auto data = open_training_data(scored.recipe);
  if (!data.split.held_out) fail(Fault::recipe, "data.held_out = 0 leaves nothing to compare with");
  ScorerOptions how;
  how.features.kind = options.features;
  how.features.classifier.range = scored.recipe.data.value_range();
  how.features.classifier.note = [](const std::string& text) { fmt::print(stderr, "{}\n", text); };
  const Scorer scorer(*data.split.train, *data.split.held_out, scored.recipe.data.spec, how);
  const auto report = scorer.score(scored.samples, scored.recipe.data.value_range(), scored.labels, Half::report);
  fmt::print("{}{}", options.json ? to_json(report) : to_text(report), options.json ? "\n" : "");
}

}  // namespace

void add_score(CLI::App& program) {
  auto* verb = program.add_subcommand("score", "judge samples against held-out data");
  auto options = std::make_shared<Options>();
  verb->add_option("target", options->target, "run folder, folder of pictures, or .npy file")->required();
  verb->add_option("--data", options->data, "what to compare with (default: the run's data)");
  verb->add_option("-n,--samples", options->samples, "how many to score (default: 10000)")
      ->check(CLI::Range(100, 1'000'000));
  verb->add_option("--seed", options->seed, "of the samples of a run");
  verb->add_option("--checkpoint", options->checkpoint, "best, last, or a file (default: best)");
  verb->add_option("--features", options->features, "what pictures are compared in")
      ->check(CLI::IsMember({"auto", "classifier", "random", "raw"}));
  verb->add_flag("--json", options->json, "for programs");
  add_threads(*verb);
  verb->footer("Example:\n  duet score runs/mnist-dcgan --json\n  duet score folder/of/pictures --data path/to/mnist");
  verb->callback([options] { run(*options); });
}

}  // namespace duet
