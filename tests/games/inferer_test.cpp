// A third player that recovers z from the samples.
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kLinear = R"toml(
batch = 64
seed = 5
[data]
spec = "topics"
[latent]
size = 6
[game]
kind = "adversarial"
[network.generator]
kind = "layers"
layers = ["dense(48)"]
init = "normal(1)"
[network.discriminator]
kind = "mlp"
widths = [8]
[player.generator]
lr = 1e-3
[player.discriminator]
lr = 1e-3
)toml";

Recipe with_inferer(std::vector<std::string> overrides = {}) {
  for (const char* key :
       {"game.inferer=true", "network.inferer={kind = 'layers', layers = ['dense(6)']}", "player.inferer.lr=1e-2"})
    overrides.emplace_back(key);
  return tiny(kLinear, overrides);
}

TEST(Inferer, RecoversZFromALinearGeneratorThatItDoesNotMove) {
  Training training(with_inferer({"turns.order=list", "turns.list=['inferer']"}));
  const auto before = snapshot(training.trainer);
  training.rounds(400);
  const auto after = training.trainer.save();
  for (const auto& [name, value] : before.tensors)
    if (name.starts_with("generator/") || name.starts_with("discriminator/")) {
      EXPECT_TRUE(torch::equal(value, after.tensors.at(name))) << name;
    }
  training.trainer.read();
  training.rounds(1);
  for (const auto& [name, mean] : training.trainer.read().means) {
    if (name == "inferer/correlation") {
      EXPECT_GT(mean, 0.9);
    }
  }
  // By hand: z of a fresh batch, through both networks.
  const auto z = torch::randn({500, 6}, make_generator(7));
  const auto network = [&](const std::string& name, const Tensor& x) {
    Pass pass;
    const torch::NoGradGuard no_grad;
    return training.trainer.networks().at(name)->forward(x, {}, pass);
  };
  const auto found = network("inferer", network("generator", z));
  for (int64_t i = 0; i < 6; ++i) {
    const auto a = found.select(1, i) - found.select(1, i).mean(), b = z.select(1, i) - z.select(1, i).mean();
    EXPECT_GT(((a * b).sum() / (a.norm() * b.norm())).item<double>(), 0.9) << i;
  }
}

TEST(Inferer, ChangesNothingOfTheGameBesideIt) {
  Training with(with_inferer()), without(tiny(kLinear));
  with.rounds(5), without.rounds(5);
  for (const char* name : {"generator", "discriminator"})
    EXPECT_TRUE(torch::equal(with.weights(name), without.weights(name))) << name;
}

TEST(Inferer, GoesOnAfterAResumeToTheBit) {
  const auto recipe = with_inferer();
  Training training(recipe);
  training.rounds(3);
  expect_goes_on(training, recipe);
}

}  // namespace
}  // namespace duet
