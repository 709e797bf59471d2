// Generative adversarial parallelisation: pairs of a generator and a discriminator that learn side by side, and change
// partners from time to time. Im et al. 2016, arXiv:1612.04021.
#include <cmath>

#include "duet/core/error.h"
#include "duet/games/critic.h"

namespace duet {
namespace {

struct GapConfig final : Config {
  CriticConfig critic;
  int64_t pairs = 2, sample_from = 0;
  double swap_every = 6.4;
  void fields(Fields& f) override {
    critic.fields(f);
    f.integer("pairs", pairs, "generators, and as many discriminators", {2, 100});
    f.real("swap_every", swap_every, "kimg after which each generator gets the next discriminator", {1e-3, 1e9});
    f.integer("sample_from", sample_from, "the generator that makes samples, from 1; 0: all, equally often", {0, 100});
  }
};

std::string numbered(const char* name, int64_t i) { return fmt::format("{}_{}", name, i + 1); }

class Gap final : public Game {
 public:
  explicit Gap(const GapConfig& config) : config_(config) {
    if (config_.sample_from > config_.pairs)
      fail(Fault::recipe, "game.sample_from = {}: there are {} generators; expected 1 to {}, or 0 for all",
           config_.sample_from, config_.pairs, config_.pairs);
    for (int64_t i = 0; i < config_.pairs; ++i) critics_.emplace_back(config_.critic, numbered("discriminator", i));
  }

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape z{latent.size, 1, 1}, logit{1, 1, 1};
    LatentConfig pair;
    pair.kind = "categorical", pair.size = config_.pairs;
    GameSpec spec{.players = {{"discriminator", {}}, {"generator", {}, /*keeps_batch=*/true}},
                  .networks = {},
                  .latents = {{"z", latent}, {"pair", pair}}};
    auto &discriminators = spec.players[0].networks, &generators = spec.players[1].networks;
    for (int64_t i = 0; i < config_.pairs; ++i) {
      discriminators.push_back(numbered("discriminator", i)), generators.push_back(numbered("generator", i));
      spec.networks.push_back(
          {.name = discriminators.back(), .input = data.shape, .output = logit, .section = "discriminator"});
      spec.networks.push_back({.name = generators.back(),
                               .input = z,
                               .output = data.shape,
                               .range = data.range,
                               .makes = "x",
                               .section = "generator"});
    }
    spec.samples = config_.sample_from > 0 ? std::vector{numbered("generator", config_.sample_from - 1)} : generators;
    return spec;
  }

  void check(const DataKind& data) const override { critics_.front().check(data); }

  /// How many discriminators each generator's is away from its own: the same for both players in a round.
  int64_t phase(const std::string&, const Clock& clock) const override {
    // In images, which are whole numbers.
    const auto images = std::llround(clock.kimg * 1000), every = std::max(1LL, std::llround(config_.swap_every * 1000));
    return images / every % config_.pairs;
  }

  /// All pairs' losses: their networks are apart, so each gets the gradient of its own.
  Loss loss(const std::string& player, const Turn& turn) const override {
    const bool tells = player == "discriminator";
    Loss all;
    for (int64_t i = 0; i < config_.pairs; ++i) {
      const auto generator = numbered("generator", i);
      const auto fake = turn.once("fake_" + generator, [&] { return turn(generator, turn.given.at("z")); });
      const auto partner = (i + turn.phase) % config_.pairs;
      const auto& critic = critics_[static_cast<size_t>(partner)];
      const auto one = tells ? critic.discriminator(turn, turn.x(), fake) : critic.generator(turn, turn.x(), fake);
      const auto name = [&](const std::string& term) { return fmt::format("{}_{}", term, (tells ? partner : i) + 1); };
      for (const auto& term : one.terms) all.terms.push_back(term), all.terms.back().name = name(term.name);
      for (const auto& term : one.watched) all.watched.push_back(term), all.watched.back().name = name(term.name);
    }
    if (tells) all.watch("shift", torch::full({}, turn.phase, turn.x().options()));
    return all;
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    const auto& z = given.at("z");
    if (config_.sample_from > 0) return nets.at(numbered("generator", config_.sample_from - 1))(z, given);
    Tensor made;
    for (int64_t i = 0; i < config_.pairs; ++i) {
      const auto own = nets.at(numbered("generator", i))(z, given);
      std::vector<int64_t> sizes(static_cast<size_t>(own.dim()), 1);
      sizes[0] = own.size(0);
      made = i == 0 ? own : torch::where(given.at("pair").select(1, i).gt(0).view(sizes), own, made);
    }
    return made;
  }

  std::string stability_advice(const std::string& player) const override {
    return player == "discriminator" ? critics_.front().stability_advice() : "";
  }

  std::map<std::string, NetworkNeeds> needs() const override {
    std::map<std::string, NetworkNeeds> all;
    for (int64_t i = 0; i < config_.pairs; ++i)
      all[numbered("discriminator", i)] = critics_[static_cast<size_t>(i)].needs();
    return all;
  }

 private:
  GapConfig config_;
  std::vector<Critic> critics_;
};

}  // namespace

GameEntry gap_game() {
  return {"gap", "pairs of a generator and a discriminator that change partners", "Im et al. 2016, arXiv:1612.04021",
          [] { return std::make_shared<GapConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Gap>(dynamic_cast<const GapConfig&>(config));
          }};
}

}  // namespace duet
