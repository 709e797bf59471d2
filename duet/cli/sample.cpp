#include <filesystem>
#include <optional>

#include "duet/cli/output.h"
#include "duet/cli/output_path.h"
#include "duet/cli/phases.h"
#include "duet/cli/sample_ways.h"
#include "duet/cli/signals.h"
#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/grouped.h"
#include "duet/core/shell.h"
#include "duet/core/temporary.h"
#include "duet/data/formats/csv_text.h"
#include "duet/data/formats/npz.h"
#include "duet/picture/sheet.h"
#include "duet/train/pictures.h"
#include "duet/train/sampler.h"
#include "duet/train/training_data.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string run, out, checkpoint = "best", interpolate;
  std::optional<std::string> label_text;
  int64_t count = 64, label = -1, sweep = -1, steps = 10, best_of = 0;
  uint64_t seed = 0;
  bool classes = false, codes = false, latents = false, influence = false, views = false;
  std::vector<std::string> fixed;

  bool varies_z() const { return !interpolate.empty() || sweep >= 0 || influence; }
  bool makes_rows() const { return varies_z() || classes || codes; }
};

Tensor row_labels(const Sampler& sampler, const Options& options, int64_t rows) {
  auto labels = sampler.labels({.count = rows, .seed = options.seed, .label = options.label});
  return labels.defined() ? labels.repeat_interleave(options.steps) : labels;
}

Samples sample_rows(const Sampler& sampler, const Options& options, const Tensor& z, const Tensor& labels,
                    int64_t columns) {
  const auto values = sampler.generate(z, labels, options.seed, columns);
  return {sampler.stored(values), options.latents ? values : Tensor(), z, labels, static_cast<int>(columns)};
}

/// One row per pair of z, with interpolations from one to the other.
Samples interpolations(const Sampler& sampler, const Options& options) {
  const auto ends = sampler.latents(2 * options.count, options.seed);
  std::vector<Tensor> rows;
  for (int64_t i = 0; i < options.count; ++i)
    rows.push_back(interpolate(ends[2 * i], ends[2 * i + 1], options.steps, options.interpolate == "slerp"));
  return sample_rows(sampler, options, torch::cat(rows), row_labels(sampler, options, options.count), options.steps);
}

/// One row per z, in which one of its numbers covers the prior's range.
Samples sweep(const Sampler& sampler, const Options& options) {
  const auto& latent = sampler.recipe().latent;
  if (options.sweep >= latent.size)
    fail(Fault::usage, "--sweep {}: z has {} numbers, 0 to {}", options.sweep, latent.size, latent.size - 1);
  const auto [low, high] = usual_range(latent);
  auto z = sampler.latents(options.count, options.seed).repeat_interleave(options.steps, 0);
  z.select(1, options.sweep).copy_(torch::linspace(low, high, options.steps).repeat({options.count}));
  return sample_rows(sampler, options, z, row_labels(sampler, options, options.count), options.steps);
}

/// One row per z, one column per class: the same noise for every class.
Samples class_sheet(const Sampler& sampler, const Options& options) {
  if (!sampler.conditional())
    fail(Fault::usage, "--classes: this generator takes no labels (network.generator.label = \"none\")");
  const auto classes = static_cast<int64_t>(sampler.classes().size());
  const auto z = sampler.latents(options.count, options.seed).repeat_interleave(classes, 0);
  const auto labels = torch::arange(classes, torch::kInt64).repeat({options.count});
  auto samples = sample_rows(sampler, options, z, labels, classes);
  samples.column_names = sampler.classes();
  return samples;
}

/// One row per sample's z, one column per class of the game's code.
Samples code_sheet(const Sampler& sampler, const Options& options) {
  const auto classes = sampler.code()->how.size;
  const auto numbers = torch::arange(options.count).repeat_interleave(classes);
  const auto codes = torch::arange(classes).repeat({options.count});
  const auto values = sampler.with_codes({.seed = options.seed, .label = options.label}, numbers, codes);
  Samples samples{sampler.stored(values), options.latents ? values : Tensor(), {}, {}, static_cast<int>(classes), {}};
  samples.z = sampler.latents(options.count, options.seed).index_select(0, numbers);
  for (int64_t i = 0; i < classes; ++i) samples.column_names.push_back(fmt::format("{} {}", sampler.code()->name, i));
  return samples;
}

/// Whether samples are points of the plane, which can be drawn although they are not pictures.
bool is_plane(const DataFacts& facts) { return !facts.pictures && facts.shape.numel() == 2; }

bool is_array(const fs::path& out) { return out.extension() == ".npy" || out.extension() == ".npz"; }

bool is_table(const fs::path& out) { return out.extension() == ".csv"; }

/// Throws Error(usage) before sampling for outputs that could not be written afterwards.
void check_out(const DataFacts& facts, const Options& options, int64_t total) {
  const fs::path out = options.out;
  refuse_tilde("--out", options.out);
  if (out == "-")
    fail(Fault::usage, "--out -: samples are not written to stdout; give a file (.png, .npy, .npz, .csv) or a folder");
  if (is_array(out) || is_table(out) || out.extension() == ".png")
    check_output_path(out, "a file", "a file; give another name");
  if (options.latents && out.extension() != ".npz")
    fail(Fault::usage, "--latents: --out {} cannot hold z; expected a .npz file, for instance --out x.npz",
         options.out);
  if (is_array(out)) return;
  if (is_table(out) && facts.pictures)
    fail(Fault::usage,
         "--out {}: a table is for vectors, and this generator makes pictures; give a .png, .npy or .npz "
         "file, or a folder",
         options.out);
  if (is_table(out)) return;
  if (!facts.pictures && !(is_plane(facts) && out.extension() == ".png"))
    fail(Fault::usage, "--out {}: this generator makes vectors of {}; give a .csv, .npy or .npz file{}", options.out,
         to_string(facts.shape), is_plane(facts) ? ", or a .png for a scatter plot" : "");
  if (out.extension() == ".png") {
    constexpr int64_t kMostPixels = 64'000'000;
    if (facts.pictures && total > kMostPixels / ((facts.shape.height + 2) * (facts.shape.width + 2)))
      fail(Fault::usage,
           "--out {}: {} pictures are too many for one sheet; expected at most {}; give a smaller -n, a "
           ".npy file, or a folder",
           options.out, grouped(total), grouped(kMostPixels / ((facts.shape.height + 2) * (facts.shape.width + 2))));
    return;
  }
  if (!out.extension().empty())
    fail(
        Fault::usage,
        "--out {}: expected a .png (one sheet), a .npy (one array), a .npz (x and, where there are classes, y), a .csv "
        "(vectors) or a folder (one PNG each)",
        options.out);
  check_output_path(
      out, "a folder",
      "a .png (one sheet), a .npy (one array), a .npz (x and classes y), a .csv (vectors) or a new folder");
}

/// What a game's views of its samples can be written to.
void check_views(const Sampler& sampler, const Options& options) {
  if (sampler.views().empty())
    fail(Fault::usage, "--views: the samples of game \"{}\" have no further views; leave it out",
         sampler.recipe().game.kind);
  const fs::path out = options.out;
  if (out.extension() != ".png" && out.extension() != ".npz")
    fail(Fault::usage, "--views: --out {}; expected a .png (one sheet) or a .npz (an array for each view)",
         options.out);
}

template <class T>
NpyView view_as(const Tensor& tensor) {
  return {tensor.sizes().vec(), std::span<const T>(tensor.data_ptr<T>(), static_cast<size_t>(tensor.numel()))};
}

void write_array(const fs::path& out, const Samples& samples) {
  const auto stored = (samples.values.defined() ? samples.values : samples.stored).contiguous();
  const auto x = stored.scalar_type() == torch::kUInt8 ? view_as<uint8_t>(stored) : view_as<float>(stored);
  if (out.extension() == ".npy") return write_npy(out, x);
  std::vector<std::pair<std::string, NpyView>> arrays{{"x", x}};
  const auto labels = samples.labels.defined() ? samples.labels.contiguous() : samples.labels;
  if (labels.defined()) arrays.emplace_back("y", view_as<int64_t>(labels));
  const auto z = samples.values.defined() ? samples.z.contiguous() : Tensor();
  if (z.defined()) arrays.emplace_back("z", view_as<float>(z));
  write_npz(out, arrays);
}

void write_table(const DataFacts& facts, const fs::path& out, const Samples& samples) {
  const auto numbers = samples.stored.flatten(1).contiguous();
  const auto labels = samples.labels.defined() ? samples.labels.contiguous() : samples.labels;
  CsvTable table{.names = facts.columns,
                 .columns = numbers.size(1),
                 .numbers = {numbers.data_ptr<float>(), static_cast<size_t>(numbers.numel())},
                 .labels = {},
                 .classes = facts.classes};
  if (labels.defined()) table.labels = {labels.data_ptr<int64_t>(), static_cast<size_t>(labels.numel())};
  write_atomic(out, csv_text(table));
}

/// The folder for pictures of each class: its name in the data, or its number if the name cannot be a folder's.
std::vector<fs::path> class_folders(const std::vector<std::string>& classes) {
  std::vector<fs::path> folders;
  for (size_t i = 0; i < classes.size(); ++i) {
    const auto& name = classes[i];
    const bool plain = !name.empty() && name.front() != '.' && name.find('/') == std::string::npos;
    folders.emplace_back(plain ? name : std::to_string(i));
  }
  return folders;
}

/// Writes all pictures or none.
void write_pictures(const DataFacts& facts, const Samples& samples, bool by_class, const fs::path& out,
                    Phases& phases) {
  const auto pictures = pictures_of(samples.stored);
  const auto folders = by_class ? class_folders(facts.classes) : std::vector<fs::path>{};
  write_folder(out, [&](const fs::path& whole) {
    for (const auto& folder : folders) make_folder(whole / folder);
    for (size_t i = 0; i < pictures.size(); ++i) {
      stop_if_asked();
      const auto folder =
          by_class ? folders[static_cast<size_t>(samples.labels[static_cast<int64_t>(i)].item<int64_t>())] : fs::path();
      write_plain(whole / folder / fmt::format("{:06}.png", i), encode_png(pictures[i]));
      phases.progress(static_cast<double>(i + 1) / static_cast<double>(pictures.size()));
    }
  });
}

void write(const DataFacts& facts, const Samples& samples, const Options& options, Phases& phases) {
  const auto out = resolve_link(options.out);
  if (out.has_parent_path()) make_folder(out.parent_path());
  if (is_array(out)) return write_array(out, samples);
  if (is_table(out)) return write_table(facts, out, samples);
  if (!facts.pictures) {
    const bool paths = samples.columns > 0 && samples.column_names.empty();
    return write_png(out, paths ? paths_picture(samples.stored, facts.columns, samples.columns)
                                : points_picture(samples.stored, facts.columns, samples.column_names));
  }
  if (out.extension() == ".png")
    return write_png(
        out, sheet(pictures_of(samples.stored), {.columns = samples.columns, .column_names = samples.column_names}));
  // Rows have an order, and a single class needs no folder.
  const bool by_class = samples.labels.defined() && !options.makes_rows() && options.label < 0;
  write_pictures(facts, samples, by_class, out, phases);
}

/// Views as one sheet, or as one array each.
void write_views(const std::vector<Sampler::Viewed>& views, const Options& options) {
  constexpr int64_t kColumns = 8;
  const auto out = resolve_link(options.out);
  if (out.has_parent_path()) make_folder(out.parent_path());
  if (out.extension() == ".png")
    return write_png(out, views_sheet(views, std::min(kColumns, views.front().stored.size(0))));
  std::vector<std::pair<std::string, NpyView>> arrays;
  for (const auto& view : views)
    arrays.emplace_back(view.name, view.stored.scalar_type() == torch::kUInt8 ? view_as<uint8_t>(view.stored)
                                                                              : view_as<float>(view.stored));
  write_npz(out, arrays);
}

/// Rows vary z.
void refuse_without_z(const Sampler& sampler) {
  const auto& recipe = sampler.recipe();
  for (const auto& latent : game_spec(recipe, {}).latents)
    if (latent.name == "z") return;
  fail(Fault::usage,
       "--interpolate, --sweep, --influence: they vary z, and the samples of game \"{}\" have none; leave them out",
       recipe.game.kind);
}

Samples make(const Sampler& sampler, const Options& options) {
  if (options.varies_z()) refuse_without_z(sampler);
  if (!options.interpolate.empty()) return interpolations(sampler, options);
  if (options.sweep >= 0) return sweep(sampler, options);
  if (options.classes) return class_sheet(sampler, options);
  if (options.codes) return code_sheet(sampler, options);
  if (options.influence) return influence_rows(sampler, options.count, options.steps, options.seed, options.label);
  const Sampler::Request request{.count = options.count, .seed = options.seed, .label = options.label};
  if (options.best_of > 1)
    return best_of(sampler, request, options.best_of, options.run, options.checkpoint, warn_skipped);
  if (!options.latents) return {sampler.sample(request), {}, {}, sampler.labels(request)};
  const auto values = sampler.sample_values(request);
  return {sampler.stored(values), values, sampler.latents(options.count, options.seed), sampler.labels(request)};
}

/// Samples in a row.
int64_t samples_in_row(const Sampler& sampler, const Options& options) {
  if (options.classes) return static_cast<int64_t>(sampler.classes().size());
  if (!options.codes) return options.makes_rows() ? options.steps : 1;
  if (!sampler.code())
    fail(Fault::usage, "--codes: the samples of game \"{}\" have no categorical code; leave it out",
         sampler.recipe().game.kind);
  return sampler.code()->how.size;
}

/// Makes and writes the samples; returns the line to print.
std::string sample(Options& options) {
  auto sampler = Sampler::open(options.run, options.checkpoint, warn_skipped);
  give_examples(sampler, options.run);
  const auto& facts = sampler.facts();
  if (options.label_text) options.label = sampler.label_of(*options.label_text);
  if (options.out.empty()) options.out = facts.pictures || is_plane(facts) ? "sample.png" : "sample.npy";
  for (const auto& text : options.fixed) sampler.fix(text);
  if (options.influence) options.count = std::min(options.count, sampler.recipe().latent.size);
  const auto total = options.count * samples_in_row(sampler, options);
  check_out(facts, options, total);
  if (options.views) check_views(sampler, options);
  Phases phases;
  phases.begin(fmt::format("making {} samples", grouped(total)));
  int64_t done = 0;
  catch_signals(nullptr);
  sampler.watch([&](int64_t made) {
    stop_if_asked();
    phases.progress(static_cast<double>(done += made) / static_cast<double>(total));
  });
  std::string remark;
  if (options.views) {
    write_views(sampler.views({.count = options.count, .seed = options.seed, .label = options.label}), options);
  } else {
    auto samples = make(sampler, options);
    if (!options.latents) samples.values = Tensor();
    phases.begin(fmt::format("writing {} samples", grouped(total)));
    write(facts, samples, options, phases);
    remark = samples.remark;
  }
  const auto line = message("{}: {} samples from {}", options.out, grouped(total), sampler.origin());
  return remark.empty() ? line : line + "\n" + remark;
}

void run(Options options) {
  output_is_a_log();
  fmt::print("{}\n", sample(options));
}

}  // namespace

void add_sample(CLI::App& program) {
  auto* verb = program.add_subcommand("sample", "make samples with a trained generator");
  auto options = std::make_shared<Options>();
  verb->add_option("run", options->run, "run folder, or a single checkpoint: F.safetensors")->required();
  auto* count = verb->add_option("-n,--count", options->count,
                                 "samples; rows with --interpolate, --sweep, --influence, --classes, --codes")
                    ->check(between(1, 1e7, "leave it out for 64 samples, or 8 rows"));
  verb->add_option("--seed", options->seed, "sample i of a seed is always the same")->check(seed_range());
  auto* label =
      verb->add_option("--label", options->label_text,
                       "class of all samples, by name or number (default: classes distributed as in the data)");
  verb->add_option("--out", options->out,
                   "F.png: one sheet or scatter plot; F.npy: one array; F.npz: x and the classes y; F.csv: a table of "
                   "vectors; or a folder, with one folder per class (default: sample.png, or sample.npy for vectors "
                   "of more than 2 numbers)")
      ->check(not_empty("a file or a new folder; leave it out for sample.png"));
  verb->add_option("--checkpoint", options->checkpoint, "best, last, or a file (default: best)");
  auto* interpolation =
      verb->add_option("--interpolate", options->interpolate, "each row interpolates from one z to another")
          ->check(one_of({"slerp", "linear"}));
  auto* sweep_option =
      verb->add_option("--sweep", options->sweep, "each row varies one number of z, given by its index from 0")
          ->check(between(0, 1e6, "0 is the first number of z"));
  auto* classes = verb->add_flag("--classes", options->classes, "one row per z, one column per class");
  auto* codes = verb->add_flag("--codes", options->codes, "one row per z, one column per class of the game's code");
  auto* influence = verb->add_flag("--influence", options->influence,
                                   "each row varies one number of z: those that change samples most, which are named");
  auto* best = verb->add_option("--best-of", options->best_of,
                                "make so many times as many, and keep those that the discriminator finds most real")
                   ->check(between(2, 1000, "leave it out for 1"));
  auto* views = verb->add_flag(
      "--views", options->views,
      "beside each sample what belongs to it: a translation's original and its way back, the other domain");
  const std::vector<CLI::Option*> ways{interpolation, sweep_option, classes, codes, influence, best, views};
  for (size_t i = 0; i < ways.size(); ++i)
    for (size_t k = 0; k < i; ++k) ways[i]->excludes(ways[k]);
  classes->excludes(label);
  verb->add_option("--latent", options->fixed,
                   "the same latent for all samples: code=3 is a class, numbers.0=0.5 a number; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_flag("--latents", options->latents,
                 "F.npz also contains z, and x is the network's output: float32, in data.range");
  auto* steps =
      verb->add_option("--steps", options->steps, "columns of --interpolate, --sweep and --influence (default: 10)")
          ->check(between(2, 1000, "leave it out for 10"));
  add_threads(*verb);
  verb->footer(
      "Example:\n  duet sample runs/digits -n 100 --label 7 --out sevens.png\n"
      "  duet sample runs/digits --interpolate slerp --out interpolation.png\n"
      "  duet sample best.safetensors -n 16");
  verb->callback([options, count, steps] {
    if (steps->count() > 0 && !options->varies_z())
      fail(Fault::usage,
           "--steps {}: sets the columns of --interpolate, --sweep and --influence, and none is given; expected one of "
           "them, for instance --interpolate slerp; the number of samples is -n",
           options->steps);
    if (count->count() == 0 && options->makes_rows()) options->count = 8;
    run(*options);
  });
}

}  // namespace duet
