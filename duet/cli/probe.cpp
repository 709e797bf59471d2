// How much a discriminator has learned of what it was never told: a linear classifier of the data's labels on its
// features, beside one on the features of the same network before training (goodfeli/adversarial's
// recapitate_discriminator).
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "duet/cli/phases.h"
#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/core/nearest.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"
#include "duet/score/linear_probe.h"
#include "duet/train/model_file.h"
#include "duet/train/old_formats.h"
#include "duet/train/runs.h"
#include "duet/train/sampler.h"
#include "duet/train/training_data.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string run, data, checkpoint = "best", network = "discriminator";
  std::vector<int64_t> labels = {100, 1000};
  uint64_t seed = 0;
  bool json = false;
};

/// A checkpoint, and the recipe and facts that it was trained with.
struct Trained {
  TensorFile file;
  Recipe recipe;
  DataFacts facts;
};

Trained open_trained(const Options& options) {
  std::error_code error;
  if (fs::is_regular_file(options.run, error)) {
    auto file = read_tensors(options.run);
    auto recipe = recipe_of(file, catalogues());
    auto facts = facts_of(file);
    return {std::move(file), std::move(recipe), std::move(facts)};
  }
  const auto folder = RunFolder::open(options.run);
  return {folder.checkpoint(options.checkpoint, warn_skipped), with_places(folder, recipe_of(folder, catalogues())),
          facts_of(folder)};
}

/// The network with its weights of the checkpoint, or as such a network begins.
std::unique_ptr<Network> make_network(const Trained& trained, const Options& options, bool random) {
  auto init = make_generator(options.seed);
  auto network = build_network(trained.recipe, options.network, trained.facts, init, {}, /*trained=*/true);
  network->requires_grad(false);
  if (random) return network;
  const torch::NoGradGuard no_grad;
  const auto file = in_this_format(trained.file, options.network, *network);
  for (const auto* list : {&network->parameters(), &network->buffers()})
    for (const auto& [part, value] : *list) Tensor(value).copy_(file.at(options.network + "/" + part, value.sizes()));
  return network;
}

void check_network(const Trained& trained, const Options& options) {
  std::vector<std::string> names;
  for (const auto& spec : game_spec(trained.recipe, trained.facts).networks) {
    names.push_back(spec.name);
    if (spec.name != options.network) continue;
    if (spec.input != trained.facts.shape || !spec.with.empty())
      fail(Fault::usage, "--network {}: it is not given examples alone; expected a network that judges single examples",
           options.network);
    return;
  }
  const auto near = nearest_name(options.network, names);
  fail(Fault::usage, "--network {}: game \"{}\" has no such network; expected one of {}{}", options.network,
       trained.recipe.game.kind, fmt::join(names, ", "), near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

/// What a discriminator's last layer, the one that judges, is given, [N,F]; of an encoder its code. Of pictures at most
/// 4x4 places, the largest number of each, as in Radford et al. 2015.
Tensor features_of(const Network& network, const Tensor& x) {
  Pass pass;
  auto h = network.rows().back().output.numel() == 1 ? network.features(x, {}, pass) : network.forward(x, {}, pass);
  if (h.dim() == 4 && (h.size(2) > 4 || h.size(3) > 4))
    h = std::get<0>(torch::adaptive_max_pool2d(h, {std::min<int64_t>(4, h.size(2)), std::min<int64_t>(4, h.size(3))}));
  return h.flatten(1);
}

/// Features of these examples, in parts so that memory does not grow with the network.
LabelledRows rows_of(const Network& network, const Trained& trained, const Dataset& set,
                     const std::vector<int64_t>& indices, Phases& phases) {
  constexpr size_t kPart = 256;
  const torch::NoGradGuard no_grad;
  const auto range = trained.recipe.data.value_range(trained.facts.shape);
  std::vector<Tensor> rows;
  for (size_t first = 0; first < indices.size(); first += kPart) {
    const auto part = std::span(indices).subspan(first, std::min(kPart, indices.size() - first));
    auto x = to_values(read_examples(set, part), range, Columns(trained.facts.scale), trained.recipe.data.contrast);
    if (trained.facts.shape.is_vector()) x = x.flatten(1);
    rows.push_back(features_of(network, x));
    phases.progress(static_cast<double>(first + part.size()) / static_cast<double>(indices.size()));
  }
  return {torch::cat(rows), read_labels(set, indices)};
}

struct Row {
  int64_t labels;
  double trained, random;
};

struct Probed {
  std::vector<Row> rows{};
  int64_t tested = 0, features = 0;
  std::string origin{};
};

Probed probe(const Options& options) {
  const auto trained = open_trained(options);
  check_network(trained, options);
  const auto networks = std::array{make_network(trained, options, false), make_network(trained, options, true)};
  if (networks[0]->reads("label"))
    fail(Fault::usage, "--network {}: it is told the labels; expected a network that does not read them",
         options.network);
  Phases phases;
  auto recipe = trained.recipe;
  if (!options.data.empty()) recipe.data.spec = options.data;
  phases.begin("opening " + recipe.data.spec);
  const auto data = open_training_data(recipe);
  const auto& train = *data.split.train;
  const auto classes = std::ssize(train.info().classes);
  if (classes < 2 || !data.split.held_out)
    fail(Fault::data,
         "{}: has {}; expected data with labels of two classes or more, some of them held out: --data SPEC",
         recipe.data.spec, classes < 2 ? "no labels to find" : "no held-out examples");
  constexpr int64_t kMostExamples = 60'000, kTested = 10'000;
  const auto size = train.info().endless ? kTested : std::min(train.info().size, kMostExamples);
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < size; ++i) labels.push_back(train.label(i));
  const auto order = balanced_choice(labels, classes, size, options.seed);
  const auto& judge = *data.split.held_out;
  const auto test = stratified_indices(judge.info().size, kTested);
  auto counts = options.labels;
  counts.push_back(std::ssize(order));
  std::erase_if(counts, [&](int64_t count) { return count > std::ssize(order); });
  Probed probed{.tested = std::ssize(test), .origin = trained.file.place};
  for (const auto count : counts) probed.rows.push_back({count, 0, 0});
  for (const bool random : {false, true}) {
    const auto& network = *networks[random];
    phases.begin(random ? "features of random weights" : "features of trained weights");
    const auto all = rows_of(network, trained, train, order, phases);
    const auto judged = rows_of(network, trained, judge, test, phases);
    probed.features = all.rows.size(1);
    for (auto& row : probed.rows) {
      phases.begin(fmt::format("a linear classifier of {} labels", grouped(row.labels)));
      const auto share =
          probe_accuracy({all.rows.narrow(0, 0, row.labels), all.labels.narrow(0, 0, row.labels)}, judged, classes);
      (random ? row.random : row.trained) = share;
    }
  }
  return probed;
}

void run(const Options& options) {
  const auto probed = probe(options);
  if (options.json) {
    nlohmann::ordered_json json = {{"checkpoint", probed.origin},
                                   {"network", options.network},
                                   {"features", probed.features},
                                   {"tested", probed.tested},
                                   {"rows", nlohmann::ordered_json::array()}};
    for (const auto& row : probed.rows)
      json["rows"].push_back({{"labels", row.labels}, {"accuracy", row.trained}, {"random_weights", row.random}});
    fmt::print("{}\n", json.dump(2));
    return;
  }
  fmt::print("{}\n", message("{} features of {} in {}, classified linearly; {} held-out examples",
                             grouped(probed.features), options.network, probed.origin, grouped(probed.tested)));
  fmt::print("{:>10}  {:>8}  {:>14}\n", "labels", "right", "random weights");
  for (const auto& row : probed.rows)
    fmt::print("{:>10}  {:>6.1f} %  {:>12.1f} %\n", grouped(row.labels), 100 * row.trained, 100 * row.random);
}

}  // namespace

void add_probe(CLI::App& program) {
  auto* verb = program.add_subcommand("probe", "judge the features that a discriminator has learned, by labels");
  auto options = std::make_shared<Options>();
  verb->add_option("run", options->run, "run folder, or a single checkpoint: F.safetensors")->required();
  verb->add_option("--data", options->data, "labelled data (default: the run's data)");
  verb->add_option("--labels", options->labels, "labels to learn from (default: 100 1000; all is always added)")
      ->check(between(2, 1e6, "100 1000 is the default"));
  verb->add_option("--network", options->network, "whose features (default: discriminator)");
  verb->add_option("--checkpoint", options->checkpoint, "best, last, or a file (default: best)");
  verb->add_option("--seed", options->seed, "of the choice of labels, and of the random weights")->check(seed_range());
  verb->add_flag("--json", options->json, "print JSON");
  add_threads(*verb);
  verb->footer("Example:\n  duet probe runs/mnist-gan\n  duet probe runs/mnist-gan --labels 50 500 5000");
  verb->callback([options] { run(*options); });
}

}  // namespace duet
