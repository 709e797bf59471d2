// InfoGAN: beside z the generator is given codes, and a network Q must read them from what it makes: -log Q(code) is an
// upper bound of their entropy less the mutual information of code and sample. Chen et al. 2016, arXiv:1606.03657.
#include <cmath>
#include <numbers>
#include <numeric>

#include "duet/core/error.h"
#include "duet/games/critic.h"

namespace duet {
namespace {

struct InfoganConfig final : CriticGameConfig {
  std::vector<int64_t> codes{10};
  int64_t numbers = 0;
  std::string q = "own";
  double information = 1, number_information = 0.1;
  void fields(Fields& f) override {
    CriticGameConfig::fields(f);
    f.integers("codes", codes, "classes of each categorical code", {2, 1e4});
    f.integer("numbers", numbers, "continuous codes, uniform in -1..1", {0, 1e4});
    f.choice("q", q, {"own", "shared"},
             "Q is a network of its own, [network.q], or further outputs of the discriminator");
    f.real("information", information, "weight of -log Q of the categorical codes", {0, 1e6});
    f.real("number_information", number_information, "weight of -log Q of the continuous codes", {0, 1e6});
  }
  int64_t classes() const { return std::accumulate(codes.begin(), codes.end(), int64_t{0}); }
};

/// "code", "code2", "code3" ...
std::string name_of_code(size_t i) { return i == 0 ? "code" : fmt::format("code{}", i + 1); }

/// -log of Gaussian densities of values [N, K], with means and log deviations from `said` [N, 2 K]: summed over K, mean
/// over N. Deviations are kept within e^-4 and e^4, softly.
Tensor negative_log_likelihood(const Tensor& values, const Tensor& said) {
  const auto parts = said.chunk(2, 1);
  const auto log_deviation = 4 * torch::tanh(parts[1] / 4);
  const auto distance = (values - parts[0]) * torch::exp(-log_deviation);
  return (0.5 * distance.square() + log_deviation + 0.5 * std::log(2 * std::numbers::pi)).sum(1).mean();
}

class Infogan final : public CriticGame {
 public:
  explicit Infogan(const InfoganConfig& config) : CriticGame(config.critic), config_(config) {
    if (said() == 0) fail(Fault::recipe, "[game]: codes = [] and numbers = 0; expected a code, such as codes = [10]");
  }

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape input{latent.size + config_.classes() + config_.numbers, 1, 1};
    const bool own = config_.q == "own";
    GameSpec spec{
        .players = {{"discriminator", {"discriminator"}}, {"generator", {"generator"}, /*keeps_batch=*/true}},
        .networks = {{.name = "discriminator", .input = data.shape, .output = {1 + (own ? 0 : said()), 1, 1}},
                     {.name = "generator", .input = input, .output = data.shape, .range = data.range, .makes = "x"}},
        .latents = {{"z", latent}},
        .samples = {"generator"}};
    if (own) {
      spec.networks.push_back({.name = "q", .input = data.shape, .output = {said(), 1, 1}});
      spec.players[1].networks.emplace_back("q");
    }
    for (size_t i = 0; i < config_.codes.size(); ++i)
      spec.latents.push_back({name_of_code(i), {.kind = "categorical", .size = config_.codes[i]}});
    if (config_.numbers > 0) spec.latents.push_back({"numbers", {.kind = "uniform", .size = config_.numbers}});
    return spec;
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto made = fake(turn);
    if (player == "discriminator") {
      const auto said = critic_.judge(turn, turn.x(), made);
      auto loss = critic_.discriminator(turn, said);
      // Q's layers are D's, except the last, and both players improve them.
      if (config_.q == "shared") add_information(loss, said.second.heads, turn);
      return loss;
    }
    const auto said = critic_.judge_made(turn, made);
    auto loss = critic_.generator(turn, turn.x(), said);
    add_information(loss, config_.q == "shared" ? said.heads : turn("q", made), turn);
    return loss;
  }

  /// The generator's input is z with all codes after it.
  Tensor sample(const Nets& nets, const Named& given) const override {
    std::vector<Tensor> parts{given.at("z")};
    for (size_t i = 0; i < config_.codes.size(); ++i) parts.push_back(given.at(name_of_code(i)));
    if (config_.numbers > 0) parts.push_back(given.at("numbers"));
    return nets.at("generator")(torch::cat(parts, 1), given);
  }

 private:
  /// How many numbers Q gives: a logit for each class of each code, and means and log deviations of numbers.
  int64_t said() const { return config_.classes() + 2 * config_.numbers; }

  void add_information(Loss& loss, const Tensor& said, const Turn& turn) const {
    int64_t begin = 0;
    double entropy = 0;
    Tensor unsaid;
    for (size_t i = 0; i < config_.codes.size(); ++i) {
      const auto size = config_.codes[i];
      const auto log_q = torch::log_softmax(said.narrow(1, begin, size), 1);
      const auto of_this = -(turn.given.at(name_of_code(i)) * log_q).sum(1).mean();
      unsaid = unsaid.defined() ? unsaid + of_this : of_this;
      entropy += std::log(static_cast<double>(size));
      begin += size;
    }
    if (unsaid.defined()) {
      loss.add("code", unsaid, config_.information);
      // At least what a sample tells of its codes, in nats: their entropy is constant.
      loss.watch("code_information", entropy - unsaid);
    }
    if (config_.numbers == 0) return;
    const auto missed = negative_log_likelihood(turn.given.at("numbers"), said.narrow(1, begin, 2 * config_.numbers));
    loss.add("numbers", missed, config_.number_information);
    loss.watch("number_information", static_cast<double>(config_.numbers) * std::numbers::ln2 - missed);
  }

  InfoganConfig config_;
};

}  // namespace

GameEntry infogan_game() {
  return {"infogan", "adversarial, with codes that must be readable from what the generator makes of them",
          "Chen et al. 2016, arXiv:1606.03657", [] { return std::make_shared<InfoganConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Infogan>(dynamic_cast<const InfoganConfig&>(config));
          }};
}

}  // namespace duet
