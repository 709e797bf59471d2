// Helmholtz machine: a generative network of layers of zeros and ones, and a recognition network that infers them from
// the layer below, taught by the wake-sleep algorithm (Hinton, Dayan, Frey & Neal 1995).
#include "duet/core/error.h"
#include "duet/games/binary.h"

namespace duet {
namespace {

struct HelmholtzConfig final : Config {
  std::vector<int64_t> hidden = {36};
  void fields(Fields& f) override {
    f.integers("hidden", hidden, "units of each hidden layer, from the data up", {1, 1e6});
  }
};

class Helmholtz final : public Game {
 public:
  explicit Helmholtz(const HelmholtzConfig& config) : hidden_(config.hidden) {
    if (hidden_.empty())
      fail(Fault::recipe, "game.hidden = []; expected the units of at least one hidden layer, such as [36]");
  }

  GameSpec spec(const DataKind& data, const LatentConfig&) const override {
    GameSpec spec{.players = {{"generative", {}}, {"recognition", {}, /*keeps_batch=*/true}}, .networks = {}};
    auto &generative = spec.players[0].networks, &recognition = spec.players[1].networks;
    int64_t units = 0;
    for (size_t i = 0; i < hidden_.size(); ++i) {
      const Shape above{hidden_[i], 1, 1}, below = i == 0 ? data.shape : Shape{hidden_[i - 1], 1, 1};
      generative.push_back(down(i)), recognition.push_back(up(i));
      spec.networks.push_back(
          {.name = down(i), .input = above, .output = below, .makes = i == 0 ? "x" : "", .section = "generative"});
      spec.networks.push_back({.name = up(i), .input = below, .output = above, .section = "recognition"});
      units += hidden_[i];
    }
    spec.networks.push_back({.name = "prior", .input = {1, 1, 1}, .output = {hidden_.back(), 1, 1}});
    generative.push_back("prior");
    spec.latents = {{"dream", uniform_numbers(units)}};
    spec.samples = generative;
    return spec;
  }

  void check(const DataKind& data) const override { check_binary(data, "helmholtz"); }

  Loss loss(const std::string& player, const Turn& turn) const override {
    return player == "generative" ? wake(turn) : sleep(turn);
  }

  /// The probability of every number's being 1 at the end of a dream.
  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at(down(0))(dreamt(nets, given).front(), given).sigmoid();
  }

 private:
  static std::string down(size_t i) { return fmt::format("generative_{}", i + 1); }
  static std::string up(size_t i) { return fmt::format("recognition_{}", i + 1); }

  /// A network's logits, [N, units]: a single unit comes as [N].
  static Tensor logits(const Nets& nets, const Named& given, const std::string& network, const Tensor& x) {
    return nets.at(network)(x, given).view({x.size(0), -1});
  }
  static Tensor prior(const Nets& nets, const Named& given, int64_t n, const torch::TensorOptions& options) {
    return logits(nets, given, "prior", torch::ones({n, 1}, options));
  }

  /// The hidden layers of a dream, from the data up, each drawn from the one above it.
  std::vector<Tensor> dreamt(const Nets& nets, const Named& given) const {
    const auto& uniform = given.at("dream");
    std::vector<Tensor> layers(hidden_.size());
    int64_t used = 0;
    for (size_t i = hidden_.size(); i-- > 0;) {
      const auto from = i + 1 < hidden_.size() ? logits(nets, given, down(i + 1), layers[i + 1])
                                               : prior(nets, given, uniform.size(0), uniform.options());
      layers[i] = bits_of(from, uniform.narrow(1, used, hidden_[i]).contiguous());
      used += hidden_[i];
    }
    return layers;
  }

  /// The generative weights learn to make the example, and each layer, from what recognition infers above it.
  Loss wake(const Turn& turn) const {
    auto below = binarised(turn.x());
    const auto n = below.size(0);
    Tensor inferred = torch::zeros({n}, below.options()), made = inferred;
    for (size_t i = 0; i < hidden_.size(); ++i) {
      const auto guess = logits(turn.nets, turn.given, up(i), below);
      const auto above = draw_bits(guess, turn.noise);
      inferred = inferred + log_probability(above, guess);
      made = made + log_probability(below.flatten(1), logits(turn.nets, turn.given, down(i), above));
      below = above;
    }
    made = made + log_probability(below, prior(turn.nets, turn.given, n, below.options()));
    Loss loss;
    loss.add("wake", -made.mean());
    // An upper bound of -log p(x), by the gap between the posterior and what recognition makes of it.
    loss.watch("free_energy", (inferred - made).mean());
    return loss;
  }

  /// The recognition weights learn to infer, of a dream, the layer that each was made from.
  Loss sleep(const Turn& turn) const {
    const auto layers = dreamt(turn.nets, turn.given);
    auto below = draw_bits(turn.nets.at(down(0))(layers.front(), turn.given), turn.noise);
    Tensor inferred = torch::zeros({below.size(0)}, below.options());
    for (size_t i = 0; i < layers.size(); ++i) {
      inferred = inferred + log_probability(layers[i], logits(turn.nets, turn.given, up(i), below));
      below = layers[i];
    }
    Loss loss;
    loss.add("sleep", -inferred.mean());
    return loss;
  }

  std::vector<int64_t> hidden_;
};

}  // namespace

GameEntry helmholtz_game() {
  return {"helmholtz", "generative and recognition layers of zeros and ones, by wake and sleep", "Hinton et al. 1995",
          [] { return std::make_shared<HelmholtzConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Helmholtz>(dynamic_cast<const HelmholtzConfig&>(config));
          }};
}

}  // namespace duet
