// Two domains by one z: two generators whose first layers are one network, and two discriminators whose last layers are
// one, so that what both domains have in common comes from the same numbers. Liu & Tuzel 2016, arXiv:1606.07536.
#include "duet/games/critic.h"
#include "duet/games/domains.h"

namespace duet {
namespace {

struct CoganConfig final : Config {
  CriticConfig critic;
  int64_t generator_shared = 128, discriminator_shared = 128;
  bool average = true;
  void fields(Fields& f) override {
    critic.fields(f);
    f.integer("generator_shared", generator_shared, "numbers that the generators' shared layers make of z", {1, 1e6});
    f.integer("discriminator_shared", discriminator_shared, "numbers that the discriminators' shared layers judge",
              {1, 1e6});
    f.flag("average", average, "gradients of shared layers are the mean of both domains', not the sum");
  }
};

/// The same numbers, whose gradient is multiplied by `factor`.
Tensor with_gradient_times(double factor, const Tensor& x) { return factor * x + ((1 - factor) * x).detach(); }

class Cogan final : public Game {
 public:
  explicit Cogan(const CoganConfig& config)
      : config_(config), critic_x_(config.critic, "judge_x"), critic_b_(config.critic, "judge_b") {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const auto b = data.stream("b");
    const Shape z{latent.size, 1, 1}, made{config_.generator_shared, 1, 1}, seen{config_.discriminator_shared, 1, 1};
    return {.players = {{"discriminator", {"discriminator_x", "discriminator_b", "discriminator_shared"}},
                        {"generator", {"generator_shared", "generator_x", "generator_b"}, /*keeps_batch=*/true}},
            .networks = {{.name = "discriminator_x", .input = data.shape, .output = seen, .section = "discriminator"},
                         {.name = "discriminator_b", .input = b.shape, .output = seen, .section = "discriminator"},
                         {.name = "discriminator_shared", .input = seen, .output = {1, 1, 1}},
                         {.name = "generator_shared", .input = z, .output = made},
                         {.name = "generator_x",
                          .input = made,
                          .output = data.shape,
                          .range = data.range,
                          .makes = "x",
                          .section = "generator"},
                         {.name = "generator_b",
                          .input = made,
                          .output = b.shape,
                          .range = b.range,
                          .makes = "b",
                          .section = "generator"}},
            .latents = {{"z", latent}},
            .streams = {{.name = "b", .line = "examples of the other domain"}},
            .samples = {"generator_shared", "generator_x", "generator_b"},
            .views = {{"x", "x"}, {"b", "b"}}};
  }

  void check(const DataKind& data) const override {
    critic_x_.check(data);
    critic_b_.check(data.stream("b"));
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto of_x = judged(turn, "x"), of_b = judged(as_domain(turn, "b"), "b");
    const auto common = [&] { return shared(turn.nets, turn.given); };
    const auto fake_x = turn.once("fake_x", [&] { return turn("generator_x", turn.once("shared", common)); });
    const auto fake_b = turn.once("fake_b", [&] { return of_b("generator_b", turn.once("shared", common)); });
    Loss loss;
    if (player == "discriminator") {
      add_terms(loss, critic_x_.discriminator(of_x, of_x.x(), fake_x), "x");
      add_terms(loss, critic_b_.discriminator(of_b, of_b.x(), fake_b), "b");
    } else {
      add_terms(loss, critic_x_.generator(of_x, of_x.x(), fake_x), "x");
      add_terms(loss, critic_b_.generator(of_b, of_b.x(), fake_b), "b");
    }
    return loss;
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("generator_x")(shared(nets, given), given);
  }

  std::vector<Tensor> views(const Nets& nets, const Named& given) const override {
    const auto common = shared(nets, given);
    return {nets.at("generator_x")(common, given), nets.at("generator_b")(common, given)};
  }

  std::string stability_advice(const std::string& player) const override {
    return player == "discriminator" ? critic_x_.stability_advice() : "";
  }

  std::map<std::string, NetworkNeeds> needs() const override {
    const auto needs = critic_x_.needs();
    return {{"discriminator_x", needs}, {"discriminator_b", needs}, {"discriminator_shared", needs}};
  }

 private:
  double share() const { return config_.average ? 0.5 : 1; }

  Tensor shared(const Nets& nets, const Named& given) const {
    const auto made = nets.at("generator_shared")(given.at("z"), given);
    return with_gradient_times(share(), made.view({made.size(0), -1}));
  }

  /// The turn with a domain's whole discriminator. The gradient that enters the shared layers from above is halved, and
  /// the one that leaves them below doubled: so half of it reaches their weights, and the domain's own get all of it.
  Turn judged(const Turn& turn, const std::string& domain) const {
    auto own = turn;
    own.nets["judge_" + domain] =
        Net([own_layers = turn.nets.at("discriminator_" + domain), last = turn.nets.at("discriminator_shared"),
             share = share()](const Tensor& x, const Named& with, int64_t) {
          const auto seen = own_layers(x, with);
          return with_gradient_times(share, last(with_gradient_times(1 / share, seen.view({seen.size(0), -1})), with));
        });
    return own;
  }

  CoganConfig config_;
  Critic critic_x_, critic_b_;
};

}  // namespace

GameEntry cogan_game() {
  return {"cogan", "two coupled GANs, one for each of two domains, with common layers and a common z",
          "Liu & Tuzel 2016, arXiv:1606.07536", [] { return std::make_shared<CoganConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Cogan>(dynamic_cast<const CoganConfig&>(config));
          }};
}

}  // namespace duet
