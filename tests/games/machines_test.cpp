// Machines of binary units, held against sums over all their states: the restricted Boltzmann machine and the Helmholtz
// machine.
#include "duet/games/binary.h"
#include "tests/games/judged.h"
#include "tests/games/tiny_bits.h"
#include "tests/gradient.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kRbm = R"toml(
[game]
kind = "rbm"
hidden = 4
[network.visible]
kind = "layers"
layers = ["dense(6)"]
init = "normal(0.1)"
[network.hidden]
kind = "layers"
layers = ["dense(1, bias=false)"]
init = "normal(0.1)"
[player.machine]
optimizer = "sgd"
lr = {shape = "linear", from = 0.4, to = 0, end = 32}
)toml";

/// The weights of a 6-4 machine.
struct Weights64 {
  Tensor w, visible, hidden;  // [6,4], [6], [4]
  explicit Weights64(Training& training) {
    const auto all = training.weights("visible").clone();
    w = all.narrow(0, 0, 24).view({6, 4}), visible = all.narrow(0, 24, 6);
    hidden = training.weights("hidden").clone();
  }
  Tensor free_energy(const Tensor& v) const { return -v.mv(visible) - torch::softplus(v.mm(w) + hidden).sum(1); }
  Tensor log_partition() const { return torch::logsumexp(-free_energy(all_bits(6)), 0); }
  double log_likelihood() const { return -(free_energy(Bars::examples()).mean() + log_partition()).item<double>(); }
};

double after(const Bars& bars, int rounds, const std::vector<std::string>& keys, uint64_t seed) {
  auto all = keys;
  all.push_back(fmt::format("seed={}", seed));
  Training training(bars.recipe(kRbm, all));
  training.rounds(rounds);
  return Weights64(training).log_likelihood();
}

TEST(Rbm, RaisesTheExactLikelihoodOfBarsAndPersistentChainsAtLeastAsMuch) {
  const Bars bars;
  double cd = 0, persistent = 0;
  for (const uint64_t seed : {1, 2, 3}) {
    const auto begun = after(bars, 0, {}, seed);
    const auto one = after(bars, 1000, {}, seed), chains = after(bars, 1000, {"game.chains=100"}, seed);
    EXPECT_GT(one, begun + 1) << seed;
    cd += one / 3, persistent += chains / 3;
  }
  EXPECT_LE(cd, std::log(1 / 8.0));
  EXPECT_GE(persistent, cd);
}

TEST(Rbm, LearnsBothBiases) {
  const Bars bars;
  Training training(bars.recipe(kRbm));
  const Weights64 begun(training);
  training.rounds(20);
  const Weights64 now(training);
  for (const auto& [a, b] : {std::pair(begun.visible, now.visible), std::pair(begun.hidden, now.hidden)})
    EXPECT_GT((a - b).abs().max().item<double>(), 1e-3);
}

/// A game and its networks, of which the gradient is taken without a trainer.
struct Still {
  explicit Still(const Recipe& recipe) : training(recipe), game(make_game(recipe.game)) {
    auto draw = make_generator(8);
    for (const auto& [name, network] : training.trainer.networks()) {
      Tensor(training.weights(name)).normal_(0, 0.5, draw);
      network->requires_grad(true);
      turn.nets[name] =
          net_of(*network, training.trainer.spec().network(name), [] { return Pass{.training = true, .noise = {}}; });
    }
    turn.given["x"] = Bars::examples();
    turn.noise = make_generator(9);
  }
  std::vector<Tensor> parameters(const std::vector<std::string>& networks) const {
    std::vector<Tensor> all;
    for (const auto& name : networks)
      for (const auto& [part, value] : training.trainer.networks().at(name)->parameters()) all.push_back(value);
    return all;
  }
  Tensor gradient(const Tensor& of, const std::vector<std::string>& networks) const {
    std::vector<Tensor> flat;
    for (const auto& part : torch::autograd::grad({of}, parameters(networks), {}, /*retain_graph=*/true))
      flat.push_back(part.flatten());
    return torch::cat(flat);
  }
  Training training;
  std::unique_ptr<Game> game;
  Turn turn;
};

TEST(Rbm, HasAFreeEnergyWithTheValueAndTheGradientOfTheSumOverAllHiddenUnits) {
  const Bars bars;
  Still still(bars.recipe(kRbm));
  const auto term = [&] { return still.game->loss("machine", still.turn).terms.at(0).value; };
  const auto exact = Weights64(still.training).free_energy(Bars::examples()).mean();
  EXPECT_NEAR(term().item<double>(), exact.item<double>(), 1e-12);
  EXPECT_TRUE(check_gradients(term, still.parameters({"visible", "hidden"})));
}

TEST(Rbm, OfLongChainsHasTheGradientOfTheLikelihood) {
  const Bars bars;
  Still still(bars.recipe(kRbm, {"game.steps=40"}));
  const std::vector<std::string> both{"visible", "hidden"};
  still.turn.given["x"] = Bars::examples().repeat({8, 1});
  // Exactly: the free energy of the examples less its mean over what the machine makes.
  const auto p = still.parameters(both);  // W [6,4], the visible biases [6], the hidden ones [1,4]
  const auto energy = [&](const Tensor& v) {
    return -v.mv(p[1]) - torch::softplus(v.mm(p[0]) + p[2].flatten()).sum(1);
  };
  const auto log_likelihood = -energy(Bars::examples()).mean() - torch::logsumexp(-energy(all_bits(6)), 0);
  const auto exact = still.gradient(-log_likelihood, both);
  std::vector<Tensor> drawn;
  for (int i = 0; i < 100; ++i) drawn.push_back(still.gradient(still.game->loss("machine", still.turn).total(), both));
  const auto all = torch::stack(drawn), error = all.std(0) / std::sqrt(100.0);
  // 34 numbers: one of them is beyond three standard errors about once in ten tries, beyond four once in 500.
  const auto off = ((all.mean(0) - exact).abs() / error);
  EXPECT_LT(off.max().item<double>(), 4);
  EXPECT_LT(off.square().mean().item<double>(), 2);
  EXPECT_LT(error.max().item<double>(), 0.3 * exact.abs().max().item<double>()) << "so that it means something";
}

/// A machine whose every Gibbs step moves the bits one place on, with certainty: h becomes v, and v becomes h, moved.
struct Shifting {
  Shifting(const std::vector<std::string>& keys) : game(make_game(tiny(kRbm, keys).game)) {
    turn.nets["hidden"] = made_up([this](const Tensor& h, const Tensor&) {
      last_h = h.detach();
      return -100 * h.sum(1);
    });
    turn.nets["visible"] = made_up([this](const Tensor& h, const Tensor&) {
      ++calls;
      return 100 * (2 * torch::roll(h.detach(), 1, 1) - 1) + 200 * (h - h.detach());  // h's logits are 200 v - 100
    });
    turn.given["x"] = torch::tensor({{1., 0., 0., 1., 1., 0.}}, torch::kFloat64);
    turn.noise = make_generator(1);
  }
  std::unique_ptr<Game> game;
  Turn turn;
  Tensor last_h;
  int64_t calls = 0;
};

// The seed's loop began every step at the examples again, and ignored the biases (here the -100).
TEST(Rbm, MakesItsStepsOneAfterTheOther) {
  for (const int64_t steps : {1, 3, 5}) {
    Shifting machine({fmt::format("game.steps={}", steps), "game.hidden=6"});
    machine.game->loss("machine", machine.turn);
    // The last thing that is done is to take the free energy of what was dreamt, at the h of that v.
    EXPECT_TRUE(torch::allclose(machine.last_h, torch::roll(machine.turn.x(), steps, 1))) << steps;
    EXPECT_EQ(machine.calls, 2 * steps + 4) << "every v and h of a step, and two for each free energy";
    Shifting chains({fmt::format("game.steps={}", steps), "game.hidden=6", "game.chains=2"});
    auto chain = chains.game->state().at(0).second;
    chain[0][2] = 1, chain[1][4] = 1;
    const auto begun = chain.clone();
    chains.game->moved("machine", chains.turn, {});
    EXPECT_TRUE(torch::equal(chain, torch::roll(begun, steps, 1))) << steps;
    EXPECT_EQ(chains.calls, 2 * steps);
  }
}

TEST(Rbm, GoesOnWithItsChainsAfterAResumeToTheBit) {
  const Bars bars;
  const auto recipe = bars.recipe(kRbm, {"game.chains=8", "game.steps=3"});
  Training training(recipe);
  training.rounds(4);
  const auto chain = training.trainer.save().tensors.at("game/chain").clone();
  EXPECT_EQ(chain.sizes(), (std::vector<int64_t>{8, 4}));
  EXPECT_GT(chain.sum().item<double>(), 0);
  expect_goes_on(training, recipe);
  EXPECT_FALSE(torch::equal(training.trainer.save().tensors.at("game/chain"), chain));
}

TEST(Rbm, MakesSamplesOfItsDistribution) {
  const Bars bars;
  const auto recipe = bars.recipe(kRbm, {"game.sample_steps=30"});
  Still still(recipe);
  Sampler sampler(recipe, still.training.data.facts);
  sampler.load(still.training.trainer);
  const int64_t n = 1000;
  const auto probabilities = sampler.sample_values({.count = n, .seed = 3}).to(torch::kFloat64);
  EXPECT_TRUE(torch::equal(sampler.sample_values({.count = 10, .seed = 3}, 7),
                           probabilities.narrow(0, 7, 10).to(torch::kFloat32)));
  const auto model = torch::softmax(-Weights64(still.training).free_energy(all_bits(6)), 0);
  const auto expected = (model.unsqueeze(1) * all_bits(6)).sum(0);
  // Means of what lies in 0..1 have standard errors of at most 1 / (2 sqrt(n)).
  EXPECT_LT((probabilities.mean(0) - expected).abs().max().item<double>(), 4 * 0.5 / std::sqrt(n));
  // And not only of each number alone: of every pair.
  const auto pairs = probabilities.t().mm(probabilities) / static_cast<double>(n);
  const auto hidden = all_bits(4);
  const Weights64 w(still.training);
  const auto given = torch::sigmoid(hidden.mm(w.w.t()) + w.visible);
  const auto of_hidden =
      torch::softmax(hidden.mv(w.hidden) + torch::softplus(hidden.mm(w.w.t()) + w.visible).sum(1), 0);
  EXPECT_LT((pairs - given.t().mm(of_hidden.unsqueeze(1) * given)).abs().max().item<double>(), 5 * 0.5 / std::sqrt(n));
}

TEST(Rbm, StaysFiniteWithEnergiesOfTenThousand) {
  const Bars bars;
  Still still(bars.recipe(kRbm));
  for (const char* name : {"visible", "hidden"}) Tensor(still.training.weights(name)).mul_(1e4);
  const auto loss = still.game->loss("machine", still.turn);
  EXPECT_TRUE(std::isfinite(loss.total().item<double>()));
  EXPECT_TRUE(torch::isfinite(still.gradient(loss.total(), {"visible", "hidden"})).all().item<bool>());
}

TEST(Rbm, RefusesPicturesWhoseMiddleIsNotAHalf) {
  EXPECT_EQ(
      error_of(
          [] {
            Training training(
                tiny(kRbm, {"data.spec=bars", "network.visible={kind='layers', layers=['dense(64)','reshape(1,8)']}"}));
          },
          Fault::recipe),
      "[data]: range = \"-1..1\"; game \"rbm\" takes pixels above 0.5 for 1 and others for 0; expected range = "
      "\"0..1\"");
}

constexpr const char* kHelmholtz = R"toml(
[game]
kind = "helmholtz"
hidden = [4]
[network.generative]
kind = "mlp"
widths = []
init = "normal(0.1)"
[network.recognition]
kind = "mlp"
widths = []
init = "normal(0.1)"
[network.prior]
kind = "layers"
layers = ["dense(4, bias=false)"]
init = "normal(0.1)"
[player.generative]
optimizer = "sgd"
lr = 0.1
[player.recognition]
optimizer = "sgd"
lr = 0.1
)toml";

/// log p(x, h) of every example, a row each, with every h, a column each, and log q(h | x).
struct Joint {
  Tensor p, q;
  explicit Joint(Training& training) {
    const auto x = Bars::examples(), h = all_bits(4);
    const auto part = [&](const std::string& name, int64_t from, std::vector<int64_t> sizes) {
      int64_t count = 1;
      for (const auto size : sizes) count *= size;
      return training.weights(name).clone().narrow(0, from, count).view(sizes);
    };
    const auto logits = h.mm(part("generative_1", 0, {6, 4}).t()) + part("generative_1", 24, {6});
    const auto prior = part("prior", 0, {4});
    p = x.mm(logits.t()) - torch::softplus(logits).sum(1) + h.mv(prior) - torch::softplus(prior).sum();
    const auto guess = x.mm(part("recognition_1", 0, {4, 6}).t()) + part("recognition_1", 24, {4});
    q = guess.mm(h.t()) - torch::softplus(guess).sum(1, true);
  }
  double log_likelihood() const { return torch::logsumexp(p, 1).mean().item<double>(); }
  double free_energy() const { return (q.exp() * (q - p)).sum(1).mean().item<double>(); }
};

TEST(Helmholtz, RaisesTheExactLikelihoodOfBarsInFiveThousandUpdates) {
  const Bars bars;
  Training training(bars.recipe(kHelmholtz));
  const double begun = Joint(training).log_likelihood();
  training.rounds(5000);
  const Joint joint(training);
  EXPECT_GT(joint.log_likelihood(), begun + 0.7);
  EXPECT_LE(joint.log_likelihood(), std::log(1 / 8.0));
  EXPECT_GE(joint.free_energy(), -joint.log_likelihood()) << "the free energy is an upper bound";
}

TEST(Helmholtz, HasTheExpectedLossesOfTheSumsOverAllStates) {
  const Bars bars;
  Still still(bars.recipe(kHelmholtz));
  const Joint joint(still.training);
  double wake = 0, bound = 0;
  const int n = 2000;
  for (int i = 0; i < n; ++i) {
    const auto loss = still.game->loss("generative", still.turn);
    wake += loss.terms.at(0).value.item<double>() / n, bound += loss.watched.at(0).value.item<double>() / n;
  }
  EXPECT_NEAR(bound, joint.free_energy(), 0.05);
  EXPECT_NEAR(wake, -(joint.q.exp() * joint.p).sum(1).mean().item<double>(), 0.05);
}

// The seed's sleep phase took the outer product of one example with the whole batch, and stopped at its first update.
TEST(Helmholtz, TeachesRecognitionEachDreamByItself) {
  const Bars bars;
  Still still(bars.recipe(kHelmholtz));
  // Certain pixels, of logits of at least 25, so that the dreams are the same whoever is beside them.
  const auto weights = still.training.weights("generative_1");
  weights.sign_().narrow(0, 0, 24).mul_(50), weights.narrow(0, 24, 6).mul_(25);
  const auto uniform = torch::rand({5, 4}, make_generator(4), torch::kFloat64);
  still.turn.given["x"] = Bars::examples().narrow(0, 0, 5);
  const auto gradient_of = [&](int64_t first, int64_t count) {
    still.turn.given["dream"] = uniform.narrow(0, first, count);
    still.turn.noise = make_generator(6);
    return still.gradient(still.game->loss("recognition", still.turn).total(), {"recognition_1"});
  };
  const auto together = gradient_of(0, 5);
  Tensor apart = torch::zeros_like(together);
  for (int64_t i = 0; i < 5; ++i) apart += gradient_of(i, 1) / 5;
  EXPECT_LT((together - apart).abs().max().item<double>(), 1e-9);
  EXPECT_TRUE(check_gradients(
      [&] {
        still.turn.noise = make_generator(6);
        return still.game->loss("recognition", still.turn).total();
      },
      still.parameters({"recognition_1"})));
}

TEST(Helmholtz, MayBeADeepStackThatSamplesAndGoesOnAfterAResumeToTheBit) {
  const Bars bars;
  const auto recipe = bars.recipe(kHelmholtz, {"game.hidden=[5, 3, 4]"});
  Training training(recipe);
  training.rounds(5);
  EXPECT_EQ(training.trainer.networks().size(), 7u);
  expect_goes_on(training, recipe);
  Sampler sampler(recipe, training.data.facts);
  sampler.load(training.trainer);
  const auto samples = sampler.sample_values({.count = 20, .seed = 1});
  EXPECT_EQ(samples.sizes(), (std::vector<int64_t>{20, 6}));
  EXPECT_GT(samples.min().item<double>(), 0);
  EXPECT_LT(samples.max().item<double>(), 1);
  EXPECT_GT(samples.std(0).min().item<double>(), 0) << "every sample is a dream of its own";
}

TEST(Helmholtz, NeedsAHiddenLayer) {
  const Bars bars;
  EXPECT_EQ(error_of([&] { Training training(bars.recipe(kHelmholtz, {"game.hidden=[]"})); }, Fault::recipe),
            "game.hidden = []; expected the units of at least one hidden layer, such as [36]");
}

}  // namespace
}  // namespace duet
