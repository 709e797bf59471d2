// EBGAN whose margin falls with the real examples' energy: Wang et al. 2017, arXiv:1704.03817. It begins as that energy
// after pre-training (phases of [turns] in which the discriminator moves alone), and never rises.
#include <limits>

#include "duet/games/energy.h"

namespace duet {
namespace {

struct MaganConfig final : Config {
  EnergyConfig energy;
  std::string hinge = "mean";
  int64_t window = 1000;
  MaganConfig() { energy.energy = "squares"; }
  void fields(Fields& f) override {
    energy.fields(f);
    f.choice("hinge", hinge, {"each", "mean"}, "whether each example's energy is held against the margin, or the mean");
    f.integer("window", window, "the generator's updates after each of which the margin may fall, over whose means",
              {1, 1e9});
  }
};

Tensor number(double value) { return torch::full({}, value, torch::kFloat64); }

/// Mean of an energy over updates.
struct Mean {
  Tensor sum = number(0), count = number(0);
  void add(const Tensor& energy) { sum.add_(energy), count.add_(1); }
  Tensor value() const { return sum / count.clamp_min(1); }
  void clear_where(const Tensor& ended) {
    sum.copy_(torch::where(ended, 0 * sum, sum)), count.copy_(torch::where(ended, 0 * count, count));
  }
};

class Magan final : public Game {
 public:
  explicit Magan(const MaganConfig& config) : config_(config) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    return energy_game_spec(data, latent, config_.energy);
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto fake = turn.once("fake", [&] { return sample(turn.nets, turn.given); });
    Loss loss;
    if (player == "discriminator") {
      const auto energies = energies_of({turn.x(), fake}, turn, config_.energy);
      const auto made = config_.hinge == "each" ? energies.values[1] : energies.values[1].mean();
      loss.add("real", energies.values[0].mean());
      // Energies are not negative: a margin of 0, before the generator's first move, leaves the hinge out.
      loss.add("fake", torch::relu(margin_.to(made.scalar_type()) - made).mean());
      loss.watch("margin", margin_);
      return loss;
    }
    const auto made = energies_of({fake}, turn, config_.energy).values[0].mean();
    loss.add("energy", made);
    loss.watch("convergence", last_real_ + (last_real_ - made).abs());  // L of the paper
    return loss;
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("generator")(given.at("z"), given);
  }

  void moved(const std::string& player, const Turn&, const Loss& loss) override {
    const auto energy = loss.terms.front().value.detach().to(torch::kFloat64);
    player == "discriminator" ? seen_real(energy) : seen_made(energy);
  }

  std::vector<std::pair<std::string, Tensor>> state() override {
    return {{"margin", margin_},     {"real/last", last_real_},   {"real/before", real_before_},
            {"real/sum", real_.sum}, {"real/count", real_.count}, {"made/before", made_before_},
            {"made/sum", made_.sum}, {"made/count", made_.count}};
  }

 private:
  /// While the generator has not moved, windows are the discriminator's updates.
  void seen_real(const Tensor& energy) {
    last_real_.copy_(energy);
    real_.add(energy);
    const auto ended = margin_.eq(0).logical_and(real_.count.ge(config_.window));
    real_before_.copy_(torch::where(ended, real_.value(), real_before_));
    real_.clear_where(ended);
  }

  void seen_made(const Tensor& energy) {
    made_.add(energy);
    // The first margin: the mean over the last whole window of the pre-training, or over what there is.
    const auto first = margin_.eq(0);
    const auto begun =
        torch::where(real_before_.gt(0), real_before_, real_.count.gt(0).to(torch::kFloat64) * real_.value());
    margin_.copy_(torch::where(first, begun, margin_));
    real_.sum.copy_(torch::where(first, last_real_, real_.sum));
    real_.count.copy_(torch::where(first, number_like(1), real_.count));

    const auto ended = made_.count.ge(config_.window);
    const auto real = real_.value(), made = made_.value();
    const auto falls =
        ended.logical_and(real.lt(margin_)).logical_and(real.lt(made)).logical_and(made_before_.lt(made));
    margin_.copy_(torch::where(falls, real, margin_));
    made_before_.copy_(torch::where(ended, made, made_before_));
    real_.clear_where(ended), made_.clear_where(ended);
  }

  Tensor number_like(double value) const { return torch::full_like(margin_, value); }

  MaganConfig config_;
  Tensor margin_ = number(0);
  Mean real_, made_;                ///< over the window in progress
  Tensor last_real_ = number(0);    ///< of the discriminator's last update
  Tensor real_before_ = number(0);  ///< over the last whole window of the pre-training
  Tensor made_before_ = number(std::numeric_limits<double>::infinity());  ///< over the window before
};

}  // namespace

GameEntry magan_game() {
  return {"magan", "EBGAN with a margin that follows the real examples' energy down",
          "Wang et al. 2017, arXiv:1704.03817", [] { return std::make_shared<MaganConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Magan>(dynamic_cast<const MaganConfig&>(config));
          }};
}

}  // namespace duet
