// Bidirectional GAN: an encoder beside the generator, and a discriminator of pairs of an example and its code. Donahue
// et al. 2016, arXiv:1605.09782; the same game as adversarially learned inference, Dumoulin et al. 2016,
// arXiv:1606.00704.
#include "duet/games/game.h"
#include "duet/games/objectives.h"

namespace duet {
namespace {

struct BiganConfig final : Config {
  std::string objective = "vanilla";
  void fields(Fields& f) override {
    std::vector<std::string> names;
    for (const auto& entry : objectives()) names.push_back(entry.name);
    f.choice("objective", objective, names, "D's loss; generator and encoder minimise it with the sides exchanged");
  }
};

class Bigan final : public Game {
 public:
  explicit Bigan(const BiganConfig& config) : config_(config), objective_(objective(config.objective)) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape code{latent.size, 1, 1};
    return {.players = {{"discriminator", {"discriminator"}},
                        {"generator", {"generator", "encoder"}, /*keeps_batch=*/true}},
            .networks = {{.name = "discriminator", .input = data.shape, .output = {1, 1, 1}, .with = {{"code", code}}},
                         {.name = "generator", .input = code, .output = data.shape, .range = data.range, .makes = "x"},
                         {.name = "encoder", .input = data.shape, .output = code}},
            .latents = {{"z", latent}},
            .samples = {"generator"}};
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto fake = turn.once("fake", [&] { return sample(turn.nets, turn.given); });
    const auto code = turn.once("code", [&] {
      const auto made = turn("encoder", turn.x());
      return made.view_as(turn.given.at("z"));  // a single number comes as [N]
    });
    const auto with = [&](const Tensor& of_code) {
      auto all = turn.given;
      all["code"] = of_code;
      return all;
    };
    const std::vector<Named> pairs{with(code), with(turn.given.at("z"))};
    const auto logits = turn.nets.at("discriminator")(std::vector<Tensor>{turn.x(), fake}, pairs);
    Loss loss;
    const auto &real = logits[0], &made = logits[1];
    const Targets plain{torch::ones_like(real), torch::zeros_like(real)};
    if (player == "discriminator") {
      loss.add("adversarial", objective_.discriminator(real, made, plain));
      loss.watch("logit_real", real.mean());
      loss.watch("logit_fake", made.mean());
      // How well the two invert each other, which nobody minimises (theorem 2 of the paper has it follow). In this turn
      // the generator waits, so its statistics are of latents alone.
      loss.watch("reconstruction", (turn("generator", code) - turn.x()).square().mean());
    } else {
      loss.add("adversarial", objective_.discriminator(made, real, plain));
    }
    return loss;
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("generator")(given.at("z"), given);
  }

  std::map<std::string, NetworkNeeds> needs() const override {
    NetworkNeeds needs;
    if (objective_.needs_lipschitz) needs.lipschitz = "game.objective = \"" + config_.objective + "\"";
    return {{"discriminator", needs}};
  }

 private:
  BiganConfig config_;
  const Objective& objective_;
};

}  // namespace

GameEntry bigan_game() {
  return {"bigan", "a generator and an encoder against a discriminator of examples with their codes",
          "Donahue et al. 2016, arXiv:1605.09782", [] { return std::make_shared<BiganConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Bigan>(dynamic_cast<const BiganConfig&>(config));
          }};
}

}  // namespace duet
