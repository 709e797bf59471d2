// The adversarial autoencoder: who moves what in its three turns, its weights, and priors by label.
#include "duet/games/measures.h"
#include "tests/data/damage.h"
#include "tests/games/judged.h"
#include "tests/gradient.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kAae = R"toml(
batch = 16
[data]
spec = "moons"
[latent]
size = 2
[game]
kind = "aae"
[network.encoder]
kind = "mlp"
widths = [8]
[network.decoder]
kind = "mlp"
widths = [8]
[network.discriminator]
kind = "mlp"
widths = [8]
[player.autoencoder]
lr = 1e-3
[player.encoder]
lr = 1e-3
[player.discriminator]
lr = 1e-3
)toml";

std::unique_ptr<Game> game(const std::string& keys) {
  return make_game(tiny(kAae, {"game={kind='aae'" + keys + "}"}).game);
}

Tensor numbers(const std::vector<double>& values) {
  return torch::tensor(at::ArrayRef<double>(values), torch::kFloat64);
}

/// A turn in which the code is the example, the decoder adds one, and the discriminator's logit is the sum.
Turn plain_turn() {
  Turn turn;
  turn.given = {{"x", numbers({1, 2, -1, 0}).view({2, 2})}, {"z", numbers({3, 0, 0, 1}).view({2, 2})}};
  turn.nets["encoder"] = made_up([](const Tensor& x, const Tensor&) { return x; });
  turn.nets["decoder"] = made_up([](const Tensor& z, const Tensor&) { return z + 1; });
  turn.nets["discriminator"] = made_up([](const Tensor& z, const Tensor&) { return z.sum(1); });
  return turn;
}

double softplus(double x) { return std::log1p(std::exp(x)); }

TEST(Aae, ReconstructsThenJudgesThenFools) {
  const auto aae = game("");
  const auto turn = plain_turn();
  EXPECT_NEAR(aae->loss("autoencoder", turn).total().item<double>(), 1, 1e-12) << "mean square of the differences";
  // Logits 3 and 1 of the prior, 3 and -1 of codes.
  EXPECT_NEAR(aae->loss("discriminator", turn).total().item<double>(),
              (softplus(-3) + softplus(-1)) / 2 + (softplus(3) + softplus(-1)) / 2, 1e-12);
  EXPECT_NEAR(aae->loss("encoder", turn).total().item<double>(), (softplus(-3) + softplus(1)) / 2, 1e-12);
  std::vector<std::string> players;
  for (const auto& player : aae->spec({.shape = {2, 1, 1}}, {.size = 2}).players) players.push_back(player.name);
  EXPECT_EQ(players, (std::vector<std::string>{"autoencoder", "discriminator", "encoder"}));
}

TEST(Aae, JointlyWeighsBothInOneTurn) {
  const auto aae = game(", joint=true, adversarial_weight=0.01, reconstruction_weight=2");
  EXPECT_NEAR(aae->loss("autoencoder", plain_turn()).total().item<double>(),
              0.01 * (softplus(-3) + softplus(1)) / 2 + 2, 1e-12);
  EXPECT_EQ(aae->spec({.shape = {2, 1, 1}}, {.size = 2}).players.size(), 2u);
}

TEST(Aae, MayCompareByCrossEntropyAndDrawItsCodes) {
  const auto aae = game(", reconstruction='cross_entropy', stochastic=true");
  auto turn = plain_turn();
  turn.given["noise"] = numbers({1, -1, 0, 2}).view({2, 2});
  turn.given["x"] = numbers({1, 0, 0.5, 0}).view({2, 2});
  turn.nets["encoder"] =
      made_up([](const Tensor& x, const Tensor&) { return torch::cat({x, torch::full_like(x, std::log(4.0))}, 1); });
  // Codes x + 2 noise, logits one more.
  const double logits[] = {4, -1, 1.5, 5}, x[] = {1, 0, 0.5, 0};
  double loss = 0;
  for (int i = 0; i < 4; ++i) loss += (softplus(logits[i]) - logits[i] * x[i]) / 4;
  EXPECT_NEAR(aae->loss("autoencoder", turn).total().item<double>(), loss, 1e-9);
  EXPECT_NE(error_of([] { Training training(tiny(kAae, {"game.reconstruction='cross_entropy'"})); }, Fault::recipe)
                .find("\"0..1\""),
            std::string::npos);
}

TEST(Aae, GivesEachClassItsComponentOfThePrior) {
  const auto aae = game(", turned_by_label=4");
  auto turn = plain_turn();
  turn.given["label"] = torch::tensor({1, 2}, torch::kInt64);
  Tensor judged;
  turn.nets["discriminator"] = Net([&](const Tensor& z, const Named&, int64_t) {
    if (!judged.defined()) judged = z;
    return z.sum(1);
  });
  aae->loss("discriminator", turn);
  // (3, 0) by a quarter, (0, 1) by a half.
  EXPECT_TRUE(torch::allclose(judged, numbers({0, 3, 0, -1}).view({2, 2})));
  // Codes are compared with the component that all turn from.
  turn.given["x"] = judged;
  EXPECT_TRUE(torch::allclose(dynamic_cast<const Measuring&>(*aae).measure("code", turn.nets, turn.given, {}),
                              turn.given.at("z")));
  // Samples have a component without a label.
  const Named given{{"z", turn.given.at("z")}, {"component", torch::eye(4).narrow(0, 1, 2)}};
  EXPECT_TRUE(torch::allclose(aae->sample(turn.nets, given), judged + 1));
  EXPECT_NE(error_of([] { Training training(tiny(kAae, {"game.turned_by_label=3"})); }, Fault::recipe)
                .find("the data have 2 classes"),
            std::string::npos);
}

TEST(Aae, HasTheGradientsOfItsLosses) {
  auto generator = make_generator(5);
  const auto encoder = normal_leaf({2, 4}, generator), decoder = normal_leaf({2, 2}, generator),
             critic = normal_leaf({2}, generator), x = normal_leaf({3, 2}, generator);
  auto turn = plain_turn();
  turn.given["x"] = x;
  for (const auto* name : {"z", "noise"}) turn.given[name] = torch::randn({3, 2}, generator, torch::kFloat64);
  turn.nets["encoder"] = made_up([&](const Tensor& x, const Tensor&) { return x.matmul(encoder); });
  turn.nets["decoder"] = made_up([&](const Tensor& z, const Tensor&) { return z.matmul(decoder); });
  turn.nets["discriminator"] = made_up([&](const Tensor& z, const Tensor&) { return z.tanh().matmul(critic); });
  const auto aae = game(", stochastic=true, adversarial_weight=0.3");
  for (const auto* player : {"autoencoder", "discriminator", "encoder"})
    EXPECT_TRUE(check_gradients([&] { return aae->loss(player, turn).total(); }, {encoder, decoder, critic, x}))
        << player;
}

TEST(Aae, MovesNeitherEncoderNorDecoderWhileTheDiscriminatorLearns) {
  Training training(tiny(kAae, {"turns={order='list', list=['discriminator']}"}));
  const auto before = snapshot(training.trainer);
  training.rounds(3);
  const auto after = training.trainer.save();
  for (const auto& [name, value] : before.tensors)
    if (name.starts_with("encoder/") || name.starts_with("decoder/")) {
      EXPECT_TRUE(torch::equal(value, after.tensors.at(name))) << name;
    }
}

TEST(Aae, GoesOnWithTwoPlayersOfOneEncoderAfterAResumeToTheBit) {
  const auto recipe = tiny(kAae, {"game.stochastic=true", "player.encoder.optimizer='sgd'"});
  Training training(recipe);
  training.rounds(4);
  expect_goes_on(training, recipe);
}

}  // namespace
}  // namespace duet
