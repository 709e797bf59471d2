// What a network reads beside its input, and what it can be that reads or learns nothing.
#include "tests/nn/families.h"

namespace duet {
namespace {

NetworkContext context(const Shape& input, const Shape& output, const std::map<std::string, Shape>& with = {}) {
  return {.name = "critic", .input = input, .output = output, .with = with};
}

std::string quoted(const std::vector<std::string>& list) {
  return fmt::format("layers = ['{}']", fmt::join(list, "', '"));
}

Tensor forward(const Network& network, const Tensor& x, const Named& with = {}) {
  Pass pass{.training = true, .noise = make_generator(5)};
  return network.forward(x, with, pass);
}

Tensor drawn(torch::IntArrayRef sizes, uint64_t seed = 1) {
  return torch::empty(sizes).normal_(0, 1, make_generator(seed));
}

TEST(FurtherInputs, OfOneNumberPerExampleMayComeAsARowOrAColumn) {
  const auto share = drawn({4}, 2);
  struct Row {
    Shape input, output;
    std::vector<std::string> list;
    std::function<Tensor(const Tensor& x, const Tensor& share)> expected;
  };
  const auto at = [](const Tensor& s, const Tensor& x) {
    return x.dim() == 4 ? s.view({-1, 1, 1, 1}) : s.view({-1, 1});
  };
  for (const auto& [input, output, list, expected] : std::vector<Row>{
           {{3}, {4}, {"concat(share)"}, [&](auto& x, auto& s) { return torch::cat({x, at(s, x)}, 1); }},
           {{2, 3, 3},
            {3, 3, 3},
            {"concat(share)"},
            [&](auto& x, auto& s) { return torch::cat({x, at(s, x).expand({-1, 1, 3, 3})}, 1); }},
           {{1}, {1}, {"add(share)"}, [&](auto& x, auto& s) { return (x + at(s, x)).view({4}); }},
           {{1, 3, 3}, {1, 3, 3}, {"add(share)"}, [&](auto& x, auto& s) { return x + at(s, x); }},
           {{3}, {1}, {"take(share)"}, [&](auto&, auto& s) { return s; }},
           {{3}, {4}, {"take(share)", "concat(x)"}, [&](auto& x, auto& s) { return torch::cat({at(s, x), x}, 1); }},
           {{1},
            {1},
            {"mark(a)", "take(share)", "mark(scale)", "concat(scale)", "mark(style)", "take(a)", "modulate(style)"},
            [&](auto& x, auto& s) { return (x * (1 + at(s, x)) + at(s, x)).view({4}); }}}) {
    SCOPED_TRACE(fmt::format("{}", fmt::join(list, " ")));
    const auto network = made_of("layers", quoted(list), context(input, output, {{"share", {1}}}));
    const auto x =
        input.is_vector() ? drawn({4, input.channels}) : drawn({4, input.channels, input.height, input.width});
    const auto row = forward(network, x, {{"share", share}});
    EXPECT_TRUE(torch::equal(row, expected(x, share)));
    EXPECT_TRUE(torch::equal(forward(network, x, {{"share", share.view({4, 1})}}), row));
  }
}

TEST(FurtherInputs, MayBeWhatTheNetworkIsGivenItself) {
  // One number per example, which another network has made.
  const auto network = made_of("layers", "layers = ['dense(3)', 'concat(x)']", context({1}, {4}));
  const auto x = drawn({5});
  EXPECT_TRUE(torch::equal(forward(network, x), forward(network, x.view({5, 1}))));
}

TEST(FurtherInputs, AreRefusedWhereNoLayerReadsThem) {
  const std::map<std::string, Shape> code{{"code", {3}}}, picture{{"other", {1, 8, 8}}}, small{{"other", {1, 4, 4}}};
  EXPECT_EQ(refusal_of("mlp", "", context({2}, {1}, code)),
            "[network.critic]: none of its layers reads 'code' (3), which the game gives it beside its input; expected "
            "one that does, such as concat(code) in its list of layers (kind = \"layers\")");
  EXPECT_EQ(refusal_of("layers", "layers = ['conv(1, kernel=8)']", context({1, 8, 8}, {1}, picture)),
            "[network.critic]: none of its layers reads 'other' (1x8x8), which the game gives it beside its input; "
            "expected one that does, such as concat(other) in its list of layers (kind = \"layers\")");
  EXPECT_EQ(refusal_of("layers", "layers = ['conv(1, kernel=8)']", context({1, 8, 8}, {1}, small)),
            "[network.critic]: none of its layers reads 'other' (1x4x4), which the game gives it beside its input; "
            "expected one that does, such as take(other) in its list of layers (kind = \"layers\")");
  EXPECT_EQ(refusal_of("mlp", "", context({2}, {1}, {{"label", {3}}})), "(accepted)");
  EXPECT_EQ(refusal_of("layers", "layers = ['concat(code)', 'dense(1)']", context({2}, {1}, code)), "(accepted)");
  // One whose weights are there already is taken as it is.
  auto trained = context({2}, {1}, code);
  trained.trained = true;
  EXPECT_EQ(refusal_of("mlp", "", trained), "(accepted)");
}

TEST(FurtherInputs, OfAnotherSizeThanTheGameSaidAreTold) {
  const auto network = made_of("layers", "layers = ['concat(code)', 'dense(1)']", context({2}, {1}, {{"code", {3}}}));
  try {
    forward(network, drawn({4, 2}), {{"code", drawn({4, 5})}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::internal);
    EXPECT_STREQ(error.what(), "network 'critic': its input 'code' is 4 x 5, expected N x 3");
  }
}

TEST(PlainNetwork, WithoutLayersGivesItsInput) {
  const auto x = drawn({4, 2}), pictures = drawn({4, 1, 3, 3});
  const auto identity = made_of("layers", "layers = []", context({2}, {2}));
  EXPECT_TRUE(torch::equal(forward(identity, x), x));
  EXPECT_TRUE(identity.parameters().empty());
  EXPECT_TRUE(
      torch::equal(forward(made_of("layers", "layers = []", context({1, 3, 3}, {1, 3, 3})), pictures), pictures));
  EXPECT_TRUE(
      torch::equal(forward(made_of("layers", "layers = []", context({1, 3, 3}, {9})), pictures), pictures.flatten(1)));
  EXPECT_TRUE(torch::equal(forward(made_of("layers", "layers = ['flatten']", context({1, 3, 3}, {9})), pictures),
                           pictures.flatten(1)));
  EXPECT_TRUE(torch::equal(forward(made_of("layers", "layers = []", context({1}, {1})), drawn({4, 1})),
                           drawn({4, 1}).view({4})));
  Pass pass;
  EXPECT_TRUE(torch::equal(identity.features(x, {}, pass), x));
  EXPECT_EQ(refusal_of("layers", "layers = []", context({2}, {1})),
            "[network.critic]: it has no layers, so it gives its input, 2, expected 1; list some: layers = [...]");
}

TEST(NetworkOutput, HasTheShapeThatTheGameSays) {
  const std::string patches =
      "layers = ['conv(8, kernel=4, stride=2, padding=1)', 'leaky_relu(0.2)', 'conv(1, kernel=4, stride=2, "
      "padding=1)']";
  const std::string autoencoder =
      "layers = ['conv(8, kernel=4, stride=2, padding=1)', 'relu', 'conv_transpose(3, kernel=4, padding=1)']";
  struct Row {
    std::string family, toml;
    Shape input, output;
  };
  for (const auto& [family, toml, input, output] :
       std::vector<Row>{{"mlp", "", {100}, {11}},
                        {"mlp", "", {1, 8, 8}, {11}},
                        {"mlp", "", {5}, {2, 3, 4}},
                        {"dcgan", "width = 4", {3, 32, 32}, {11}},
                        {"dcgan", "width = 4", {3, 32, 32}, {1}},
                        {"resnet", "width = 4", {3, 32, 32}, {11}},
                        {"unet", "width = 4", {1, 16, 16}, {3, 16, 16}},
                        {"layers", patches, {3, 16, 16}, {1, 4, 4}},
                        {"layers", autoencoder, {3, 16, 16}, {3, 16, 16}},
                        {"layers", "layers = ['conv(11, kernel=16)']", {3, 16, 16}, {11}},
                        {"layers", "layers = ['dense(12)']", {3, 16, 16}, {12}}}) {
    SCOPED_TRACE(fmt::format("{} {} -> {}", family, to_string(input), to_string(output)));
    const auto network = made_of(family, toml, context(input, output));
    const auto x =
        input.is_vector() ? drawn({3, input.channels}) : drawn({3, input.channels, input.height, input.width});
    const auto y = forward(network, x);
    const auto sizes = output.numel() == 1  ? std::vector<int64_t>{3}
                       : output.is_vector() ? std::vector<int64_t>{3, output.channels}
                                            : std::vector<int64_t>{3, output.channels, output.height, output.width};
    EXPECT_EQ(y.sizes().vec(), sizes);
  }
}

TEST(NetworkOutput, ThatAFamilyDoesNotMakeIsRefused) {
  EXPECT_EQ(refusal_of("dcgan", "", context({3, 32, 32}, {1, 4, 4})),
            "[network.critic]: kind = \"dcgan\" makes pictures of numbers, or numbers of pictures, here 3x32x32 become "
            "1x4x4; use kind = \"layers\", or \"unet\" for pictures of the same size");
  EXPECT_EQ(refusal_of("layers", "layers = ['conv(1, kernel=4, stride=2)']", context({3, 32, 32}, {1, 4, 4})),
            "[network.critic]: its last layer gives 1x15x15, expected 1x4x4; --dry-run shows every layer's shape");
  EXPECT_EQ(refusal_of("layers", "layers = ['dense(12)']", context({5}, {11})),
            "[network.critic]: its last layer gives 12, expected 11; --dry-run shows every layer's shape");
}

TEST(NetworkOutput, OfSeveralHeadsIsCutFromOneTensorOrJoined) {
  const auto x = drawn({4, 6});
  // Two heads of one tensor: a logit, and ten classes as shares.
  const auto heads = made_of("layers",
                             "layers = ['dense(11)', 'mark(all)', 'slice(1)', 'softmax', 'mark(classes)', 'take(all)', "
                             "'slice(0, 1)', 'concat(classes)']",
                             context({6}, {11}));
  const auto y = forward(heads, x);
  const auto all = torch::linear(x, heads.parameters()[0].value, heads.parameters()[1].value);
  EXPECT_LT((y.narrow(1, 0, 1) - all.narrow(1, 0, 1)).abs().max().item<double>(), 1e-6);
  EXPECT_LT((y.narrow(1, 1, 10) - torch::softmax(all.narrow(1, 1, 10), 1)).abs().max().item<double>(), 1e-6);
}

TEST(Turns, NameAPlayerOfTheGame) {
  auto at = context({4}, {1});
  const auto toml = "layers = ['dropout(0.5, turns=discriminater)', 'dense(1)']";
  EXPECT_EQ(refusal_of("layers", toml, at), "(accepted)") << "where the players are not known";
  at.players = {"generator", "discriminator"};
  EXPECT_EQ(refusal_of("layers", toml, at),
            "[network.critic] layer 0: 'dropout(0.5, turns=discriminater)': the game has no player 'discriminater'; "
            "expected one of generator, discriminator; did you mean 'discriminator'?");
  EXPECT_FALSE(made_of("layers", "layers = ['dropout(0.5)', 'dense(1)']", at).varies_by_turn());
  EXPECT_TRUE(made_of("layers", "layers = ['dropout(0.5, turns=generator)', 'dense(1)']", at).varies_by_turn());
}

}  // namespace
}  // namespace duet
