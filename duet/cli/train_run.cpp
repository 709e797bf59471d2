#include "duet/cli/train_run.h"

#include <csignal>
#include <filesystem>
#include <optional>

#include "duet/cli/changes.h"
#include "duet/cli/output.h"
#include "duet/cli/reporter.h"
#include "duet/cli/signals.h"
#include "duet/cli/start_summary.h"
#include "duet/cli/terminal.h"
#include "duet/cli/verbs.h"
#include "duet/config/toml.h"
#include "duet/core/columns.h"
#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/grouped.h"
#include "duet/core/names.h"
#include "duet/core/shell.h"
#include "duet/ops/device.h"
#include "duet/train/loop.h"
#include "duet/train/precisions.h"
#include "duet/train/recipe.h"
#include "duet/train/recipe_checks.h"
#include "duet/train/sampler.h"
#include "duet/train/trainer.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

/// On stderr, so that they do not mix with stdout.
void print_notes(const std::vector<std::string>& lines) {
  for (const auto& line : lines) fmt::print(stderr, "{}\n", printable(line));
}

/// Throws Error(data) for a path that the run's recipe could not hold.
void check_data_name(const std::string& data) {
  if (!can_be_quoted(data))
    fail(Fault::data, "--data {}: the name is not UTF-8, which a run's recipe requires; rename it, or use a link to it",
         data);
}

/// Command line options for recipe keys, as overrides.
std::vector<std::string> overrides(const TrainOptions& options) {
  auto all = options.set;
  check_data_name(options.data);
  if (!options.data.empty()) all.push_back("data.spec=" + quoted(options.data));
  if (!options.precision.empty()) all.push_back("precision=" + options.precision);
  if (options.seed) all.push_back(fmt::format("seed={}", *options.seed));
  if (options.kimg) all.push_back(fmt::format("kimg={}", *options.kimg));
  return all;
}

void print_data(const std::string& text) {
  fmt::print("{}", wrapped(printable(text), {line_columns(), "data: ", "      "}));
}

/// Prints how the recipe changes stored pictures.
void print_refitting(const DatasetInfo& info) {
  const auto &from = info.original, &to = info.shape;
  if (from.channels == 0) return;
  std::vector<std::string> keys;
  if (from.height != to.height || from.width != to.width) keys.push_back("resolution");
  if (from.channels != to.channels) keys.push_back("channels");
  print_data(fmt::format("{}, as the recipe asks ({})", describe_refitting(info), fmt::join(keys, " and ")));
}

/// Prints how the data were interpreted, where other interpretations exist, and what is ignored.
void print_data_notes(const TrainingData& data, const std::string& stream) {
  const auto& info = data.split_of(stream).train->info();
  for (const auto& line : info.reading) print_data(line);
  for (const auto& doubt : info.doubts) print_data(doubt.text);
  print_refitting(info);
  if (const auto left_out = describe_left_out(info.left_out); !left_out.empty()) print_data(left_out);
  if (!data.facts.stream(stream).scale.empty())
    print_data("each column is standardised by its mean and deviation; samples are in the data's units");
}

void print_networks(const Recipe& recipe, const TrainingData& data, torch::Device device) {
  const auto feeds = open_feeds(recipe, data);
  const auto zero = [&](const std::string& stream) { return torch::zeros({data.facts.stream(stream).shape.numel()}); };
  const Trainer trainer(recipe, data.facts, Feeds(feeds), zero, device);
  print_notes(check_together(recipe, trainer.networks(), some_vectors(data, trainer.spec().samples_like)));
  for (const auto& [name, network] : trainer.networks()) {
    fmt::print("\n{}: {} parameters\n", name, grouped(network->parameter_count()));
    for (const auto& row : network->rows()) fmt::print("{}", layer_row(row, page_columns()));
  }
  fmt::print("\n");
  print_data(describe_data(data.split.train->info()));
  print_data_notes(data, "x");
  for (const auto& spec : trainer.spec().streams) {
    print_data(describe_stream(spec, data));
    print_data_notes(data, spec.name);
  }
  const auto order = trainer.order().lines();
  fmt::print("one round: {}\n", fmt::join(order, "\n           "));
}

void finish(const RunFolder& run, const Outcome& outcome) {
  const auto path = run.path().string();
  if (!outcome.finished) {
    // If the pipe of stdout broke, stderr may still work.
    fmt::print(caught_signal() == SIGPIPE ? stderr : stdout,
               "stopped at {:.2f} kimg, saved; resume with: duet train {} --resume\n", outcome.kimg,
               shell_quoted(path));
    exit_status() = 128 + caught_signal();
    return;
  }
  fmt::print("\nrun:    {}\n", printable(path));
  if (!outcome.sheet.empty()) fmt::print("sheet:  {}\n", printable(outcome.sheet.string()));
  if (!outcome.animation.empty()) fmt::print("film:   {}\n", printable(outcome.animation.string()));
  if (outcome.score) fmt::print("score:\n{}", to_text(*outcome.score, page_columns()));
  if (outcome.best)
    fmt::print("{}", wrapped(fmt::format("{}{:.4g} at {:g} kimg; `duet sample {}` uses it",
                                         outcome.best_metric.empty() ? "" : outcome.best_metric + " = ", *outcome.best,
                                         outcome.best_kimg, shell_quoted(path)),
                             {line_columns(), "best:   ", "        "}));
}

void run_loop(RunFolder& run, const Recipe& recipe, const TrainingData& data, std::optional<TensorFile> checkpoint,
              torch::Device device, std::function<void()> ready, bool is_new, bool whole) {
  Reporter reporter(recipe.kimg);
  bool moved = false;
  LoopHooks hooks;
  hooks.ready = std::move(ready);
  hooks.started = [&](const StartInfo& beginning) {
    fmt::print("{}", start_summary(recipe, data, beginning, run.path(), whole, page_columns()));
  };
  hooks.tick = [&](const Progress& progress) { reporter.tick(progress); };
  hooks.round_done = [&](double kimg) {
    moved = true;
    reporter.moved(kimg);
  };
  hooks.note = [&](const std::string& text) { reporter.line(text); };
  hooks.doing = [&](const std::string& what) { reporter.doing(what); };
  hooks.classifier = [&](const ClassifierProgress& progress) { reporter.classifier(progress); };
  hooks.scored = [&](const Report& report, bool best) { reporter.scored(report, best); };
  hooks.should_stop = [] { return caught_signal() != 0; };
  try {
    const auto outcome = train(run, recipe, data, hooks, std::move(checkpoint), device);
    reporter.clear();
    finish(run, outcome);
  } catch (...) {
    // A run without a single step would only block the next try.
    if (is_new && !moved) run.discard();
    throw;
  }
}

/// Prints the keys even if the data cannot be opened.
void dry_run(const Recipe& recipe, torch::Device device, const std::function<TrainingData()>& data) {
  fmt::print("{}", readable_toml(to_toml(recipe, catalogues(), /*comments=*/true), page_columns()));
  print_networks(recipe, data(), device);
}

/// From here on signals and a broken log stop the training gracefully.
void stop_gracefully() {
  output_is_a_log(note_broken_pipe);
  catch_signals("\nstopping after this step; press Ctrl-C again to quit now\n");
}

/// The changes of the recipe since the checkpoint; throws if they are not allowed.
std::string recipe_changes(const Recipe& then, const Recipe& now, const TensorFile& checkpoint,
                           const TrainOptions& options) {
  const double reached = static_cast<double>(Trainer::saved_cursor(checkpoint)) / 1000;
  if (options.kimg && *options.kimg < reached)
    fail(Fault::usage, "--kimg {:g}: {} is at {:g} kimg already; give more to continue it", *options.kimg,
         options.target, reached);
  return check_recipe(then, now, options.accept_changes);
}

}  // namespace

Recipe recipe_to_train(const TrainOptions& options, torch::Device device) {
  std::error_code error;
  if (fs::exists(fs::path(options.target) / "recipe.toml", error))
    fail(Fault::usage, "{}: is a run; add --resume to continue it", options.target);
  auto recipe = load_recipe(options.target, recipe_folders(), overrides(options), catalogues());
  print_notes(recipe.notes.ignored);
  print_notes(recipe.notes.renamed);
  print_notes(name_players(recipe));
  // Decided here and written into the run, so that it continues in the same precision on another machine.
  recipe.precision = settled_precision(recipe, device);
  return recipe;
}

void resume_training(const TrainOptions& options) {
  const auto device = find_device(options.device);
  if (!options.out.empty())
    fail(Fault::usage, "--out {}: --resume continues {} in place; to continue a copy, cp -r {} {} first", options.out,
         options.target, shell_quoted(options.target), shell_quoted(options.out));
  auto run = RunFolder::open(options.target);
  if (!options.dry_run) run.lock();
  auto recipe = recipe_of(run, catalogues(), overrides(options));
  print_notes(recipe.notes.ignored);  // its own recipe.toml is written anew with today's keys
  print_notes(name_players(recipe));
  auto newest = run.newest(warn_skipped);
  auto then = newest ? parse_recipe(newest->text("recipe"), newest->place, {}, catalogues()) : recipe;
  name_players(then);
  auto changes = newest ? recipe_changes(then, recipe, *newest, options) : "";
  auto placed = with_places(run, recipe);
  if (!options.data.empty()) placed.data.spec = options.data;
  auto data = open_run_data(run, recipe, placed);
  scale_as_begun(data.facts, facts_of(run));  // networks expect the scale with which the run began
  if (newest) changes += check_data(run, data.facts, then.data.spec != recipe.data.spec, options.accept_changes);
  if (!newest) fmt::print("{}: no checkpoint yet; starting again from the beginning\n", printable(options.target));
  if (!changes.empty()) fmt::print("continuing with a changed recipe:{}\n", changes);
  if (options.dry_run) return dry_run(recipe, device, [&] { return data; });
  stop_gracefully();
  // Written only when the checkpoint has been loaded: a change that does not fit it leaves the run unchanged.
  const auto ready = [&] {
    write_atomic(run.path() / "recipe.toml", to_toml(recipe, catalogues(), /*comments=*/true));
    write_facts(run, recipe, data.facts, placed);
  };
  run_loop(run, recipe, data, std::move(newest), device, ready, /*is_new=*/false, /*whole=*/false);
}

void start_training(const TrainOptions& options) {
  const auto device = find_device(options.device);
  const auto recipe = recipe_to_train(options, device);
  if (options.dry_run) return dry_run(recipe, device, [&] { return open_training_data(recipe); });
  const auto data = open_training_data(recipe);
  check_names(data.facts, recipe.data.spec);
  check_scorable(recipe, data);
  auto name = recipe.name;
  std::replace(name.begin(), name.end(), '/', '-');
  const fs::path out = options.out.empty() ? fs::path("runs") / name : fs::path(options.out);
  stop_gracefully();
  auto run = create_run(out, recipe, data.facts, catalogues());
  run.lock();
  note_hidden_path(recipe.data.spec);
  print_data_notes(data, "x");
  for (const auto& [name, split] : data.streams) print_data_notes(data, name);
  run_loop(run, recipe, data, {}, device, {}, /*is_new=*/true, /*whole=*/!options.kimg);
}

}  // namespace duet
