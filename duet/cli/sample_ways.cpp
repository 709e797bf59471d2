#include "duet/cli/sample_ways.h"

#include <algorithm>

#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/score/diversity.h"
#include "duet/score/nearest.h"
#include "duet/train/judge.h"

namespace duet {
namespace {

constexpr int64_t kPiece = 1'024;
constexpr int64_t kMostCompared = 1'000;
constexpr int64_t kInfluenceZ = 8;

double mean_distance(const Tensor& stored) {
  const auto some = plain_rows(stored.slice(0, 0, kMostCompared));
  return spread_of(some).distance.at(0).value;
}

}  // namespace

std::pair<double, double> usual_range(const LatentConfig& latent) {
  if (latent.kind == "uniform") return {latent.low, latent.high};
  if (latent.kind == "categorical") return {0, 1};
  const double reach = latent.kind == "mixture" ? latent.radius + 2 * latent.deviation : 2;
  return {-reach, reach};
}

Samples best_of(const Sampler& sampler, const Sampler::Request& request, int64_t of, const std::filesystem::path& run,
                const std::string& checkpoint, const std::function<void(const std::string&)>& note) {
  const auto judge = Judge::open(run, checkpoint, note);
  auto all = request;
  all.count *= of;
  std::vector<Tensor> made, logits;
  for (int64_t first = 0; first < all.count; first += kPiece) {
    auto piece = all;
    piece.count = std::min(kPiece, all.count - first);
    const auto labels = sampler.labels(piece, first);
    made.push_back(sampler.generate(sampler.latents(piece.count, all.seed, first), labels,
                                    all.seed + static_cast<uint64_t>(first)));
    logits.push_back(judge.logits(made.back(), labels));
  }
  const auto values = torch::cat(made), opinion = torch::cat(logits);
  const auto order = opinion.argsort(0, /*descending=*/true);
  const auto chosen = order.narrow(0, 0, request.count), rest = order.slice(0, request.count);
  const auto z = sampler.latents(all.count, all.seed), labels = sampler.labels(all);
  Samples samples{.stored = sampler.stored(values.index_select(0, chosen)),
                  .values = values.index_select(0, chosen),
                  .z = z.index_select(0, chosen),
                  .labels = labels.defined() ? labels.index_select(0, chosen) : labels};
  const auto mean = [&](const Tensor& which) { return opinion.index_select(0, which).mean().item<double>(); };
  samples.remark = fmt::format("the best {} of {} by the discriminator: mean logit {:.3g}, {:.3g} of the others",
                               grouped(request.count), grouped(all.count), mean(chosen), mean(rest));
  if (request.count > 1)
    samples.remark += fmt::format("; mean distance between them {:.3g}, {:.3g} between all",
                                  mean_distance(samples.stored), mean_distance(sampler.stored(values)));
  return samples;
}

Tensor influences(const Sampler& sampler, uint64_t seed) {
  const auto& latent = sampler.recipe().latent;
  const auto [low, high] = usual_range(latent);
  const auto z = sampler.latents(kInfluenceZ, seed);
  auto labels = sampler.labels({.count = kInfluenceZ, .seed = seed});
  if (labels.defined()) labels = labels.repeat({2});
  auto all = torch::zeros({latent.size}, torch::kFloat64);
  for (int64_t i = 0; i < latent.size; ++i) {
    auto ends = z.repeat({2, 1});
    ends.narrow(0, 0, kInfluenceZ).select(1, i).fill_(low);
    ends.narrow(0, kInfluenceZ, kInfluenceZ).select(1, i).fill_(high);
    const auto made = sampler.generate(ends, labels, seed).to(torch::kFloat64);
    all[i] = (made.narrow(0, 0, kInfluenceZ) - made.narrow(0, kInfluenceZ, kInfluenceZ)).square().mean().sqrt();
  }
  return all;
}

Samples influence_rows(const Sampler& sampler, int64_t count, int64_t steps, uint64_t seed, int64_t label) {
  const auto all = influences(sampler, seed);
  const auto order = all.argsort(0, /*descending=*/true);
  count = std::min(count, all.size(0));
  const auto [low, high] = usual_range(sampler.recipe().latent);
  auto z = sampler.latents(1, seed).repeat({count * steps, 1});
  std::string table = "influence of the numbers of z, mean 1:";
  const double mean = std::max(all.mean().item<double>(), 1e-300);
  for (int64_t row = 0; row < count; ++row) {
    const auto i = order[row].item<int64_t>();
    z.narrow(0, row * steps, steps).select(1, i).copy_(torch::linspace(low, high, steps));
    table += fmt::format("{} {} {:.3g}", row == 0 ? "" : ",", i, all[i].item<double>() / mean);
  }
  auto labels = sampler.labels({.count = 1, .seed = seed, .label = label});
  if (labels.defined()) labels = labels.repeat({count * steps});
  const auto values = sampler.generate(z, labels, seed);
  return {.stored = sampler.stored(values),
          .values = values,
          .z = z,
          .labels = labels,
          .columns = static_cast<int>(steps),
          .remark = table};
}

}  // namespace duet
