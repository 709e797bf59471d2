// Translation by pairs: a generator makes of each picture its counterpart, and a discriminator judges both together.
// Isola et al. 2017, arXiv:1611.07004 (pix2pix).
#include <algorithm>

#include "duet/core/error.h"
#include "duet/games/critic.h"
#include "duet/games/distance.h"
#include "duet/games/measures.h"

namespace duet {
namespace {

struct PairedConfig final : Config {
  CriticConfig critic;
  std::string distance = "mean_distance";
  double weight = 100, adversarial = 1;
  int64_t patches = 0;
  void fields(Fields& f) override {
    critic.fields(f);
    f.choice("distance", distance, distances(), "of what is made and the counterpart, over its numbers");
    f.real("weight", weight, "of that distance in the generator's loss", {0, 1e9});
    f.real("adversarial", adversarial, "weight of the adversarial term in the generator's loss", {0, 1e9});
    f.integer("patches", patches, "side of the discriminator's output, a logit for each patch; 0: one logit",
              {0, 4096});
  }
};

class Paired final : public Game, public Measuring {
 public:
  explicit Paired(const PairedConfig& config) : config_(config), critic_(config.critic) {}

  GameSpec spec(const DataKind& data, const LatentConfig&) const override {
    const auto b = data.stream("b");
    const Shape pair{data.shape.channels + b.shape.channels, data.shape.height, data.shape.width};
    const auto side = std::max<int64_t>(config_.patches, 1);
    return {.players = {{"discriminator", {"discriminator"}}, {"generator", {"generator"}, /*keeps_batch=*/true}},
            .networks = {{.name = "discriminator", .input = pair, .output = {1, side, side}},
                         {.name = "generator", .input = data.shape, .output = b.shape, .range = b.range, .makes = "b"}},
            .streams = {{.name = "b", .line = "counterparts of the examples of [data]", .paired = true}},
            .samples = {"generator"},
            .samples_like = "b",
            .samples_from = {"x", "b"},
            .views = {{"x", "x"}, {"b", "b"}, {"b_real", "b"}}};
  }

  void check(const DataKind& data) const override {
    const auto b = data.stream("b");
    critic_.check(b);
    if (data.shape.is_vector() || b.shape.is_vector() || data.shape.height != b.shape.height ||
        data.shape.width != b.shape.width)
      fail(Fault::recipe,
           "[stream.b]: its examples are {}, and those of [data] {}; expected pictures of the same size, which a "
           "discriminator sees together: give both the same resolution",
           to_string(b.shape), to_string(data.shape));
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto& b = turn.given.at("b");
    const auto made = turn.once("made", [&] { return sample(turn.nets, turn.given); });
    const auto beside_x = [&](const Tensor& other) { return torch::cat({turn.x(), other}, 1); };
    if (player == "discriminator") return critic_.discriminator(turn, beside_x(b), beside_x(made));
    Loss loss;
    if (config_.adversarial > 0) loss = critic_.generator(turn, beside_x(b), beside_x(made));
    for (auto& term : loss.terms) term.weight *= config_.adversarial;
    loss.add("distance", distance_of(b, made, config_.distance).mean(), config_.weight);
    return loss;
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("generator")(given.at("x"), given);
  }

  std::vector<Tensor> views(const Nets& nets, const Named& given) const override {
    return {given.at("x"), sample(nets, given), given.at("b")};
  }

  Measures measures() const override {
    return {.list = {{.name = "distance", .note = config_.distance + " of what is made from the counterpart"},
                     {.name = "told_apart",
                      .note = "share of the pairs that D believes more than what is made; 0.5 where it only guesses",
                      .better = ""}},
            .networks = {"generator", "discriminator"}};
  }

  Tensor measure(const std::string& name, const Nets& nets, const Named& given, const Noise&) const override {
    const auto made = sample(nets, given);
    if (name == "distance") return distance_of(given.at("b"), made, config_.distance);
    const auto score = [&](const Tensor& other) {
      const auto said = nets.at("discriminator")(torch::cat({given.at("x"), other}, 1), given);
      return said.view({said.size(0), -1}).mean(1);
    };
    return (score(given.at("b")) > score(made)).to(made.scalar_type());
  }

  std::string stability_advice(const std::string& player) const override {
    return player == "discriminator" ? critic_.stability_advice() : "";
  }

  std::map<std::string, NetworkNeeds> needs() const override { return {{"discriminator", critic_.needs()}}; }

 private:
  PairedConfig config_;
  Critic critic_;
};

}  // namespace

GameEntry paired_game() {
  return {"paired", "a generator that makes a picture's counterpart, against a discriminator of both together",
          "Isola et al. 2017, arXiv:1611.07004", [] { return std::make_shared<PairedConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Paired>(dynamic_cast<const PairedConfig&>(config));
          }};
}

}  // namespace duet
