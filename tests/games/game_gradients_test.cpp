// The gradients of every player's loss in all weights and all inputs, against differences. Penalties hold the examples
// fixed, so with them only the player's own weights are compared.
#include "tests/games/in_double.h"
#include "tests/gradient.h"

namespace duet {
namespace {

constexpr const char* kGenerator = R"toml(
[latent]
size = 2
[network.generator]
kind = "layers"
layers = ["dense(3)", "tanh", "dense(2)"]
)toml";
constexpr const char* kDiscriminator = R"toml(
[network.discriminator]
kind = "layers"
layers = ["dense(3)", "prelu", "dense(HEADS)"]
)toml";
constexpr const char* kEncoder = R"toml(
[network.encoder]
kind = "layers"
layers = ["dense(3)", "tanh", "dense(2)"]
)toml";

std::string discriminator(int heads) {
  std::string text = kDiscriminator;
  return text.replace(text.find("HEADS"), 5, std::to_string(heads));
}

void expect_gradients(const std::vector<std::string>& parts, bool penalised = false) {
  const auto text = fmt::format("{}", fmt::join(parts, "\n"));
  auto facts = points_of_three_classes();
  facts.streams["labelled"] = points_of_three_classes();
  InDouble on(text, facts);
  for (const auto& player : on.spec.players) {
    const auto loss = [&] {
      on.turn.noise = make_generator(3);  // the same draws each time
      return on.loss(player.name).total();
    };
    EXPECT_TRUE(check_gradients(loss, penalised ? on.weights(player) : on.inputs())) << player.name << "'s loss in\n"
                                                                                     << text;
  }
}

TEST(GameGradients, OfInfogan) {
  const std::string q = "[network.q]\nkind = 'layers'\nlayers = ['dense(3)', 'tanh', 'dense(9)']\n";
  expect_gradients({"[game]\nkind = 'infogan'\ncodes = [3, 2]\nnumbers = 2\n", kGenerator, discriminator(1), q});
  expect_gradients({"[game]\nkind = 'infogan'\ncodes = [3]\nnumbers = 1\nq = 'shared'\nlecam = 0.1\n", kGenerator,
                    discriminator(6)});
}

TEST(GameGradients, OfAcganWithTheSlopeOfPrelu) {
  expect_gradients({"[game]\nkind = 'acgan'\nlecam = 0.1\n", kGenerator, discriminator(4)});
  expect_gradients({"[game]\nkind = 'acgan'\nr1 = 0.5\n", kGenerator, discriminator(4)}, /*penalised=*/true);
}

TEST(GameGradients, OfBiganWithPenaltiesOnPairs) {
  auto pairs = discriminator(1);
  pairs.insert(pairs.find("\"dense"), "\"concat(code)\", ");
  expect_gradients(
      {"[game]\nkind = 'bigan'\nobjective = 'wgan'\nwgan_gp = 1\nr2 = 1\nlecam = 1\n", kGenerator, kEncoder, pairs},
      /*penalised=*/true);
}

TEST(GameGradients, OfModeRegularisedInOneStepAndInTwo) {
  const std::string keys = "[game]\nkind = 'mode_regularised'\ndistance = 0.3\njudged = 0.2\n";
  expect_gradients({keys, "literal = true\n", kGenerator, kEncoder, discriminator(1)});
  expect_gradients({keys, "steps = 'manifold_diffusion'\n", kGenerator, kEncoder, discriminator(1),
                    "[network.diffusion]\nkind = 'layers'\nlayers = ['dense(3)', 'tanh', 'dense(1)']\n"});
}

TEST(GameGradients, OfSemiSupervised) {
  expect_gradients({"[game]\nkind = 'semi_supervised'\nfeatures = 3\nadversarial = 0.3\n", kGenerator,
                    "[stream.labelled]\n[network.features]\nkind = 'layers'\nlayers = ['dense(3)', 'tanh']\n"
                    "[network.classes]\nkind = 'layers'\nlayers = ['dense(3)']\n"});
}

}  // namespace
}  // namespace duet
