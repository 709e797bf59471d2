// Translation between two domains without pairs: a generator each way, each domain's discriminator, and the error of
// going there and back. CycleGAN (Zhu et al. 2017, arXiv:1703.10593), DiscoGAN (Kim et al. 2017, arXiv:1703.05192) and
// DualGAN (Yi et al. 2017, arXiv:1704.02510) differ in the distance, its weight and the objective.
#include <algorithm>

#include "duet/core/error.h"
#include "duet/games/critic.h"
#include "duet/games/distance.h"
#include "duet/games/domains.h"
#include "duet/games/measures.h"
#include "duet/games/replay.h"

namespace duet {
namespace {

struct UnpairedConfig final : Config {
  CriticConfig critic;
  std::string distance = "mean_distance";
  double cycle = 10, identity = 0;
  int64_t replay = 0, patches = 0;
  bool noise = false;
  void fields(Fields& f) override {
    critic.fields(f);
    f.choice("distance", distance, distances(), "of an example and its way there and back, over its numbers");
    f.real("cycle", cycle, "weight of that distance", {0, 1e9});
    f.real("identity", identity, "weight of the distance of an example and what is made of it in its own domain",
           {0, 1e9});
    f.integer("replay", replay, "earlier fakes kept for each discriminator, half of what it is shown; 0: none",
              {0, 1e6});
    f.integer("patches", patches, "side of the discriminators' output, a logit for each patch; 0: one logit",
              {0, 4096});
    f.flag("noise", noise, "whether each generator also reads z, of [latent]");
  }
};

/// The generators and discriminators of both domains, "x" and "b".
class Unpaired final : public Game, public Measuring {
 public:
  explicit Unpaired(const UnpairedConfig& config)
      : config_(config),
        critic_x_(config.critic, "discriminator_x"),
        critic_b_(config.critic, "discriminator_b"),
        replay_x_("x", config.replay),
        replay_b_("b", config.replay) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const auto b = data.stream("b");
    const auto side = std::max<int64_t>(config_.patches, 1);
    const Shape logit{1, side, side};
    GameSpec spec{
        .players = {{"discriminator", {"discriminator_x", "discriminator_b"}},
                    {"generator", {"x_to_b", "b_to_x"}, /*keeps_batch=*/true}},
        .networks = {{.name = "discriminator_x", .input = data.shape, .output = logit, .section = "discriminator"},
                     {.name = "discriminator_b", .input = b.shape, .output = logit, .section = "discriminator"},
                     {.name = "x_to_b",
                      .input = data.shape,
                      .output = b.shape,
                      .range = b.range,
                      .makes = "b",
                      .section = "generator"},
                     {.name = "b_to_x",
                      .input = b.shape,
                      .output = data.shape,
                      .range = data.range,
                      .makes = "x",
                      .section = "generator"}},
        .streams = {{.name = "b", .line = "examples of the other domain"}},
        .samples = {"x_to_b", "b_to_x"},
        .samples_like = "b",
        .samples_from = {"x"},
        .views = {{"x", "x"}, {"b", "b"}, {"x_again", "x"}}};
    if (!config_.noise) return spec;
    spec.latents = {{"z", latent}, {"z_back", latent}};
    for (auto& network : spec.networks)
      if (!network.makes.empty()) network.with = {{"z", {latent.size, 1, 1}}};
    return spec;
  }

  void check(const DataKind& data) const override {
    critic_x_.check(data);
    critic_b_.check(data.stream("b"));
    if (config_.identity > 0 && data.shape != data.stream("b").shape)
      fail(Fault::recipe,
           "[game]: identity = {:g} compares an example of one domain with what is made of it for the other, here {} "
           "and {}; expected equal shapes, or leave it out",
           config_.identity, to_string(data.shape), to_string(data.stream("b").shape));
  }

  void begin(const DataKind& data) override {
    replay_x_.begin(data.shape);
    replay_b_.begin(data.stream("b").shape);
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto of_b = as_domain(turn, "b");
    const auto &x = turn.x(), &b = of_b.x();
    const auto fake_x = made_x(turn), fake_b = made_b(turn);
    Loss loss;
    if (player == "discriminator") {
      add_terms(loss, critic_x_.discriminator(turn, x, replay_x_.shown(fake_x, turn)), "x");
      add_terms(loss, critic_b_.discriminator(of_b, b, replay_b_.shown(fake_b, turn)), "b");
      return loss;
    }
    add_terms(loss, critic_x_.generator(turn, x, fake_x), "x");
    add_terms(loss, critic_b_.generator(of_b, b, fake_b), "b");
    add_distance(loss, "cycle_x", config_.cycle, x, [&] { return to_x(turn.nets, turn.given, fake_b); });
    add_distance(loss, "cycle_b", config_.cycle, b, [&] { return to_b(turn.nets, of_b.given, fake_x); });
    add_distance(loss, "identity_x", config_.identity, x, [&] { return to_x(turn.nets, turn.given, x); });
    add_distance(loss, "identity_b", config_.identity, b, [&] { return to_b(turn.nets, of_b.given, b); });
    return loss;
  }

  Tensor sample(const Nets& nets, const Named& given) const override { return to_b(nets, given, given.at("x")); }

  std::vector<Tensor> views(const Nets& nets, const Named& given) const override {
    const auto made = sample(nets, given);
    return {given.at("x"), made, to_x(nets, given, made)};
  }

  Measures measures() const override {
    return {.list = {{.name = "cycle_error", .note = "mean square of the differences there and back, per number"}},
            .networks = {"x_to_b", "b_to_x"}};
  }

  Tensor measure(const std::string&, const Nets& nets, const Named& given, const Noise&) const override {
    return distance_of(given.at("x"), to_x(nets, given, sample(nets, given)), "mean_squares");
  }

  void moved(const std::string& player, const Turn& turn, const Loss&) override {
    if (player != "discriminator") return;
    replay_x_.keep(made_x(turn), turn);
    replay_b_.keep(made_b(turn), turn);
  }

  std::vector<std::pair<std::string, Tensor>> state() override {
    std::vector<std::pair<std::string, Tensor>> all;
    replay_x_.add_state(all);
    replay_b_.add_state(all);
    return all;
  }

  std::string stability_advice(const std::string& player) const override {
    return player == "discriminator" ? critic_x_.stability_advice() : "";
  }

  std::map<std::string, NetworkNeeds> needs() const override {
    return {{"discriminator_x", critic_x_.needs()}, {"discriminator_b", critic_b_.needs()}};
  }

 private:
  Tensor to_b(const Nets& nets, const Named& given, const Tensor& x) const { return nets.at("x_to_b")(x, given); }
  /// With a z of its own.
  Tensor to_x(const Nets& nets, const Named& given, const Tensor& b) const {
    auto with = given;
    if (config_.noise) with["z"] = given.at("z_back");
    return nets.at("b_to_x")(b, with);
  }
  Tensor made_b(const Turn& turn) const {
    return turn.once("made_b", [&] { return to_b(turn.nets, turn.given, turn.x()); });
  }
  Tensor made_x(const Turn& turn) const {
    return turn.once("made_x", [&] {
      const auto of_b = as_domain(turn, "b");
      return to_x(turn.nets, of_b.given, of_b.x());
    });
  }
  void add_distance(Loss& loss, const std::string& name, double weight, const Tensor& wanted,
                    const std::function<Tensor()>& make) const {
    if (weight > 0) loss.add(name, distance_of(wanted, make(), config_.distance).mean(), weight);
  }

  UnpairedConfig config_;
  Critic critic_x_, critic_b_;
  Replay replay_x_, replay_b_;
};

}  // namespace

GameEntry unpaired_game() {
  return {"unpaired", "translation between two domains without pairs: a generator each way, and there and back",
          "Zhu et al. 2017, arXiv:1703.10593", [] { return std::make_shared<UnpairedConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Unpaired>(dynamic_cast<const UnpairedConfig&>(config));
          }};
}

}  // namespace duet
