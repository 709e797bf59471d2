#include "duet/train/sampler.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "duet/core/error.h"
#include "duet/core/nearest.h"
#include "duet/core/random.h"
#include "duet/data/tensors.h"
#include "duet/ops/one_thread.h"
#include "duet/train/given.h"
#include "duet/train/model_file.h"
#include "duet/train/old_formats.h"
#include "duet/train/runs.h"
#include "duet/train/trained_network.h"
#include "duet/train/trainer.h"

namespace duet {
namespace {

// Statistics are computed with batches as in training, because so do layers that mix examples of a batch.
constexpr int64_t kBatch = 64;
// Otherwise this many samples are computed together, by one thread: with another batch size, or split among threads,
// the sums of a product may round differently. Small enough for a single sample; with all threads, each on its own
// group, a large request takes no longer than in shared batches of 64 (measured; a fully connected network with
// millions of weights, which are read again for each group, takes twice as long).
constexpr int64_t kTogether = 4;
// The watcher is called after this many.
constexpr int64_t kRound = 512;
// Samples are made in pieces of this size, so that a large request needs little memory besides the result.
constexpr int64_t kPiece = 4096;
// Statistics are computed from 2,048 samples, as many as for a score.
constexpr int64_t kStatisticsBatches = 32;
constexpr uint64_t kStatisticsStream = 0x73746174;
constexpr uint64_t kLatentStream = 0x6c6174656e74;
constexpr uint64_t kLabelStream = 0x6c6162656c;

int64_t draw_label(const std::vector<double>& share, double u) {
  double sum = 0;
  for (size_t i = 0; i < share.size(); ++i)
    if ((sum += share[i]) > u) return static_cast<int64_t>(i);
  return static_cast<int64_t>(share.size()) - 1;
}

bool any(const Networks& networks, const std::function<bool(const Network&)>& is) {
  return std::any_of(networks.begin(), networks.end(), [&](const auto& named) { return is(*named.second); });
}

/// The names; of very many only the first.
std::string some_of(const std::vector<std::string>& names) {
  constexpr ptrdiff_t kMost = 20;
  const auto count = std::min(kMost, std::ssize(names));
  return fmt::format("{}{}", fmt::join(names.begin(), names.begin() + count, ", "),
                     count < std::ssize(names) ? ", ..." : "");
}

}  // namespace

Catalogues catalogues() { return {network_catalogue(), game_catalogue()}; }

namespace {

/// Checks that a recipe and the data of a trained network fit together. `place` is theirs.
Sampler sampler_of(const Recipe& recipe, const DataFacts& facts, const std::string& place) {
  try {
    return Sampler(recipe, facts);
  } catch (const Error& error) {
    if (error.fault() != Fault::recipe) throw;
    fail(Fault::checkpoint, "{} do not fit together: {}", place, error.what());
  }
}

Sampler sampler_of(const TensorFile& file) {
  const auto recipe = recipe_of(file, catalogues());
  return sampler_of(recipe, facts_of(file), file.place + ": its recipe and data");
}

Sampler sampler_of(const RunFolder& folder) {
  return sampler_of(recipe_of(folder, catalogues()), facts_of(folder),
                    folder.path().string() + ": its recipe.toml and run.json");
}

/// A single file, without other checkpoints to use instead.
TensorFile read_alone(const std::filesystem::path& path) {
  try {
    return read_tensors(path);
  } catch (const Error& error) {
    fail(error.fault(), "{}; expected an undamaged duet checkpoint, .safetensors; copy it once more from its run",
         error.what());
  }
}

}  // namespace

Sampler Sampler::open(const std::filesystem::path& run, const std::string& checkpoint,
                      const std::function<void(const std::string&)>& note) {
  std::error_code error;
  const bool alone = std::filesystem::is_regular_file(run, error);
  if (alone && checkpoint != "best")
    fail(Fault::usage,
         "--checkpoint {}: {} is a single checkpoint; expected a run folder to take another of; leave --checkpoint out",
         checkpoint, run.string());
  const auto file = alone ? read_alone(run) : RunFolder::open(run).checkpoint(checkpoint, note);
  auto sampler = alone ? sampler_of(file) : sampler_of(RunFolder::open(run));
  sampler.load(file);
  sampler.origin_ =
      fmt::format("{}, at {:g} kimg", file.place, static_cast<double>(Trainer::saved_cursor(file)) / 1000);
  return sampler;
}

Sampler::Sampler(const Recipe& recipe, const DataFacts& facts, torch::Device device)
    : recipe_(recipe), facts_(facts), device_(device), game_(make_game(recipe.game)), spec_(game_spec(recipe, facts)) {
  const auto* maker = spec_.output_network();
  if (!maker) fail(Fault::recipe, "{}: game \"{}\" makes no samples", recipe.name, recipe.game.kind);
  maker_ = *maker;
  auto init = make_generator(0);
  for (const auto& name : spec_.samples) {
    auto& network = networks_[name] = build_network(recipe_, name, facts_, init, /*data_mean=*/{}, /*trained=*/true);
    network->requires_grad(false);
    network->to(device_);
  }
}

bool Sampler::conditional() const {
  return any(networks_, [](const Network& network) { return network.reads("label"); });
}

void Sampler::load(const Trainer& trainer) {
  ema_networks_.clear();
  for (const auto& [name, network] : networks_)
    if (trainer.copy_network(name, *network)) ema_networks_.insert(name);
  if (!ema_networks_.empty()) take_statistics();
}

void Sampler::load(const TensorFile& saved) {
  ema_networks_.clear();
  bool complete = true;
  for (const auto& [name, network] : networks_) {
    const auto file = in_this_format(saved, name, *network);
    load(saved, name, *network);
    const auto& buffers = network->buffers();
    if (ema_networks_.contains(name) && !buffers.empty())
      complete = complete && file.tensors.contains("ema/" + name + "/" + buffers.front().name);
  }
  if (!complete) take_statistics();
}

void Sampler::load(const TensorFile& file, const std::string& name, Network& network) {
  if (load_network(file, name, network).ema) ema_networks_.insert(name);
}

void Sampler::save_statistics(TensorFile& file) const {
  for (const auto& name : ema_networks_)
    for (const auto& [part, value] : networks_.at(name)->buffers()) file.tensors["ema/" + name + "/" + part] = value;
}

void Sampler::take_statistics() {
  if (!any(networks_, [](const Network& network) { return !network.buffers().empty(); })) return;
  torch::NoGradGuard no_grad;
  const auto seed = mix(kStatisticsStream);
  Pass pass{.training = true, .update_statistics = true, .noise = make_generator(seed)};
  for (int64_t i = 0; i < kStatisticsBatches; ++i) {
    // With shares of 1, 1/2, 1/3 ... the result is the mean over all batches, and the initial value vanishes.
    pass.statistics_share = 1 / static_cast<double>(i + 1);
    const auto first = i * kBatch;
    // Views need every network.
    make_batch(inputs(latents(kBatch, seed, first), labels({.count = kBatch, .seed = seed}, first), seed, first), pass,
               spec_.views.empty() ? &Sampler::make_samples : &Sampler::make_views);
  }
}

Tensor Sampler::make_batch(const Named& inputs, const Pass& pass, Make make) const {
  Nets nets;
  for (const auto& [name, network] : networks_)
    nets.emplace(name, net_of(*network, spec_.network(name), [&pass, movers = spec_.players_of(name)] {
                   auto own = pass;
                   if (!movers.empty()) own.player = movers.front();  // its statistics are those of its own turns
                   return own;
                 }));
  Named given;
  for (const auto& [name, value] : inputs) given[name] = value.to(device_);
  return (this->*make)(nets, given).to(torch::kCPU);
}

namespace {

/// Each from a separate stream.
Tensor latent_rows(const LatentConfig& how, int64_t n, uint64_t seed, int64_t first) {
  auto rows = torch::empty({n, how.size});
  for (int64_t i = 0; i < n; ++i) {
    auto generator = make_generator(mix(mix(seed ^ kLatentStream) + static_cast<uint64_t>(first + i)));
    rows[i].copy_(draw_latent(how, 1, generator)[0]);
  }
  return rows;
}

}  // namespace

Tensor Sampler::latents(int64_t n, uint64_t seed, int64_t first) const {
  return latent_rows(recipe_.latent, n, seed, first);
}

Named Sampler::inputs(const Tensor& z, const Tensor& labels, uint64_t seed, int64_t first, int64_t alike) const {
  Named inputs;
  const auto n = z.size(0);
  for (const auto& [name, how] : spec_.latents)
    inputs[name] = name == "z" ? z : latent_beside({name, how}, n / alike, seed, first).repeat_interleave(alike, 0);
  for (const auto& stream : spec_.samples_from) inputs[stream] = examples(stream, n, seed, first);
  if (labels.defined()) inputs["label"] = labels;
  return inputs;
}

Tensor Sampler::latent_beside(const LatentSpec& latent, int64_t n, uint64_t seed, int64_t first) const {
  auto rows = latent_rows(latent.how, n, seed ^ mix(latent.name), first);
  if (const auto found = fixed_.find(latent.name); found != fixed_.end())
    for (const auto& [place, value] : found->second) rows.select(1, place).fill_(value);
  return rows;
}

void Sampler::give_examples(const std::string& stream, std::shared_ptr<const Dataset> examples) {
  examples_[stream] = std::move(examples);
}

Tensor Sampler::examples(const std::string& stream, int64_t n, uint64_t seed, int64_t first) const {
  const auto found = examples_.find(stream);
  if (found == examples_.end())
    fail(Fault::data, "{}: game \"{}\" makes samples from examples of stream \"{}\", and none are given", recipe_.name,
         recipe_.game.kind, stream);
  const auto& facts = facts_.stream(stream);
  const auto& set = *found->second;
  if (set.info().shape != facts.shape)
    fail(Fault::data, "{}: holds examples of {}; expected {}, as the networks were trained with", set.info().name,
         to_string(set.info().shape), to_string(facts.shape));
  Picker picker(set, {.seed = seed});
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < n; ++i) indices.push_back(picker.index_at(first + i));
  const auto& data = recipe_.data_of(stream);
  const auto values =
      to_values(read_examples(set, indices), data.value_range(facts.shape), Columns(facts.scale), data.contrast);
  return facts.shape.is_vector() ? values.flatten(1) : values;
}

Tensor Sampler::labels(const Request& request, int64_t first) const {
  const auto classes = static_cast<int64_t>(facts_.classes.size());
  if (request.label >= 0 && !conditional())
    fail(Fault::usage, "--label {}: this generator takes no labels (network.{}.label = \"none\")", request.label,
         maker_.keys());
  if (!conditional()) return {};
  if (request.label >= classes)
    fail(Fault::usage, "--label {}: the classes are 0 to {} ({})", request.label, classes - 1,
         fmt::join(facts_.classes, ", "));
  auto labels = torch::full({request.count}, request.label, torch::kInt64);
  if (request.label < 0)
    for (int64_t i = 0; i < request.count; ++i)
      labels[i] = draw_label(facts_.class_share,
                             Random(request.seed, kLabelStream, static_cast<uint64_t>(first + i)).uniform());
  return labels;
}

int64_t Sampler::together() const {
  // A GPU computes with its own threads.
  const bool mixes = any(networks_, [](const Network& network) { return network.mixes_examples(); });
  return mixes || !device_.is_cpu() ? kBatch : kTogether;
}

Tensor Sampler::make_some(const Named& inputs, int64_t begin, uint64_t seed, Make how) const {
  const auto size = together(), count = std::min(size, inputs.begin()->second.size(0) - begin);
  Named some;
  for (const auto& [name, value] : inputs) {
    // Missing ones repeat the last one: any values that the game may get.
    const auto rows = torch::arange(begin, begin + size).clamp_max(begin + count - 1);
    some[name] = value.index_select(0, rows);
  }
  Pass pass;
  if (any(networks_, [](const Network& network) { return network.is_random_when_sampling(); }))
    pass.noise = make_generator(mix(seed + static_cast<uint64_t>(begin)));
  return make_batch(some, pass, how).narrow(0, 0, count);
}

Tensor Sampler::generate(const Tensor& z, const Tensor& labels, uint64_t seed, int64_t alike) const {
  return generate(inputs(z, labels, seed, 0, alike), seed);
}

Tensor Sampler::generate(const Named& inputs, uint64_t seed, Make how) const {
  if (inputs.empty())
    fail(Fault::internal, "game \"{}\": its samples are made of nothing; expected a latent, or examples of a stream",
         recipe_.game.kind);
  const auto n = inputs.begin()->second.size(0), size = together();
  const auto count = (n + size - 1) / size, round = kRound / size;
  std::vector<Tensor> parts(static_cast<size_t>(count));
  const auto make = [&](int64_t first, int64_t last) {
    // Both settings are per thread, and this may be any thread.
    const torch::NoGradGuard no_grad;
    std::optional<OneThread> alone;
    if (device_.is_cpu()) alone.emplace();
    for (auto i = first; i < last; ++i) parts[static_cast<size_t>(i)] = make_some(inputs, i * size, seed, how);
  };
  for (int64_t first = 0; first < count; first += round) {
    const auto last = std::min(count, first + round);
    if (device_.is_cpu())
      at::parallel_for(first, last, 1, make);
    else
      make(first, last);
    if (made_) made_(std::min(n, last * size) - first * size);
  }
  return torch::cat(parts).contiguous();
}

Tensor Sampler::stored(const Tensor& values, const std::string& stream) const {
  const auto& facts = facts_.stream(stream);
  return facts.pictures ? to_bytes(values, recipe_.data_of(stream).value_range(facts.shape))
                        : Columns(facts.scale).restored(values);
}

Tensor Sampler::sample_values(const Request& request, int64_t first) const {
  const auto values = network_values(request, first);
  return facts().pictures ? values : stored(values);
}

Tensor Sampler::network_values(const Request& request, int64_t first, Make make) const {
  // Batches begin at multiples of their size: a sample's row and noise are then the same whatever was requested.
  const auto before = first % together();
  auto whole = request;
  whole.count += before;
  first -= before;
  const auto made_of = inputs(latents(whole.count, request.seed, first), labels(whole, first), request.seed, first);
  const auto values = generate(made_of, request.seed + static_cast<uint64_t>(first), make);
  return values.narrow(0, before, request.count);
}

Tensor Sampler::sample(const Request& request, int64_t first) const {
  Tensor all;
  for (int64_t begin = 0; begin < request.count; begin += kPiece) {
    auto piece = request;
    piece.count = std::min(kPiece, request.count - begin);
    const auto made = stored(network_values(piece, first + begin));
    if (piece.count == request.count) return made;
    auto sizes = made.sizes().vec();
    sizes[0] = request.count;
    if (!all.defined()) all = torch::empty(sizes, made.options());
    all.narrow(0, begin, piece.count).copy_(made);
  }
  return all;
}

int64_t Sampler::label_of(const std::string& text) const {
  if (!conditional())
    fail(Fault::usage, "--label {}: this generator takes no labels (network.{}.label = \"none\")", text, maker_.keys());
  const auto& names = facts_.classes;
  const auto named = std::find(names.begin(), names.end(), text);
  if (named != names.end()) return named - names.begin();
  int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (whole && number >= 0 && number < static_cast<int64_t>(names.size())) return number;
  const auto near = nearest_name(text, names);
  fail(Fault::usage, "--label {}: no such class; expected a number from 0 to {}, or a name: {}{}", text,
       names.size() - 1, some_of(names), near.empty() || whole ? "" : fmt::format("; did you mean '{}'?", near));
}

Tensor interpolate(const Tensor& a, const Tensor& b, int64_t n, bool spherical) {
  auto points = torch::empty({n, a.size(0)});
  const auto angle =
      spherical ? torch::acos((torch::dot(a, b) / (a.norm() * b.norm())).clamp(-1, 1)).item<double>() : 0.0;
  for (int64_t i = 0; i < n; ++i) {
    const double t = n > 1 ? static_cast<double>(i) / static_cast<double>(n - 1) : 0;
    // On the great circle the direction rotates and the norm changes linearly; nearly parallel vectors define no
    // circle.
    points[i] = angle < 1e-4
                    ? a * (1 - t) + b * t
                    : a * (std::sin((1 - t) * angle) / std::sin(angle)) + b * (std::sin(t * angle) / std::sin(angle));
  }
  points[0] = a;
  if (n > 1) points[n - 1] = b;
  return points;
}

}  // namespace duet
