#include "duet/train/measurer.h"

#include <algorithm>

#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/core/random.h"
#include "duet/data/tensors.h"
#include "duet/ops/one_thread.h"
#include "duet/score/example_bytes.h"
#include "duet/score/halves.h"
#include "duet/score/measured.h"
#include "duet/train/given.h"
#include "duet/train/trained_network.h"

namespace duet {
namespace {

constexpr int64_t kBatch = 64;
// Statistics of EMA weights are computed from as many examples as those of a sampler from samples.
constexpr int64_t kStatisticsBatches = 32;
constexpr uint64_t kMeasureStream = 0x6d656173;
/// Both halves of the held-out data together, as for scores.
constexpr int64_t kMostHeldOut = 10'000;

const Dataset& part_of(const Split& split, bool held_out) { return held_out ? *split.held_out : *split.train; }

}  // namespace

Measurer::Measurer(const Recipe& recipe, const DataFacts& facts, const TrainingData& data, torch::Device device)
    : recipe_(recipe),
      facts_(facts),
      data_(data),
      device_(device),
      game_(make_game(recipe.game)),
      measuring_(dynamic_cast<const Measuring*>(game_.get())),
      spec_(game_spec(recipe, facts)),
      measures_(measuring_ ? measuring_->measures() : Measures()) {
  auto init = make_generator(0);
  for (const auto& name : measures_.networks) {
    auto& network = networks_[name] = build_network(recipe_, name, facts_, init, /*data_mean=*/{}, /*trained=*/true);
    network->requires_grad(false);
    network->to(device_);
  }
}

void Measurer::check(const std::vector<std::string>& requested) const {
  for (const auto& name : requested) {
    std::vector<std::string> names;
    for (const auto& measure : measures_.list)
      if (measure.on_request) names.push_back(measure.name);
    if (std::find(names.begin(), names.end(), name) == names.end())
      fail(Fault::usage, "--measure {}: game \"{}\" has {}", name, recipe_.game.kind,
           names.empty() ? "no measures that are made on request; leave it out"
                         : fmt::format("{} to be made on request", fmt::join(names, ", ")));
  }
}

void Measurer::load(const TensorFile& checkpoint) {
  incomplete_.clear();
  for (const auto& [name, network] : networks_) {
    const auto loaded = load_network(checkpoint, name, *network);
    if (loaded.ema && !loaded.statistics) incomplete_.insert(name);
  }
  if (!incomplete_.empty()) take_statistics();
}

/// The running statistics of batch norm belong to the trained weights; for EMA weights of networks that no sample needs
/// they are computed here, from training examples.
void Measurer::take_statistics() {
  const torch::NoGradGuard no_grad;
  const Part part{false, stratified_indices(data_.split.train->info().size, kStatisticsBatches * kBatch), ""};
  Pass pass;
  pass.training = pass.update_statistics = true;
  // Of whole batches, if there is one: a single example has no variance.
  const auto last = std::max<int64_t>(0, std::ssize(part.indices) - kBatch);
  for (int64_t first = 0; first <= last; first += kBatch) {
    // With shares of 1, 1/2, 1/3 ... the result is the mean over all batches.
    pass.statistics_share = 1 / static_cast<double>(first / kBatch + 1);
    for (const auto& measure : measures_.list)
      if (!measure.on_request) static_cast<void>(batch_of(measure, part, first, pass));
  }
  incomplete_.clear();
}

Measurer::Part Measurer::part(const MeasureOptions& options) const {
  const auto& held_out = data_.split.held_out;
  if (const auto half = held_out ? std::min(held_out->info().size, kMostHeldOut) / 2 : 0; half >= kLeastScored) {
    const auto halves = halves_of(*held_out, kMostHeldOut, /*seed=*/0);
    const size_t own = options.half == Half::decide ? 0 : 1;
    auto indices = halves[own];
    if (options.all) indices.insert(indices.end(), halves[1 - own].begin(), halves[1 - own].end());
    std::sort(indices.begin(), indices.end());
    return {true, indices, "held-out examples"};
  }
  return {false, stratified_indices(data_.split.train->info().size, kMostHeldOut / 2), "training examples"};
}

Named Measurer::given(const Part& part, int64_t first, int64_t count) const {
  Named given;
  const std::vector<int64_t> chosen(part.indices.begin() + first, part.indices.begin() + first + count);
  const auto read = [&](const std::string& stream, const std::vector<int64_t>& indices) {
    const auto& set = part_of(data_.split_of(stream), part.held_out);
    const auto& facts = facts_.stream(stream);
    const auto& how = recipe_.data_of(stream);
    const auto values =
        to_values(read_examples(set, indices), how.value_range(facts.shape), Columns(facts.scale), how.contrast);
    given[stream] = facts.shape.is_vector() ? values.flatten(1) : values;
    if (const auto labels = read_labels(set, indices); labels.defined())
      given[stream == "x" ? "label" : stream + "_label"] = labels;
  };
  read("x", chosen);
  for (const auto& stream : spec_.streams) {
    auto indices = chosen;
    const auto size = part_of(data_.split_of(stream.name), part.held_out).info().size;
    for (auto& index : indices) index %= size;  // those drawn apart may have fewer
    read(stream.name, indices);
  }
  for (const auto& latent : spec_.latents) {
    auto generator = make_generator(mix(mix(kMeasureStream) ^ mix(latent.name) ^ static_cast<uint64_t>(first)));
    given[latent.name] = draw_latent(latent.how, count, generator);
  }
  for (auto& [name, value] : given) value = value.to(device_);
  return given;
}

Tensor Measurer::batch_of(const MeasureSpec& measure, const Part& part, int64_t first, const Pass& pass) const {
  const Noise noise(make_generator(mix(mix(kMeasureStream ^ mix(measure.name)) + static_cast<uint64_t>(first))));
  Nets nets;
  for (const auto& [name, network] : networks_)
    nets.emplace(name, net_of(*network, spec_.network(name), [&, name = name, movers = spec_.players_of(name)] {
                   // One whose statistics are known computes as it does for samples.
                   auto own = pass.training && !incomplete_.contains(name) ? Pass{} : pass;
                   own.noise = noise;
                   if (!movers.empty()) own.player = movers.front();
                   return own;
                 }));
  const auto count = std::min(kBatch, std::ssize(part.indices) - first);
  return measuring_->measure(measure.name, nets, given(part, first, count), noise).detach().to(torch::kCPU);
}

Tensor Measurer::measured(const MeasureSpec& measure, const Part& part) const {
  const auto count = (std::ssize(part.indices) + kBatch - 1) / kBatch;
  std::vector<Tensor> parts(static_cast<size_t>(count));
  const auto make = [&](int64_t begin, int64_t end) {
    // Both settings are per thread, and this may be any thread.
    const torch::NoGradGuard no_grad;
    std::optional<OneThread> alone;
    if (device_.is_cpu()) alone.emplace();
    for (auto i = begin; i < end; ++i) parts[static_cast<size_t>(i)] = batch_of(measure, part, i * kBatch, {});
  };
  device_.is_cpu() ? at::parallel_for(0, count, 1, make) : make(0, count);
  return torch::cat(parts);
}

std::vector<Metric> Measurer::metrics_of(const MeasureSpec& measure, const Part& part,
                                         const Classifier* classifier) const {
  const auto values = measured(measure, part);
  const auto n = std::ssize(part.indices);
  const auto note = fmt::format("{}{}of {} {}", measure.note, measure.note.empty() ? "" : "; ", grouped(n), part.name);
  if (measure.kind == MeasureSpec::Kind::number) {
    const auto mean = mean_of(values);
    return {{measure.name, mean.value, mean.standard_error, measure.better, note}};
  }
  if (measure.kind == MeasureSpec::Kind::code) {
    const auto found = std::find_if(spec_.latents.begin(), spec_.latents.end(),
                                    [](const LatentSpec& latent) { return latent.name == "z"; });
    if (found == spec_.latents.end()) fail(Fault::internal, "a game measures codes, and has no latent \"z\"");
    auto generator = make_generator(mix(kMeasureStream));
    return code_metrics(values, draw_latent(found->how, 2 * n, generator), note);
  }
  const auto& set = part_of(data_.split, part.held_out);
  const auto range = recipe_.data.value_range(facts_.shape);
  Reconstructions all{
      .originals = to_values(read_examples(set, part.indices), range, Columns(facts_.scale), recipe_.data.contrast),
      .made = {},
      .labels = read_labels(set, part.indices),
      .range = range};
  all.made = values.view_as(all.originals);
  return reconstruction_metrics(all, classifier, note);
}

void Measurer::add_to(Report& report, const Classifier* classifier, const MeasureOptions& options) {
  const auto whole = part(options);
  for (const auto& measure : measures_.list) {
    const auto& asked = options.requested;
    if (measure.on_request && std::find(asked.begin(), asked.end(), measure.name) == asked.end()) continue;
    if (options.phase) options.phase("measuring: " + measure.name);
    auto some = whole;
    some.indices.clear();
    for (const auto i :
         stratified_indices(std::ssize(whole.indices), std::min(std::ssize(whole.indices), measure.examples)))
      some.indices.push_back(whole.indices[static_cast<size_t>(i)]);
    for (auto& metric : metrics_of(measure, some, classifier)) {
      if (measure.decides) report.primary = metric;
      report.metrics.push_back(std::move(metric));
    }
  }
}

}  // namespace duet
