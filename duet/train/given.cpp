#include "duet/train/given.h"

#include <algorithm>

#include "duet/core/seconds.h"
#include "duet/data/tensors.h"

namespace duet {

Given::Given(Feed& feed, const Recipe& recipe, const DataFacts& facts, std::vector<LatentSpec> latents,
             const torch::TensorOptions& options, const Noise& noise, HostInputs& inputs)
    : feed_(feed),
      range_(recipe.data.value_range()),
      columns_(facts.scale, options.device()),
      resident_(Resident::make(feed, options.device(), recipe.data.memory_bytes())),
      latents_(std::move(latents)),
      device_(options.device()),
      type_(c10::typeMetaToScalarType(options.dtype())),
      noise_(noise),
      inputs_(inputs),
      labelled_(!feed.dataset().info().classes.empty()) {}

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
  const auto stored = inputs_.give(device_, [this] {
    const auto cursor = feed_.cursor();
    batch_ = feed_.next();
    // Channels-last from here on, as ops/ wants it; done on the bytes, which are a quarter as many.
    return resident_ ? resident_->batch(batch_.stored, feed_.picks(cursor))
                     : batch_.stored.contiguous(torch::MemoryFormat::ChannelsLast);
  });
  auto x = to_values(stored, range_, columns_).to(type_);
  if (x.size(2) == 1 && x.size(3) == 1) x = x.flatten(1);
  named_["x"] = x;
  if (labelled_) named_["label"] = inputs_.give(device_, [this] { return batch_.labels; });
  used_by_.clear();
  seconds_ += seconds_since(begin);
}

void Given::draw() {
  const auto n = named_.at("x").size(0);
  for (const auto& latent : latents_)
    named_[latent.name] = inputs_.give(device_, [how = latent.how, n, type = type_, generator = noise_.generator] {
      return draw_latent(how, n, generator).to(type);
    });
}

Tensor draw_latent(const LatentConfig& latent, int64_t n, const Generator& generator) {
  auto z = torch::empty({n, latent.size});
  if (latent.kind == "uniform") return z.uniform_(latent.low, latent.high, generator);
  z.normal_(0, 1, generator);
  return latent.kind == "spherical" ? z / z.norm(2, 1, true) : z;
}

}  // namespace duet
