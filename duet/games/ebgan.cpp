// The discriminator is an autoencoder, and gives what it cannot reconstruct a high energy: Zhao et al. 2016,
// arXiv:1609.03126. Real examples are to have a low energy, made ones at least the margin.
#include "duet/games/energy.h"

namespace duet {
namespace {

struct EbganConfig final : Config {
  EnergyConfig energy;
  double margin = 5;
  std::string hinge = "each";
  double pulling_away = 0;

  void fields(Fields& f) override {
    energy.fields(f);
    f.real("margin", margin, "energy that made examples are to have", {.low = 0});
    f.choice("hinge", hinge, {"each", "mean"}, "whether each example's energy is held against the margin, or the mean");
    f.real("pulling_away", pulling_away, "weight of the codes' squared cosines, which keeps samples apart; usual 0.1",
           {.low = 0});
  }
};

/// Mean squared cosine of the codes [N, F] of different examples (equation 4 of the paper).
Tensor likeness(const Tensor& codes) {
  const auto n = static_cast<double>(codes.size(0));
  const auto unit = codes / codes.norm(2, 1, true).clamp_min(1e-12);
  // An example's cosine with itself is 1.
  return (unit.mm(unit.t()).square().sum() - n) / (n * (n - 1));
}

class Ebgan final : public Game {
 public:
  explicit Ebgan(const EbganConfig& config) : config_(config) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    return energy_game_spec(data, latent, config_.energy);
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto fake = turn.once("fake", [&] { return sample(turn.nets, turn.given); });
    Loss loss;
    if (player == "discriminator") {
      const auto energies = energies_of({turn.x(), fake}, turn, config_.energy);
      const auto real = energies.values[0].mean(), made = energies.values[1];
      loss.add("real", real);
      const bool each = config_.hinge == "each";
      loss.add("fake", each ? torch::relu(config_.margin - made).mean() : torch::relu(config_.margin - made.mean()));
      loss.watch("energy_fake", made.mean());
      return loss;
    }
    const auto energies = energies_of({fake}, turn, config_.energy);
    loss.add("energy", energies.values[0].mean());
    if (config_.pulling_away > 0) loss.add("pulling_away", likeness(energies.codes[0]), config_.pulling_away);
    return loss;
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("generator")(given.at("z"), given);
  }

 private:
  EbganConfig config_;
};

}  // namespace

GameEntry ebgan_game() {
  return {"ebgan", "an autoencoder whose energy is low on real examples and above a margin on made ones",
          "Zhao et al. 2016, arXiv:1609.03126", [] { return std::make_shared<EbganConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Ebgan>(dynamic_cast<const EbganConfig&>(config));
          }};
}

}  // namespace duet
