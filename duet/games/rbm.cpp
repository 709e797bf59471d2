// Restricted Boltzmann machine of zeros and ones, p(v, h) ~ e^S(v, h), by contrastive divergence: Hinton 2002,
// "Training products of experts by minimizing contrastive divergence"; or with persistent chains: Tieleman 2008,
// "Training restricted Boltzmann machines using approximations to the likelihood gradient".
#include "duet/core/draw.h"
#include "duet/games/binary.h"

namespace duet {
namespace {

struct RbmConfig final : Config {
  int64_t hidden = 36, steps = 1, chains = 0, sample_steps = 200;
  void fields(Fields& f) override {
    f.integer("hidden", hidden, "hidden units", {1, 1e6});
    f.integer("steps", steps, "Gibbs steps of an update, K", {1, 1e6});
    f.integer("chains", chains, "chains that go on from update to update; 0: new ones, from the batch (CD-K)",
              {0, 1e6});
    f.integer("sample_steps", sample_steps, "Gibbs steps from noise to a sample", {1, 1e6});
  }
};

/// S(v, h) = v . visible(h) + hidden(h), with two linear networks: its slopes in v and in h are the logits of each
/// given the other. Nothing here carries a gradient, unless it says so.
class Machine {
 public:
  Machine(const Nets& nets, const Named& given) : nets_(nets), given_(given) {}

  /// [N, data shape] of h [N, hidden].
  Tensor visible_logits(const Tensor& h) const {
    const torch::NoGradGuard no_grad;
    return nets_.at("visible")(h, given_);
  }

  /// [N, hidden] of v; the slope is the same at any h.
  Tensor hidden_logits(const Tensor& v, int64_t hidden) const {
    const torch::AutoGradMode with_slopes(true);
    const auto h = torch::zeros({v.size(0), hidden}, v.options()).requires_grad_();
    return torch::autograd::grad({strength(v, h).sum()}, {h})[0];
  }

  /// F(v) = -log of the sum of e^S(v, h) over all h, [N], with its gradient in the weights: that of -S at the hidden
  /// units' probabilities, where the slope in these vanishes.
  Tensor free_energy(const Tensor& v, int64_t hidden) const {
    const auto logits = hidden_logits(v, hidden), on = logits.sigmoid();
    const auto entropy = (torch::softplus(logits) - on * logits).sum(1);
    return -strength(v, on) - entropy;
  }

 private:
  Tensor strength(const Tensor& v, const Tensor& h) const {
    return (v * nets_.at("visible")(h, given_)).flatten(1).sum(1) + nets_.at("hidden")(h, given_);
  }

  const Nets& nets_;
  const Named& given_;
};

constexpr int64_t kBits = 0xffffffff;  // 32 of them

/// Whole numbers of 32 bits that look as if drawn anew for each x, and are the same for the same x: a hash whose
/// products fit into 63 bits.
Tensor scattered(Tensor x) {
  const auto folded = [](const Tensor& y) { return y.bitwise_xor(y.bitwise_right_shift(16)); };
  for (int i = 0; i < 2; ++i) x = (folded(x) * 0x45d9f3b).bitwise_and(kBits);
  return folded(x);
}

/// A sample's random numbers: each sample has its own key, and nothing but the key decides.
class Chance {
 public:
  /// `start`: uniform numbers [N, M].
  explicit Chance(const Tensor& start) {
    const auto place = torch::arange(start.size(1), start.options().dtype(torch::kInt64));
    const auto bits = start.mul(static_cast<double>(1 << 24)).to(torch::kInt64);
    key_ = scattered(scattered(bits + place * (1 << 24)).sum(1, true).bitwise_and(kBits));
  }
  /// Other uniform numbers with each call, in the shape of the logits.
  Tensor uniform(const Tensor& logits) {
    const auto count = logits.numel() / logits.size(0);
    const auto place = torch::arange(used_, used_ + count, key_.options());
    used_ += count;
    return (scattered(key_.bitwise_xor(scattered(place))).to(torch::kFloat64) / (kBits + 1.0)).to(logits.scalar_type());
  }

 private:
  Tensor key_;  // [N, 1]
  int64_t used_ = 0;
};

class Rbm final : public Game {
 public:
  explicit Rbm(const RbmConfig& config) : config_(config), chain_(torch::zeros({config.chains, config.hidden})) {}

  GameSpec spec(const DataKind& data, const LatentConfig&) const override {
    const Shape hidden{config_.hidden, 1, 1};
    return {.players = {{"machine", {"visible", "hidden"}}},
            .networks = {{.name = "visible", .input = hidden, .output = data.shape, .makes = "x"},
                         {.name = "hidden", .input = hidden, .output = {1, 1, 1}}},
            .latents = {{"start", uniform_numbers(config_.hidden)}},
            .samples = {"visible", "hidden"}};
  }

  void check(const DataKind& data) const override { check_binary(data, "rbm"); }

  /// The difference of two free energies, whose gradient is that of the log likelihood where the chain has mixed.
  Loss loss(const std::string&, const Turn& turn) const override {
    const Machine machine(turn.nets, turn.given);
    const auto v = binarised(turn.x());
    auto h = draw_bits(machine.hidden_logits(v, config_.hidden), turn.noise);
    const auto again = machine.visible_logits(h);
    const bool persistent = config_.chains > 0;
    auto dreamt = draw_bits(persistent ? machine.visible_logits(chain_.to(v.scalar_type())) : again, turn.noise);
    for (int64_t k = 1; !persistent && k < config_.steps; ++k) {
      h = draw_bits(machine.hidden_logits(dreamt, config_.hidden), turn.noise);
      dreamt = draw_bits(machine.visible_logits(h), turn.noise);
    }
    Loss loss;
    loss.add("data", machine.free_energy(v, config_.hidden).mean());
    loss.add("dreamt", machine.free_energy(dreamt, config_.hidden).mean(), -1);
    loss.watch("reconstruction", (v - again.sigmoid()).square().mean());
    return loss;
  }

  /// The chains make their steps with the new weights; the next update begins where they are now.
  void moved(const std::string&, const Turn& turn, const Loss&) override {
    if (config_.chains == 0) return;
    const Machine machine(turn.nets, turn.given);
    auto h = chain_.to(turn.x().scalar_type());
    for (int64_t k = 0; k < config_.steps; ++k) {
      const auto v = draw_bits(machine.visible_logits(h), turn.noise);
      h = draw_bits(machine.hidden_logits(v, config_.hidden), turn.noise);
    }
    chain_.copy_(h);
  }

  std::vector<std::pair<std::string, Tensor>> state() override {
    if (config_.chains == 0) return {};
    return {{"chain", chain_}};
  }

  /// The probability of every number's being 1 at the end of a chain.
  Tensor sample(const Nets& nets, const Named& given) const override {
    const Machine machine(nets, given);
    Chance chance(given.at("start"));
    auto h = binarised(given.at("start"));
    for (int64_t k = 0; k < config_.sample_steps; ++k) {
      const auto logits = machine.visible_logits(h), v = bits_of(logits, chance.uniform(logits));
      const auto next = machine.hidden_logits(v, config_.hidden);
      h = bits_of(next, chance.uniform(next));
    }
    return machine.visible_logits(h).sigmoid();
  }

 private:
  RbmConfig config_;
  Tensor chain_;  ///< hidden units of the persistent chains
};

}  // namespace

GameEntry rbm_game() {
  return {"rbm", "a restricted Boltzmann machine, by contrastive divergence or persistent chains", "Hinton 2002",
          [] { return std::make_shared<RbmConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Rbm>(dynamic_cast<const RbmConfig&>(config));
          }};
}

}  // namespace duet
