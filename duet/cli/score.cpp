#include <algorithm>
#include <charconv>
#include <filesystem>

#include "duet/cli/pace.h"
#include "duet/cli/phases.h"
#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"
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
  std::string origin;
};

/// In pieces, to tell how far it is; a sample does not depend on the others.
Tensor make_samples(const Sampler& sampler, const Sampler::Request& whole, Phases& phases) {
  constexpr int64_t kPiece = 1'024;
  phases.begin(fmt::format("making {} samples", whole.count));
  std::vector<Tensor> pieces;
  for (int64_t first = 0; first < whole.count; first += kPiece) {
    auto piece = whole;
    piece.count = std::min(kPiece, whole.count - first);
    pieces.push_back(sampler.sample_values(piece, first));
    phases.progress(static_cast<double>(first + piece.count) / static_cast<double>(whole.count));
  }
  const auto& shape = sampler.facts().shape;
  return torch::cat(pieces).reshape({-1, shape.channels, shape.height, shape.width});
}

Scored from_run(const Options& options, Phases& phases) {
  const auto sampler = Sampler::open(options.target, options.checkpoint, tell_passed_over);
  const Sampler::Request request{.count = options.samples, .seed = options.seed};
  Scored scored{make_samples(sampler, request, phases), sampler.labels(request), sampler.recipe(), sampler.origin()};
  if (!options.data.empty()) scored.recipe.data.spec = options.data;
  return scored;
}

/// The samples' classes by the names of those compared with, or by their numbers; undefined where one has neither.
Tensor labels_of(const Dataset& samples, const std::vector<int64_t>& indices, const std::vector<std::string>& classes) {
  std::vector<int64_t> known;
  for (const auto& name : samples.info().classes) {
    const auto named = std::find(classes.begin(), classes.end(), name);
    int64_t label = named - classes.begin();
    if (named == classes.end() &&
        std::from_chars(name.data(), name.data() + name.size(), label).ptr != name.data() + name.size())
      return {};
    if (label < 0 || label >= std::ssize(classes)) return {};
    known.push_back(label);
  }
  if (known.empty()) return {};
  auto labels = torch::empty({std::ssize(indices)}, torch::kInt64);
  for (int64_t i = 0; i < labels.size(0); ++i)
    labels[i] = known[static_cast<size_t>(samples.label(indices[static_cast<size_t>(i)]))];
  return labels;
}

/// How data were understood, where that could be otherwise.
void note_reading(const DatasetInfo& info, Phases& phases) {
  for (const auto& line : info.reading) phases.note(fmt::format("{}: {}", info.name, line));
  for (const auto& doubt : info.doubts) phases.note(fmt::format("{}: {}", info.name, doubt.text));
}

/// Columns are compared by their order, whatever they are called.
void note_other_names(const DatasetInfo& samples, const DatasetInfo& real, Phases& phases) {
  if (samples.columns.empty() || real.columns.empty() || samples.columns == real.columns) return;
  if (samples.shape != real.shape) return;  // told when they are compared
  for (size_t i = 0; i < samples.columns.size(); ++i)
    if (samples.columns[i] != real.columns[i])
      return phases.note(fmt::format("{}: column {} is '{}', and '{}' in {}: columns are compared in their order",
                                     samples.name, i + 1, samples.columns[i], real.columns[i], real.name));
}

Scored from_files(const Options& options, Phases& phases) {
  if (options.data.empty()) fail(Fault::usage, "score {}: give --data SPEC to compare with", options.target);
  phases.begin("reading " + options.target);
  Scored scored;
  scored.recipe.data.spec = options.data;
  const auto reference = open_source(options.data, {});
  const auto& shape = reference.train->info().shape;
  const auto source = open_source(options.target, {.resolution = shape.is_vector() ? 0 : shape.height,
                                                   .channels = shape.is_vector() ? 0 : shape.channels});
  const auto found = source.train->info().size;
  if (found < kLeastScored)
    fail(Fault::data, "{}: {} example{} found; scores need at least {}, and {} or more to be good", options.target,
         found, found == 1 ? "" : "s", kLeastScored, grouped(kEnoughScored));
  note_reading(source.train->info(), phases);
  note_other_names(source.train->info(), reference.train->info(), phases);
  if (const auto refitted = describe_refitting(source.train->info()); !refitted.empty())
    phases.note(fmt::format("{}: {}, as {} has them", options.target, refitted, options.data));
  // Spread over all that is there: files of class folders come sorted by class.
  const auto indices = stratified_indices(found, options.samples);
  scored.samples = read_examples(*source.train, indices);
  scored.labels = labels_of(*source.train, indices, reference.train->info().classes);
  return scored;
}

Report score(const Options& options) {
  std::error_code error;
  const bool is_run = fs::exists(fs::path(options.target) / "recipe.toml", error);
  if (!fs::exists(options.target, error))
    fail(Fault::usage, "{}: no such file or folder; expected a run, a folder of pictures, or a .npy, .npz or .csv file",
         options.target);
  Phases phases;
  const auto scored = is_run ? from_run(options, phases) : from_files(options, phases);
  phases.begin("opening " + scored.recipe.data.spec);
  const auto data = open_training_data(scored.recipe);
  if (!options.data.empty()) note_reading(data.split.train->info(), phases);
  if (!data.split.held_out) fail(Fault::recipe, "data.held_out = 0 leaves nothing to compare with");
  ScorerOptions how;
  how.features.kind = options.features;
  how.features.classifier.range = scored.recipe.data.value_range();
  how.features.classifier.note = [&](const std::string& text) { phases.note(text); };
  how.features.classifier.progress = [&, pace = ClassifierPace()](const ClassifierProgress& progress) mutable {
    phases.begin("training the classifier for scores (kept for later)");
    phases.progress(pace.text(progress));
  };
  how.phase = [&](const std::string& what) { phases.begin(what); };
  const Scorer scorer(*data.split.train, *data.split.held_out, scored.recipe.data.spec, how);
  phases.begin(fmt::format("scoring {} samples", scored.samples.size(0)));
  auto report = scorer.score(scored.samples, scored.recipe.data.value_range(), scored.labels, Half::report);
  report.origin = scored.origin;
  return report;
}

void run(const Options& options) {
  const auto report = score(options);
  fmt::print("{}{}", options.json ? to_json(report) : to_text(report), options.json ? "\n" : "");
}

}  // namespace

void add_score(CLI::App& program) {
  auto* verb = program.add_subcommand("score", "judge samples against held-out data");
  auto options = std::make_shared<Options>();
  verb->add_option("target", options->target, "run folder, folder of pictures, .npy, .npz or .csv file")->required();
  verb->add_option("--data", options->data, "what to compare with (default: the run's data)");
  verb->add_option("-n,--samples", options->samples, "how many to score at most (default: 10000)")
      ->check(between(kLeastScored, 1e6, "scores are good from 5000 on"));
  verb->add_option("--seed", options->seed, "of the samples of a run")->check(seed_range());
  verb->add_option("--checkpoint", options->checkpoint, "best, last, or a file (default: best)");
  verb->add_option("--features", options->features, "what pictures are compared in")
      ->check(one_of({"auto", "classifier", "random", "raw"}));
  verb->add_flag("--json", options->json, "for programs");
  add_threads(*verb);
  verb->footer("Example:\n  duet score runs/mnist-dcgan --json\n  duet score folder/of/pictures --data path/to/mnist");
  verb->callback([options] { run(*options); });
}

}  // namespace duet
