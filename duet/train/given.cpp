#include "duet/train/given.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "duet/core/seconds.h"
#include "duet/data/tensors.h"

namespace duet {

Given::Given(const Feeds& feeds, const Recipe& recipe, const DataFacts& facts, std::vector<LatentSpec> latents,
             const torch::TensorOptions& options, const Noise& noise, HostInputs& inputs)
    : latents_(std::move(latents)),
      device_(options.device()),
      type_(c10::typeMetaToScalarType(options.dtype())),
      noise_(noise),
      inputs_(inputs) {
  for (const auto& [name, feed] : feeds.all()) {
    const auto& data = recipe.data_of(name);
    streams_.push_back({.name = name,
                        .label = name == "x" ? "label" : name + "_label",
                        .feed = feed,
                        .range = data.value_range(facts.stream(name).shape),
                        .contrast = data.contrast,
                        .columns = Columns(facts.stream(name).scale, options.device()),
                        .resident = Resident::make(*feed, options.device(), data.memory_bytes())});
  }
}

bool Given::prepare(const std::vector<PlayerSpec>& movers, bool shared) {
  const auto again = [&](bool keeps_batch) {
    return std::any_of(movers.begin(), movers.end(), [&](const PlayerSpec& player) {
      return player.keeps_batch == keeps_batch && used_by_.contains(player.name);
    });
  };
  const bool batch = named_.empty() || again(/*keeps_batch=*/false);
  const bool latents = batch || again(/*keeps_batch=*/true) || (!shared && !used_by_.empty());
  if (batch) fetch();
  if (latents) draw();
  return latents;
}

void Given::used(const std::vector<PlayerSpec>& movers) {
  for (const auto& player : movers) used_by_.insert(player.name);
}

void Given::fetch() {
  const auto begin = Steady::now();
  for (auto& stream : streams_) fetch(stream);
  used_by_.clear();
  seconds_ += seconds_since(begin);
}

void Given::fetch(Stream& stream) {
  const auto stored = inputs_.give(device_, [&stream] {
    const auto cursor = stream.feed->cursor();
    stream.batch = stream.feed->next();
    // Channels-last from here on, as ops/ expects; converted as bytes, which are a quarter as many.
    return stream.resident ? stream.resident->batch(stream.batch.stored, stream.feed->picks(cursor))
                           : stream.batch.stored.contiguous(torch::MemoryFormat::ChannelsLast);
  });
  auto x = to_values(stored, stream.range, stream.columns, stream.contrast).to(type_);
  if (x.size(2) == 1 && x.size(3) == 1) x = x.flatten(1);
  named_[stream.name] = x;
  if (stream.labelled()) named_[stream.label] = inputs_.give(device_, [&stream] { return stream.batch.labels; });
}

void Given::draw() {
  const auto n = named_.at("x").size(0);
  for (const auto& latent : latents_)
    named_[latent.name] = inputs_.give(device_, [how = latent.how, n, type = type_, generator = noise_.generator] {
      return draw_latent(how, n, generator).to(type);
    });
}

namespace {

/// Centres [modes, size] of a mixture.
Tensor centres_of(const LatentConfig& latent) {
  auto centres = torch::zeros({latent.modes, latent.size});
  if (latent.size == 1) {
    if (latent.modes > 1) centres.select(1, 0).copy_(torch::linspace(-latent.radius, latent.radius, latent.modes));
    return centres;
  }
  const auto angle = torch::arange(latent.modes) * (2 * std::numbers::pi / static_cast<double>(latent.modes));
  centres.select(1, 0).copy_(latent.radius * angle.cos());
  centres.select(1, 1).copy_(latent.radius * angle.sin());
  return centres;
}

/// Integers in [0, count), equally likely.
Tensor draw_choice(int64_t n, int64_t count, const Generator& generator) {
  return torch::empty({n}, torch::kInt64).random_(0, count, generator);
}

}  // namespace

Tensor draw_latent(const LatentConfig& latent, int64_t n, const Generator& generator) {
  const auto& kind = latent.kind;
  auto z = torch::empty({n, latent.size});
  if (kind == "categorical") return z.zero_().scatter_(1, draw_choice(n, latent.size, generator).unsqueeze(1), 1);
  if (kind == "uniform") return z.uniform_(latent.low, latent.high, generator);
  if (kind == "truncated") {
    // The remaining part of the distribution function is uniform.
    const double most = std::erf(latent.cut / std::numbers::sqrt2);
    const auto u = torch::empty({n, latent.size}, torch::kFloat64).uniform_(-most, most, generator);
    return z.copy_(u.erfinv() * std::numbers::sqrt2).clamp_(-latent.cut, latent.cut);
  }
  if (kind == "mixture") {
    const auto centres = centres_of(latent).index_select(0, draw_choice(n, latent.modes, generator));
    return z.normal_(0, latent.deviation, generator).add_(centres);
  }
  z.normal_(0, 1, generator);
  return kind == "spherical" ? z / z.norm(2, 1, true) : z;
}

}  // namespace duet
