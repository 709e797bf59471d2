#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "duet/cli/pace.h"
#include "duet/cli/phases.h"
#include "duet/cli/score_further.h"
#include "duet/cli/terminal.h"
#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/core/paths.h"
#include "duet/core/shell.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"
#include "duet/score/scorer.h"
#include "duet/train/loop.h"
#include "duet/train/measurer.h"
#include "duet/train/model_file.h"
#include "duet/train/runs.h"
#include "duet/train/sampler.h"
#include "duet/train/training_data.h"
#include "duet/train/view_score.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string target, data, checkpoint = "best", features = "auto";
  std::vector<std::string> measures;
  int64_t samples = 10'000, resolution = 0;
  uint64_t seed = 1'000'003;  // not the seed of the training loop's scores
  bool json = false, all = false;
  FurtherChoice further;
};

struct Scored {
  Tensor samples;  ///< [N,C,H,W] in the data's range, or stored bytes
  Tensor labels;
  Tensor codes{};                      ///< classes of the game's code, if it has one
  std::vector<Sampler::Viewed> views;  ///< of the same samples
  Recipe recipe;                       ///< its data sections and seed define what to compare with
  std::string like = "x";              ///< the stream of them to compare with
  std::string origin;
  std::optional<DataFacts> trained_on{};  ///< facts about the run's data
  /// Further samples of a run.
  std::function<Tensor(int64_t first, int64_t count)> more{};
};

/// In parts, to show progress; samples do not depend on each other.
Tensor make_samples(const Sampler& sampler, const Sampler::Request& whole, Phases& phases, int64_t from = 0) {
  constexpr int64_t kPiece = 1'024;
  if (from == 0) phases.begin(fmt::format("making {} samples", whole.count));
  std::vector<Tensor> pieces;
  for (int64_t first = 0; first < whole.count; first += kPiece) {
    auto piece = whole;
    piece.count = std::min(kPiece, whole.count - first);
    pieces.push_back(sampler.sample_values(piece, from + first));
    phases.progress(static_cast<double>(first + piece.count) / static_cast<double>(whole.count));
  }
  const auto& shape = sampler.facts().shape;
  return torch::cat(pieces).reshape({-1, shape.channels, shape.height, shape.width});
}

Scored from_run(const Options& options, Phases& phases) {
  if (options.resolution > 0)
    fail(Fault::usage,
         "--resolution {}: {} is a run, whose pictures are compared at its training resolution; leave it out",
         options.resolution, options.target);
  const auto opened = std::make_shared<Sampler>(Sampler::open(options.target, options.checkpoint, warn_skipped));
  auto& sampler = *opened;
  const auto recipe = give_examples(sampler, options.target);
  const Sampler::Request request{.count = options.samples, .seed = options.seed};
  Scored scored{.samples = make_samples(sampler, request, phases),
                .labels = sampler.labels(request),
                .codes = sampler.codes(request),
                .views = sampler.views(request),
                .recipe = recipe,
                .like = sampler.like(),
                .origin = sampler.origin(),
                .trained_on = sampler.facts(),
                .more = [opened, request, &phases](int64_t first, int64_t count) {
                  auto further = request;
                  further.count = count;
                  return make_samples(*opened, further, phases, first);
                }};
  if (!options.data.empty()) scored.recipe.data_of(scored.like).spec = options.data;
  if (const auto& spec = scored.recipe.data_of(scored.like).spec;
      options.data.empty() && !spec.empty() && !data_exist(spec))
    fail(
        Fault::data,
        "{}: the data that {} was trained on no longer exist; put them back, or name their new place, or other data to "
        "compare with: duet score {} --data PATH",
        spec, options.target, shell_quoted(options.target));
  return scored;
}

/// The samples' classes by the names of the reference's classes, or by their numbers; undefined if either has none.
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

/// The data that files are compared with. The advice for pictures that differ in size is for a recipe, which does not
/// exist here.
Source open_reference(const Options& options) {
  try {
    return open_source(options.data, {.resolution = options.resolution});
  } catch (const Error& error) {
    std::string text = error.what();
    const std::string advice = "set data.resolution (such as 64)";
    if (const auto at = text.find(advice); at != std::string::npos)
      text.replace(at, advice.size(), "add --resolution 64 (or another side)");
    fail(error.fault(), "{}", text);
  }
}

/// Notes on how data were interpreted, where other interpretations exist.
void note_reading(const DatasetInfo& info, Phases& phases) {
  for (const auto& line : info.reading) phases.note(fmt::format("{}: {}", info.name, line));
  for (const auto& doubt : info.doubts) phases.note(fmt::format("{}: {}", info.name, doubt.text));
}

/// Columns are compared by their order, whatever their names.
void note_other_names(const DatasetInfo& samples, const DatasetInfo& real, Phases& phases) {
  if (samples.columns.empty() || real.columns.empty() || samples.columns == real.columns) return;
  if (samples.shape != real.shape) return;  // reported when they are compared
  for (size_t i = 0; i < samples.columns.size(); ++i)
    if (samples.columns[i] != real.columns[i])
      return phases.note(fmt::format("{}: column {} is '{}', and '{}' in {}: columns are compared by their order",
                                     samples.name, i + 1, samples.columns[i], real.columns[i], real.name));
}

Scored from_files(const Options& options, Phases& phases) {
  if (!options.data.empty()) note_hidden_path(options.data);
  if (options.data.empty()) fail(Fault::usage, "score {}: give --data SPEC to compare with", options.target);
  phases.begin("reading " + options.target);
  Scored scored;
  scored.recipe.data.spec = options.data;
  scored.recipe.data.resolution = options.resolution;
  const auto reference = open_reference(options);
  const auto& shape = reference.train->info().shape;
  const auto source = open_source(options.target, {.resolution = shape.is_vector() ? 0 : shape.height,
                                                   .channels = shape.is_vector() ? 0 : shape.channels});
  for (const auto* part : {&source, &reference})
    if (const auto left_out = describe_left_out(part->train->info().left_out); !left_out.empty())
      phases.note(fmt::format("{}: {}", part->train->info().name, left_out));
  const auto found = source.train->info().size;
  if (found < kLeastScored)
    fail(Fault::data, "{}: {} example{} found; scores need at least {}, and {} or more to be reliable", options.target,
         found, found == 1 ? "" : "s", kLeastScored, grouped(kEnoughScored));
  note_reading(source.train->info(), phases);
  note_other_names(source.train->info(), reference.train->info(), phases);
  if (const auto refitted = describe_refitting(source.train->info()); !refitted.empty())
    phases.note(fmt::format("{}: {}, as {} has them", options.target, refitted, options.data));
  // Spread over the whole set: files of class folders are sorted by class.
  const auto indices = stratified_indices(found, options.samples);
  scored.samples = read_examples(*source.train, indices);
  scored.labels = labels_of(*source.train, indices, reference.train->info().classes);
  return scored;
}

/// Comparing with other data than those the run was trained on may be intended, but has another meaning.
void note_changes(const std::string& run, const DataFacts& then, const DataFacts& now, Phases& phases) {
  for (const auto& change : differences(then, now))
    phases.note(fmt::format("{}: the data are not those this run was trained on: {}", run, change));
}

/// What the run's game says about examples themselves, beside what its samples are worth.
void add_measures(Report& report, const Options& options, const Recipe& recipe, const TrainingData& data,
                  const Classifier* classifier, Phases& phases) {
  std::optional<RunFolder> run;
  if (fs::is_directory(options.target)) run.emplace(RunFolder::open(options.target));
  const auto file = run ? run->checkpoint(options.checkpoint, /*note=*/{}) : read_tensors(options.target);
  Measurer measurer(recipe, run ? facts_of(*run) : facts_of(file), data);
  measurer.check(options.measures);
  if (!measurer.has_any()) return;
  measurer.load(file);
  measurer.add_to(report, classifier,
                  {.all = options.all, .requested = options.measures, .phase = [&](const std::string& what) {
                     phases.begin(what);
                   }});
}

Report score(const Options& options) {
  std::error_code error;
  const fs::path target = options.target;
  const bool is_run = fs::exists(target / "recipe.toml", error) ||
                      (target.extension() == ".safetensors" && fs::is_regular_file(target, error));
  if (look_at(options.target, Fault::usage) == PathKind::missing) {
    check_working_folder(options.target, Fault::usage);
    fail(Fault::usage,
         "{}: no such file or folder; expected a run, a checkpoint, a folder of pictures, or a .npy, .npz or .csv "
         "file{}",
         options.target, unexpanded(options.target));
  }
  options.further.check(/*makes_more=*/is_run);
  if (!is_run && !options.measures.empty())
    fail(Fault::usage, "--measure {}: {} is no run, and only a run's game can measure; leave it out",
         options.measures.front(), options.target);
  Phases phases;
  const auto scored = is_run ? from_run(options, phases) : from_files(options, phases);
  auto recipe = scored.recipe;
  auto& compared = recipe.data_of(scored.like);
  phases.begin("opening " + compared.spec);
  if (options.all) {
    recipe.data.limit = 0;
    for (auto& [name, stream] : recipe.stream) stream.limit = 0;  // paired streams need equal sizes
  }
  const auto data = open_training_data(recipe);
  const auto split = compared_split(recipe, data, scored.like);
  const auto range = compared.value_range(split.train->info().shape);
  options.further.check(split.train->info());
  if (scored.trained_on && options.data.empty())
    note_changes(options.target, *scored.trained_on, data.facts.stream(scored.like), phases);
  if (!options.data.empty()) note_reading(split.train->info(), phases);
  ScorerOptions how;
  how.all_data = options.all;
  how.features.kind = options.features;
  how.test = split.test.get();
  how.features.classifier.range = range;
  how.features.classifier.note = [&](const std::string& text) { phases.note(text); };
  how.features.classifier.progress = [&, pace = ClassifierStatus()](const ClassifierProgress& progress) mutable {
    phases.begin("training the classifier for scores (cached for later)");
    phases.progress(pace.text(progress));
  };
  how.phase = [&](const std::string& what) { phases.begin(what); };
  const Scorer scorer(*split.train, split.held_out.get(), compared.spec, how);
  phases.begin(fmt::format("scoring {} samples", scored.samples.size(0)));
  auto report = scorer.score(scored.samples, range, scored.labels, Half::report, scored.codes);
  if (scorer.classifier()) add_view_score(report, scored.views, data, how.features.classifier);
  report.origin = scored.origin;
  if (is_run) add_measures(report, options, recipe, data, scorer.classifier(), phases);
  add_further(report, options.further, {scored.samples, scored.labels, range, scored.more}, split, phases);
  return report;
}

void run(const Options& options) {
  const auto report = score(options);
  fmt::print("{}{}", options.json ? to_json(report) : to_text(report, page_columns()), options.json ? "\n" : "");
}

}  // namespace

void add_score(CLI::App& program) {
  auto* verb = program.add_subcommand("score", "compare samples with real examples");
  auto options = std::make_shared<Options>();
  verb->add_option("target", options->target, "run folder, checkpoint, folder of pictures, .npy, .npz or .csv file")
      ->required();
  verb->add_option("--data", options->data, "what to compare with (default: the run's data)");
  verb->add_flag("--all", options->all,
                 "compare with all of these data instead of the reporting half of the held-out data");
  verb->add_option(
          "--resolution", options->resolution,
          "side to which all pictures are cropped and resized (default: unchanged; for a run that of its training)")
      ->check(between(8, 4096, "the pictures of a run already have their resolution"));
  verb->add_option("-n,--samples", options->samples, "maximum number of samples to score (default: 10000)")
      ->check(between(kLeastScored, 1e6, "scores are reliable from 5000 on"));
  verb->add_option("--seed", options->seed, "seed of the samples of a run")->check(seed_range());
  verb->add_option("--checkpoint", options->checkpoint, "best, last, or a file (default: best)");
  verb->add_option("--features", options->features, "features in which pictures are compared")
      ->check(one_of({"auto", "classifier", "random", "raw"}));
  verb->add_option("--measure", options->measures,
                   "of a run: also what its game measures on request, as that takes minutes (annealed_likelihood)");
  options->further.add_options(*verb);
  verb->add_flag("--json", options->json, "print JSON");
  add_threads(*verb);
  verb->footer(
      "Example:\n  duet score runs/mnist-dcgan --json\n  duet score folder/of/pictures --data path/to/mnist\n  "
      "duet score runs/paper-gan --metrics parzen,nearest --nearest panel.png\n  "
      "duet score folder/of/pictures --data other/pictures --resolution 64 --all");
  verb->callback([options] { run(*options); });
}

}  // namespace duet
