// Boundary equilibrium: an autoencoder as the discriminator, and a controller that holds the made examples' energy at a
// share of the real ones'. Berthelot et al. 2017, arXiv:1703.10717.
#include "duet/games/energy.h"

namespace duet {
namespace {

struct BeganConfig final : Config {
  EnergyConfig energy;
  double gamma = 0.5, gain = 1e-3;
  BeganConfig() { energy.energy = "mean_distance"; }
  void fields(Fields& f) override {
    energy.fields(f);
    f.real("gamma", gamma, "energy of made examples to that of real ones: lower is sharper, and less diverse", {0, 10});
    f.real("gain", gain, "of the controller of k, lambda in the paper", {0, 1});
  }
};

class Began final : public Game {
 public:
  explicit Began(const BeganConfig& config) : config_(config) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    return energy_game_spec(data, latent, config_.energy);
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto fake = turn.once("fake", [&] { return sample(turn.nets, turn.given); });
    Loss loss;
    if (player == "discriminator") {
      const auto energies = energies_of({turn.x(), fake}, turn, config_.energy);
      loss.add("real", energies.values[0].mean());
      loss.add("fake", energies.values[1].mean(), -k_);
      loss.watch("k", k_.clone());  // moved() changes it before it is read
      return loss;
    }
    const auto made = energies_of({fake}, turn, config_.energy).values[0].mean();
    loss.add("energy", made);
    // The measure of convergence of the paper's section 3.4.1.
    loss.watch("convergence", real_ + (config_.gamma * real_ - made).abs());
    return loss;
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("generator")(given.at("z"), given);
  }

  void moved(const std::string& player, const Turn&, const Loss& loss) override {
    const auto energy = loss.terms.front().value.detach().to(torch::kFloat64);
    if (player == "discriminator") return static_cast<void>(real_.copy_(energy));
    k_.add_(config_.gamma * real_ - energy, config_.gain).clamp_(0, 1);
  }

  std::vector<std::pair<std::string, Tensor>> state() override { return {{"k", k_}, {"energy_real", real_}}; }

 private:
  BeganConfig config_;
  Tensor k_ = torch::zeros({}, torch::kFloat64);     ///< how much of the made examples' energy counts
  Tensor real_ = torch::zeros({}, torch::kFloat64);  ///< energy of the real ones, when they were looked at last
};

}  // namespace

GameEntry began_game() {
  return {"began", "an autoencoder as the discriminator, and a controller that keeps both sides in balance",
          "Berthelot et al. 2017, arXiv:1703.10717", [] { return std::make_shared<BeganConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Began>(dynamic_cast<const BeganConfig&>(config));
          }};
}

}  // namespace duet
