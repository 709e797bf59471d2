// AC-GAN: the discriminator also says which class an example has, of real and of generated ones, and the generator,
// which is given the class, wants that to be right. Odena et al. 2016, arXiv:1610.09585.
#include "duet/core/error.h"
#include "duet/games/critic.h"
#include "duet/games/measures.h"

namespace duet {
namespace {

struct AcganConfig final : CriticGameConfig {
  double class_real = 1, class_fake = 1, class_generator = 1;
  void fields(Fields& f) override {
    CriticGameConfig::fields(f);
    f.real("class_real", class_real, "weight of D's cross entropy of the classes of real examples", {0, 1e6});
    f.real("class_fake", class_fake, "weight of D's cross entropy of the classes that fakes were asked for", {0, 1e6});
    f.real("class_generator", class_generator, "weight of the same in G's loss", {0, 1e6});
  }
};

Tensor cross_entropy(const Tensor& logits, const Tensor& labels) {
  return -torch::log_softmax(logits, 1).gather(1, labels.unsqueeze(1)).mean();
}

class Acgan final : public CriticGame, public Measuring {
 public:
  explicit Acgan(const AcganConfig& config) : CriticGame(config.critic), config_(config) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape z{latent.size, 1, 1};
    return {.players = {{"discriminator", {"discriminator"}}, {"generator", {"generator"}, /*keeps_batch=*/true}},
            // A logit of being real, and one for each class.
            .networks = {{.name = "discriminator", .input = data.shape, .output = {1 + data.classes, 1, 1}},
                         {.name = "generator", .input = z, .output = data.shape, .range = data.range, .makes = "x"}},
            .latents = {{"z", latent}},
            .samples = {"generator"}};
  }

  void check(const DataKind& data) const override {
    CriticGame::check(data);
    if (data.classes < 2)
      fail(Fault::recipe, "[game]: kind = \"acgan\" learns classes, and the data have {}; expected labelled data",
           data.classes == 0 ? "no labels" : "a single one");
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto made = fake(turn);
    const auto& label = turn.given.at("label");
    if (player == "discriminator") {
      const auto said = critic_.judge(turn, turn.x(), made);
      const auto& heads = said.first.heads;
      auto loss = critic_.discriminator(turn, said);
      loss.add("class_real", cross_entropy(heads, label), config_.class_real);
      loss.add("class_fake", cross_entropy(said.second.heads, label), config_.class_fake);
      loss.watch("class_accuracy", heads.argmax(1).eq(label).to(heads.scalar_type()).mean());
      return loss;
    }
    const auto said = critic_.judge_made(turn, made);
    auto loss = critic_.generator(turn, turn.x(), said);
    loss.add("class_fake", cross_entropy(said.heads, label), config_.class_generator);
    return loss;
  }

  Measures measures() const override {
    return {{{.name = "class_accuracy", .note = "share whose class D tells", .better = "higher"}}, {"discriminator"}};
  }
  Tensor measure(const std::string&, const Nets& nets, const Named& given, const Noise&) const override {
    const auto heads = nets.at("discriminator")(given.at("x"), given).slice(1, 1);
    return heads.argmax(1).eq(given.at("label")).to(heads.scalar_type());
  }

 private:
  AcganConfig config_;
};

}  // namespace

GameEntry acgan_game() {
  return {"acgan", "adversarial, with a discriminator that also tells classes", "Odena et al. 2016, arXiv:1610.09585",
          [] { return std::make_shared<AcganConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Acgan>(dynamic_cast<const AcganConfig&>(config));
          }};
}

}  // namespace duet
