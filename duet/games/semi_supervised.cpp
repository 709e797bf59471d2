// A classifier that learns from few labels and many examples without: a generated example is one more class, whose
// logit is 0, and the generator matches the mean of the classifier's features. Salimans et al. 2016, arXiv:1606.03498,
// sections 3.1 and 5.
#include "duet/core/error.h"
#include "duet/games/measures.h"

namespace duet {
namespace {

struct SemiSupervisedConfig final : Config {
  int64_t features = 250;
  double supervised = 1, unsupervised = 1, feature_matching = 1, adversarial = 0;
  void fields(Fields& f) override {
    f.integer("features", features, "numbers between the networks \"features\" and \"classes\"", {1, 1e6});
    f.real("supervised", supervised, "weight of the cross entropy of the labels", {0, 1e6});
    f.real("unsupervised", unsupervised, "weight of telling real examples from generated ones", {0, 1e6});
    f.real("feature_matching", feature_matching, "weight of G's squared distance of mean features", {0, 1e6});
    f.real("adversarial", adversarial, "weight of G's -log of the probability of being real", {0, 1e6});
  }
};

class SemiSupervised final : public Game, public Measuring {
 public:
  explicit SemiSupervised(const SemiSupervisedConfig& config) : config_(config) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape z{latent.size, 1, 1}, features{config_.features, 1, 1};
    const Shape classes{std::max<int64_t>(data.stream("labelled").classes, 2), 1, 1};
    return {.players = {{"discriminator", {"features", "classes"}}, {"generator", {"generator"}, /*keeps_batch=*/true}},
            .networks = {{.name = "features", .input = data.shape, .output = features},
                         {.name = "classes", .input = features, .output = classes},
                         {.name = "generator", .input = z, .output = data.shape, .range = data.range, .makes = "x"}},
            .latents = {{"z", latent}},
            .streams = {{.name = "labelled", .line = "labelled examples, of which few are enough"}},
            .samples = {"generator"}};
  }

  void check(const DataKind& data) const override {
    const auto labelled = data.stream("labelled");
    if (labelled.classes < 2)
      fail(Fault::recipe, "[stream.labelled]: its examples have {}; expected labels of at least two classes",
           labelled.classes == 0 ? "no labels" : "a single class");
    if (labelled.shape != data.shape)
      fail(Fault::recipe, "[stream.labelled]: its examples are {}, and those of [data] {}; expected the same",
           to_string(labelled.shape), to_string(data.shape));
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto made = turn.once("fake", [&] { return sample(turn.nets, turn.given); });
    return player == "discriminator" ? classifier(turn, made) : generator(turn, made);
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("generator")(given.at("z"), given);
  }

  Measures measures() const override {
    return {{{.name = "class_accuracy", .note = "share whose class D tells", .better = "higher"}},
            {"features", "classes"}};
  }
  Tensor measure(const std::string&, const Nets& nets, const Named& given, const Noise&) const override {
    const auto found = nets.at("features")(given.at("labelled"), given);
    const auto logits = nets.at("classes")(found.view({-1, config_.features}), given);
    return logits.argmax(1).eq(given.at("labelled_label")).to(logits.scalar_type());
  }

 private:
  /// Numbers [N, features] of some batches.
  std::vector<Tensor> features(const Turn& turn, const std::vector<Tensor>& batches) const {
    auto all = turn("features", batches);
    if (config_.features == 1)
      for (auto& one : all) one = one.view({-1, 1});  // a single number comes as [N]
    return all;
  }

  Loss classifier(const Turn& turn, const Tensor& made) const {
    const auto logits = turn("classes", features(turn, {turn.given.at("labelled"), turn.x(), made}));
    const auto& label = turn.given.at("labelled_label");
    // Beside the logit 0 of generated ones, the logit of being real is the log-sum-exp of the classes'.
    const auto real = torch::logsumexp(logits[1], 1), fake = torch::logsumexp(logits[2], 1);
    Loss loss;
    loss.add("class", -torch::log_softmax(logits[0], 1).gather(1, label.unsqueeze(1)).mean(), config_.supervised);
    loss.add("adversarial", 0.5 * (torch::softplus(-real).mean() + torch::softplus(fake).mean()), config_.unsupervised);
    loss.watch("logit_real", real.mean());
    loss.watch("logit_fake", fake.mean());
    return loss;
  }

  Loss generator(const Turn& turn, const Tensor& made) const {
    Loss loss;
    const auto found = features(turn, {made, turn.x()});
    if (config_.feature_matching > 0)
      loss.add("feature_matching", (found[0].mean(0) - found[1].mean(0)).square().sum(), config_.feature_matching);
    if (config_.adversarial > 0)
      loss.add("adversarial", torch::softplus(-torch::logsumexp(turn("classes", found[0]), 1)).mean(),
               config_.adversarial);
    return loss;
  }

  SemiSupervisedConfig config_;
};

}  // namespace

GameEntry semi_supervised_game() {
  return {"semi_supervised", "a classifier of few labels whose further class is what a generator makes",
          "Salimans et al. 2016, arXiv:1606.03498", [] { return std::make_shared<SemiSupervisedConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            const auto& chosen = dynamic_cast<const SemiSupervisedConfig&>(config);
            if (chosen.feature_matching == 0 && chosen.adversarial == 0)
              fail(Fault::recipe,
                   "[game]: feature_matching = 0 and adversarial = 0: the generator minimises nothing; expected one of "
                   "them above 0");
            return std::make_unique<SemiSupervised>(chosen);
          }};
}

}  // namespace duet
