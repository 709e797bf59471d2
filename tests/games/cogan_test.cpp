// Coupled GANs: two domains by one z.
#include "tests/games/judged.h"
#include "tests/games/tiny_domains.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

Recipe tiny_cogan(const std::vector<std::string>& overrides = {}) {
  return tiny(tiny_domains("[game]\nkind = 'cogan'\ngenerator_shared = 5\ndiscriminator_shared = 4\n"
                           "[network.generator_shared]\nkind = 'layers'\nlayers = ['dense(5)', 'relu']\n"
                           "[network.discriminator_shared]\nkind = 'layers'\nlayers = ['dense(1)']\n")
                  .c_str(),
              overrides);
}

TEST(Cogan, KeepsOneCopyOfTheLayersThatBothDomainsShare) {
  const auto recipe = tiny_cogan();
  Training training(recipe);
  const auto names = [&] {
    std::set<std::string> all;
    for (const auto& [name, network] : training.trainer.networks()) all.insert(name);
    return all;
  }();
  EXPECT_EQ(names, (std::set<std::string>{"discriminator_b", "discriminator_shared", "discriminator_x", "generator_b",
                                          "generator_shared", "generator_x"}));
  training.rounds(4);
  expect_goes_on(training, recipe);
}

/// The game on networks of one weight each, which the test can see the gradients of.
class CoganTurn : public testing::Test {
 protected:
  /// Gradients of a player's loss in the weights.
  std::map<std::string, double> gradients(const std::string& player, const std::vector<std::string>& keys) {
    std::vector<std::string> overrides = {"game.kind=cogan", "game.generator_shared=1", "game.discriminator_shared=1"};
    overrides.insert(overrides.end(), keys.begin(), keys.end());
    const auto game = make_game(parse_recipe("", "toy", overrides, catalogues()).game);
    Turn turn;
    turn.noise = make_generator(1);
    turn.given = {{"x", one({1, 2})}, {"b", one({-1, 3})}, {"z", one({0.5, -2})}};
    std::map<std::string, Tensor> weights;
    double value = 0.3;
    for (const char* name : {"discriminator_x", "discriminator_b", "discriminator_shared", "generator_shared",
                             "generator_x", "generator_b"}) {
      const auto weight = weights[name] = torch::tensor(value += 0.2, torch::kFloat64).requires_grad_();
      turn.nets[name] = made_up([weight](const Tensor& x, const Tensor&) { return (weight * x).flatten(); });
    }
    game->loss(player, turn).total().backward();
    std::map<std::string, double> found;
    for (const auto& [name, weight] : weights) found[name] = weight.grad().item<double>();
    return found;
  }
  static Tensor one(const std::vector<double>& values) {
    return torch::tensor(at::ArrayRef<double>(values), torch::kFloat64).view({-1, 1});
  }
};

TEST_F(CoganTurn, HalvesTheGradientsOfSharedLayersAndOfNoOthers) {
  for (const char* player : {"discriminator", "generator"}) {
    const auto sum = gradients(player, {"game.average=false"}), mean = gradients(player, {});
    for (const auto& [name, gradient] : sum) {
      EXPECT_NE(gradient, 0) << name;
      const bool shared = name.ends_with("_shared");
      // What passes through the other player's shared layers is not changed on the way.
      EXPECT_NEAR(mean.at(name), shared ? gradient / 2 : gradient, 1e-12) << player << "'s loss in " << name;
    }
  }
}

TEST(Cogan, MakesBothDomainsOfOneZ) {
  const auto recipe = tiny_cogan();
  Training training(recipe);
  training.rounds(3);
  Sampler sampler(recipe, training.data.facts);
  sampler.load(training.trainer);
  const auto views = sampler.views({.count = 6, .seed = 2});
  ASSERT_EQ(views.size(), 2u);
  EXPECT_EQ(views[0].like, "x");
  EXPECT_EQ(views[1].like, "b");
  EXPECT_TRUE(torch::equal(views[0].stored, sampler.sample({.count = 6, .seed = 2})));
  EXPECT_FALSE(torch::equal(views[1].stored, views[0].stored));
  EXPECT_TRUE(torch::equal(sampler.views({.count = 3, .seed = 2}, 2)[1].stored, views[1].stored.narrow(0, 2, 3)));
}

}  // namespace
}  // namespace duet
