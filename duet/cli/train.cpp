#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <optional>

#include "duet/cli/reporter.h"
#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/grouped.h"
#include "duet/core/recipe.h"
#include "duet/core/toml.h"
#include "duet/ops/device.h"
#include "duet/train/column_measures.h"
#include "duet/train/loop.h"
#include "duet/train/sampler.h"
#include "duet/train/trainer.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string target;
  std::string data, out, precision, device = "auto";
  std::vector<std::string> set;
  std::optional<int64_t> seed;
  std::optional<double> kimg;
  bool resume = false, accept_changes = false, dry_run = false;
};

std::atomic<int> stop_signal = 0;

void on_signal(int signal) {
  // Whichever comes second means it: the default action ends the process, and the last checkpoint stands.
  stop_signal = signal;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  static constexpr char kText[] = "\nstopping after this step (and a running score); again to quit now\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kText, sizeof kText - 1);
}

/// Lines about a recipe go where they are in nobody's way.
void tell(const Recipe& recipe) {
  for (const auto& line : recipe.left_out) fmt::print(stderr, "{}\n", line);
}

/// The options that stand for recipe keys, as overrides.
std::vector<std::string> overrides(const Options& options) {
  auto all = options.set;
  if (!options.data.empty()) all.push_back("data.spec=" + quoted(options.data));
  if (!options.precision.empty()) all.push_back("precision=" + options.precision);
  if (options.seed) all.push_back(fmt::format("seed={}", *options.seed));
  if (options.kimg) all.push_back(fmt::format("kimg={}", *options.kimg));
  return all;
}

/// Says what the recipe makes of pictures that are stored otherwise.
void tell_refitting(const DatasetInfo& info) {
  const auto &from = info.original, &to = info.shape;
  if (from.channels == 0) return;
  std::vector<std::string> keys;
  if (from.height != to.height || from.width != to.width) keys.push_back("resolution");
  if (from.channels != to.channels) keys.push_back("channels");
  fmt::print("data: {}, as the recipe asks ({})\n", describe_refitting(info), fmt::join(keys, " and "));
}

/// Says how the data were understood, where that could be otherwise.
void tell_reading(const TrainingData& data) {
  const auto& info = data.split.train->info();
  for (const auto& line : info.reading) fmt::print("data: {}\n", line);
  for (const auto& doubt : info.doubts) fmt::print("data: {}\n", doubt.text);
  tell_refitting(info);
  if (!data.facts.scale.empty())
    fmt::print("data: each column is standardised by its mean and deviation; samples are in the data's units\n");
}

void print_networks(const Recipe& recipe, const TrainingData& data, torch::Device device) {
  Feed feed(data.split.train, {.batch = recipe.batch, .seed = recipe.seed});
  const Trainer trainer(
      recipe, data.facts, feed, [&] { return torch::zeros({data.facts.shape.numel()}); }, device);
  for (const auto& [name, network] : trainer.networks()) {
    fmt::print("\n{}: {} parameters\n", name, grouped(network->parameter_count()));
    for (const auto& row : network->rows())
      fmt::print("  {:<72} {:>12} {:>12}\n", row.layer, to_string(row.output),
                 row.parameters ? grouped(row.parameters) : "");
  }
  const auto& info = data.split.train->info();
  fmt::print(
      "\ndata: {} ({}), {} of {}{}{}\n", info.name, info.format,
      info.endless ? "endless examples" : fmt::format("{} example{}", grouped(info.size), info.size == 1 ? "" : "s"),
      to_string(info.shape), info.shape.is_vector() ? " numbers" : "",
      info.classes.empty() ? "" : fmt::format(", {} classes", info.classes.size()));
  tell_reading(data);
  fmt::print("one round: {}\n", fmt::join(trainer.order(), ", "));
}

/// What may differ between a run and its continuation without asking: none of it touches what is computed.
bool is_harmless(const std::string& key) {
  for (const char* name :
       {"kimg", "tick", "sample_every", "checkpoint_every", "keep", "cuda_graph", "data.threads", "data.memory_gib"})
    if (key == name) return true;
  return key.starts_with("score.");
}

void check_changes(const Recipe& then, const Recipe& now, bool accepted) {
  std::string changes, harmful;
  for (const auto& difference : differences(then, now, catalogues())) {
    if (difference.key == "data.standardise")
      fail(Fault::recipe,
           "data.standardise = {}: this run was begun with {}, and its networks know the data so; leave it, or begin a "
           "new "
           "run",
           difference.b, difference.a);
    const auto line = fmt::format("\n  {}: {} -> {}", difference.key, difference.a, difference.b);
    changes += line;
    if (!is_harmless(difference.key)) harmful += line;
  }
  if (!harmful.empty() && !accepted)
    fail(Fault::recipe,
         "the recipe differs from the one this run was trained with:{}\nundo the change, or add --accept-changes to go "
         "on with it",
         harmful);
  if (!changes.empty()) fmt::print("going on with a changed recipe:{}\n", changes);
}

void finish(const RunFolder& run, const Outcome& outcome) {
  const auto path = run.path().string();
  if (!outcome.finished) {
    fmt::print("stopped at {:.2f} kimg, saved; go on with: duet train {} --resume\n", outcome.kimg, path);
    exit_status() = 128 + stop_signal;
    return;
  }
  fmt::print("\nrun:    {}\n", path);
  if (!outcome.sheet.empty()) fmt::print("sheet:  {}\n", outcome.sheet.string());
  if (outcome.score) fmt::print("score:\n{}", to_text(*outcome.score));
  if (outcome.best)
    fmt::print("best:   {}{:.4g} at {:g} kimg; `duet sample {}` uses it\n",
               outcome.best_metric.empty() ? "" : outcome.best_metric + " = ", *outcome.best, outcome.best_kimg, path);
}

void run_loop(RunFolder& run, const Recipe& recipe, const TrainingData& data, std::optional<TensorFile> checkpoint,
              torch::Device device, std::function<void()> ready, bool is_new) {
  if (!device.is_cpu()) fmt::print("on {}\n", device.str());
  Reporter reporter(recipe.kimg);
  bool moved = false;
  LoopHooks hooks;
  hooks.ready = std::move(ready);
  hooks.tick = [&](const Progress& progress) { reporter.tick(progress); };
  hooks.moved = [&](double kimg) {
    moved = true;
    reporter.moved(kimg);
  };
  hooks.note = [&](const std::string& text) { reporter.line(text); };
  hooks.doing = [&](const std::string& what) { reporter.doing(what); };
  hooks.classifier = [&](const ClassifierProgress& progress) { reporter.classifier(progress); };
  hooks.scored = [&](const Report& report, bool best) { reporter.scored(report, best); };
  hooks.should_stop = [] { return stop_signal != 0; };
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  try {
    finish(run, train(run, recipe, data, hooks, std::move(checkpoint), device));
  } catch (...) {
    // What never made a step would only be in the way of the next try.
    if (is_new && !moved) run.discard();
    throw;
  }
}

void dry_run(const Recipe& recipe, torch::Device device) {
  fmt::print("{}", to_toml(recipe, catalogues(), /*comments=*/true));
  print_networks(recipe, open_training_data(recipe), device);
}

void resume(const Options& options) {
  const auto device = find_device(options.device);
  if (!options.out.empty())
    fail(Fault::usage, "--out {0}: --resume goes on with {1} where it is; to go on with a copy, cp -r {1} {0} first",
         options.out, options.target);
  auto run = RunFolder::open(options.target);
  if (!options.dry_run) run.lock();
  const auto recipe = run.recipe(catalogues(), overrides(options));
  tell(recipe);
  auto newest = run.newest(tell_passed_over);
  if (newest) {
    const auto then = parse_recipe(newest->text("recipe"), newest->place, {}, catalogues());
    const double reached = static_cast<double>(Trainer::saved_cursor(*newest)) / 1000;
    if (options.kimg && *options.kimg < reached)
      fail(Fault::usage, "--kimg {:g}: {} is at {:g} kimg already; give more to go on with it", *options.kimg,
           options.target, reached);
    check_changes(then, recipe, options.accept_changes);
  } else {
    fmt::print("{}: no checkpoint yet to go on from; begins again\n", options.target);
  }
  if (options.dry_run) return dry_run(recipe, device);
  const auto data = open_training_data(recipe);
  // Written only once the checkpoint has been taken up: a change that does not fit it leaves the run as it was.
  run_loop(
      run, recipe, data, std::move(newest), device,
      [&] { write_atomic(run.path() / "recipe.toml", to_toml(recipe, catalogues(), /*comments=*/true)); },
      /*is_new=*/false);
}

void start(const Options& options) {
  const auto device = find_device(options.device);
  std::error_code error;
  if (fs::exists(fs::path(options.target) / "recipe.toml", error))
    fail(Fault::usage, "{}: is a run; add --resume to go on with it", options.target);
  auto recipe = load_recipe(options.target, recipe_folders(), overrides(options), catalogues());
  tell(recipe);
  // Settled here, and written into the run: on another machine it goes on as it began.
  recipe.precision = settled_precision(recipe, device);
  if (options.dry_run) return dry_run(recipe, device);
  const auto data = open_training_data(recipe);
  check_scorable(recipe, data);
  check_reach(recipe, data.facts, *data.split.train);
  auto name = recipe.name;
  std::replace(name.begin(), name.end(), '/', '-');
  const fs::path out = options.out.empty() ? fs::path("runs") / name : fs::path(options.out);
  auto run = RunFolder::create(out, recipe, data.facts, catalogues());
  run.lock();
  if (options.precision == "auto" || recipe.precision != "fp32") fmt::print("products in {}\n", recipe.precision);
  tell_reading(data);
  run_loop(run, recipe, data, {}, device, {}, /*is_new=*/true);
}

CLI::Validator more_than_nothing() {
  const auto check = [](const std::string& text) {
    double value = 1;
    constexpr double kMost = 1e9;
    if (!CLI::detail::lexical_cast(text, value) || (value > 0 && value <= kMost)) return std::string();
    return fmt::format("is {}; expected more than 0{}", text,
                       value > 0 ? " and at most 1e9: a run can be stopped, and gone on with, at any time"
                                 : ": 1 is a thousand real images, and `--dry-run` trains nothing");
  };
  return CLI::Validator(check, "");
}

}  // namespace

void add_train(CLI::App& program) {
  auto* verb = program.add_subcommand("train", "train a recipe, or go on with a run");
  auto options = std::make_shared<Options>();
  verb->add_option("recipe", options->target, "name or file of a recipe, or with --resume a run folder")->required();
  verb->add_option("--data", options->data,
                   "what to learn from: a built-in set or a path (`duet inspect` says how it is read)");
  verb->add_option("--out", options->out, "run folder (default: runs/NAME)");
  verb->add_option("--set", options->set, "set a recipe key: --set player.generator.lr=1e-4")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option(
          "--precision", options->precision,
          "of products: fp32, tf32 (GPUs), bf16, or auto: bf16 where the CPU has it and the recipe is known good "
          "in it")
      ->check(one_of({"auto", "fp32", "tf32", "bf16"}));
  add_device(*verb, options->device);
  verb->add_option("--seed", options->seed, "the seed of everything random")->check(seed_range());
  verb->add_option("--kimg", options->kimg, "length in thousands of real images")->check(more_than_nothing());
  add_threads(*verb);
  verb->add_flag("--resume", options->resume, "go on from the newest whole checkpoint");
  verb->add_flag("--accept-changes", options->accept_changes, "resume although the recipe has changed");
  verb->add_flag("--dry-run", options->dry_run,
                 "print the whole recipe, every layer's shape and the counts; train nothing");
  verb->footer(
      "Example:\n  duet train digits\n  duet train mnist/dcgan --data path/to/mnist --kimg 500\n  duet train "
      "runs/mnist-dcgan --resume");
  verb->callback([options] { options->resume ? resume(*options) : start(*options); });
}

}  // namespace duet
