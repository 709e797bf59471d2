// Boundary-seeking GAN for zeros and ones, which have no gradient in the generator: it raises the probability of what
// the discriminator believes in, weighed by importance. Hjelm et al. 2017, arXiv:1702.08431, section 2.3.
#include "duet/games/binary.h"
#include "duet/games/objectives.h"

namespace duet {
namespace {

struct DiscreteConfig final : Config {
  int64_t draws = 20;
  void fields(Fields& f) override {
    f.integer("draws", draws, "examples drawn for each z in the generator's turn, among which weights are shared",
              {2, 1e5});
  }
};

class Discrete final : public Game {
 public:
  explicit Discrete(const DiscreteConfig& config) : config_(config), objective_(objective("vanilla")) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape z{latent.size, 1, 1};
    return {.players = {{"discriminator", {"discriminator"}}, {"generator", {"generator"}, /*keeps_batch=*/true}},
            .networks = {{.name = "discriminator", .input = data.shape, .output = {1, 1, 1}},
                         {.name = "generator", .input = z, .output = data.shape, .makes = "x"}},
            .latents = {{"z", latent}, {"chance", uniform_numbers(data.shape.numel())}},
            .samples = {"generator"}};
  }

  void check(const DataKind& data) const override { check_binary(data, "discrete"); }

  Loss loss(const std::string& player, const Turn& turn) const override {
    return player == "discriminator" ? tell_apart(turn) : raise_likely(turn);
  }

  /// Zeros and ones: the generator gives their logits.
  Tensor sample(const Nets& nets, const Named& given) const override {
    return bits_of(nets.at("generator")(given.at("z"), given), given.at("chance"));
  }

 private:
  Loss tell_apart(const Turn& turn) const {
    const auto fake = turn.once("fake", [&] { return sample(turn.nets, turn.given); });
    const auto logits = turn("discriminator", std::vector<Tensor>{binarised(turn.x()), fake});
    Loss loss;
    loss.add("adversarial", objective_.discriminator(logits[0], logits[1],
                                                     {torch::ones_like(logits[0]), torch::zeros_like(logits[1])}));
    loss.watch("logit_real", logits[0].mean());
    loss.watch("logit_fake", logits[1].mean());
    return loss;
  }

  /// Over all draws x of one z: minus the sum of w log p(x | z), w the share of x in all e^D(x) = p(x) / q(x).
  Loss raise_likely(const Turn& turn) const {
    const auto logits = turn("generator", turn.given.at("z"));
    const auto n = logits.size(0);
    std::vector<Tensor> draws;
    for (int64_t i = 0; i < config_.draws; ++i) draws.push_back(draw_bits(logits, turn.noise));
    // One batch for each draw: D judges as many examples at once as in its own turn.
    std::vector<Tensor> scores, log_likely;
    for (const auto& score : turn("discriminator", draws)) scores.push_back(score.detach());
    for (const auto& x : draws) log_likely.push_back(log_probability(x, logits));
    const auto weights = torch::softmax(torch::stack(scores), 0);
    Loss loss;
    loss.add("importance", -(weights * torch::stack(log_likely)).sum() / static_cast<double>(n));
    // Of `draws` equal weights this is `draws`: how many draws a gradient is made of.
    loss.watch("draws_that_count", (1 / weights.square().sum(0)).mean());
    return loss;
  }

  DiscreteConfig config_;
  Objective objective_;
};

}  // namespace

GameEntry discrete_game() {
  return {"discrete", "a generator of zeros and ones that learns from weighed draws (boundary-seeking)",
          "Hjelm et al. 2017, arXiv:1702.08431", [] { return std::make_shared<DiscreteConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Discrete>(dynamic_cast<const DiscreteConfig&>(config));
          }};
}

}  // namespace duet
