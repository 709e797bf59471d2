#include <cmath>
#include <numbers>

#include "duet/train/pictures.h"
#include "tests/games/in_double.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kKeys = R"toml(
batch = 16
seed = 3
[data]
spec = "ring"
[latent]
size = 2
[game]
kind = "infogan"
codes = [3]
numbers = 1
[network.generator]
kind = "mlp"
widths = [8]
[network.discriminator]
kind = "mlp"
widths = [8]
)toml";
const std::string kOwn = std::string(kKeys) + "[network.q]\nkind = 'mlp'\nwidths = [8]\n";

Net giving(const Tensor& said) {
  return Net([said](const Tensor&, const Named&, int64_t) { return said; });
}

double value(const Tensor& x) { return x.item<double>(); }

TEST(Infogan, AsksForTheCodesCrossEntropyAndTheNumbersGaussianLikelihood) {
  InDouble on(kOwn, points_of_three_classes());
  const auto code = torch::eye(3, torch::kFloat64);
  on.turn.given["code"] = code;
  on.turn.given["numbers"] = torch::tensor({0.5, -0.25, 1.0}, torch::kFloat64).view({3, 1});
  // Logits of three classes, then mean and log deviation of the number.
  on.turn.nets["q"] = giving(torch::tensor(
      {{2.0, 0.0, 0.0, 0.5, 0.0}, {0.0, 0.0, 0.0, 0.0, 1.0}, {0.0, 1.0, 1.0, 0.0, -1.0}}, torch::kFloat64));
  const auto loss = on.loss("generator");
  const double of_code = (std::log(1 + 2 * std::exp(-2)) + std::log(3) + std::log(2 + std::exp(-1))) / 3;
  EXPECT_NEAR(value(named(loss, "code")), of_code, 1e-12);
  EXPECT_NEAR(value(named(loss, "code_information")), std::log(3) - of_code, 1e-12);
  double of_number = 0.5 * std::log(2 * std::numbers::pi);
  const double deviation = 4 * std::tanh(0.25);
  of_number += (0 + 0.5 * std::pow(-0.25 * std::exp(-deviation), 2) + deviation +
                0.5 * std::pow(std::exp(deviation), 2) - deviation) /
               3;
  EXPECT_NEAR(value(named(loss, "numbers")), of_number, 1e-12);
  EXPECT_NEAR(value(named(loss, "number_information")), std::log(2) - of_number, 1e-12);
}

TEST(Infogan, StaysFiniteWhateverQSays) {
  InDouble on(kOwn, points_of_three_classes());
  for (const double size : {-1e4, 1e4}) {
    auto said = torch::full({3, 5}, size, torch::kFloat64);
    said.select(1, 0).neg_();
    said.requires_grad_();
    on.turn.nets["q"] = giving(said);
    const auto loss = on.loss("generator").total();
    EXPECT_TRUE(std::isfinite(value(loss)));
    EXPECT_TRUE(torch::isfinite(torch::autograd::grad({loss}, {said})[0]).all().item<bool>());
  }
}

TEST(Infogan, WithASharedQIsReadFromTheDiscriminatorByBothPlayers) {
  const InDouble shared(kKeys, points_of_three_classes(), {"game.q=shared"});
  EXPECT_EQ(shared.spec.network("discriminator").output.channels, 1 + 3 + 2);
  EXPECT_EQ(shared.spec.players[1].networks, std::vector<std::string>{"generator"});
  EXPECT_NEAR(value(named(shared.loss("discriminator"), "code")), value(named(shared.loss("generator"), "code")),
              1e-12);
}

TEST(Infogan, GoesOnAfterAResumeToTheBit) {
  for (const auto& recipe :
       {tiny(kOwn.c_str(), {"game.lecam=0.1"}), tiny(kKeys, {"game.q=shared", "game.lecam=0.1"})}) {
    Training training(recipe);
    training.rounds(4);
    const auto anchors = training.trainer.save().tensors.at("game/discriminator.lecam").clone();
    EXPECT_GT(anchors[2].item<double>(), 0);
    expect_goes_on(training, recipe);
    EXPECT_FALSE(torch::equal(training.trainer.save().tensors.at("game/discriminator.lecam"), anchors));
  }
}

TEST(Infogan, NeedsACode) {
  EXPECT_EQ(error_of([] { make_game(tiny(kKeys, {"game.codes=[]", "game.numbers=0"}).game); }, Fault::recipe),
            "[game]: codes = [] and numbers = 0; expected a code, such as codes = [10]");
}

/// Pictures whose shade is the code's class, and whose upper half adds the first number of "numbers".
Sampler shades() {
  const auto recipe = tiny(kOwn.c_str(), {"data.spec=digits",
                                          "network.generator={kind = 'layers', layers = "
                                          "['dense(784, bias=false)', 'reshape(1, 28, 28)', 'tanh']}"});
  Sampler sampler(recipe, {.shape = {1, 28, 28}, .pictures = true, .classes = {}, .class_share = {}});
  const torch::NoGradGuard no_grad;
  const auto& weight = sampler.network().parameters()[0].value;  // [784, two of z, three classes, one number]
  weight.zero_();
  for (int64_t c = 0; c < 3; ++c) weight.select(1, 2 + c).fill_(0.5 * static_cast<double>(c) - 0.5);
  weight.narrow(0, 0, 392).select(1, 5).fill_(1);
  return sampler;
}

double lower_half(const Tensor& picture) { return picture.slice(1, 14).to(torch::kFloat64).mean().item<double>(); }
double upper_half(const Tensor& picture) { return picture.slice(1, 0, 14).to(torch::kFloat64).mean().item<double>(); }

TEST(Codes, OfSamplesAreThoseThatTheSamplesWereMadeFrom) {
  const auto sampler = shades();
  const Sampler::Request request{.count = 40, .seed = 2};
  const auto codes = sampler.codes(request);
  const auto samples = sampler.sample_values(request);
  for (int64_t i = 0; i < 40; ++i)
    EXPECT_NEAR(lower_half(samples[i]), std::tanh(0.5 * static_cast<double>(codes[i].item<int64_t>()) - 0.5), 1e-6);
  EXPECT_EQ(std::get<0>(torch::_unique2(codes)).size(0), 3);
  EXPECT_TRUE(torch::equal(sampler.codes({.count = 5, .seed = 2}, 10), codes.narrow(0, 10, 5)));
}

TEST(Codes, CanBeChosenForSamplesThatAreOtherwiseTheSame) {
  const auto sampler = shades();
  const auto plain = sampler.sample_values({.count = 4, .seed = 2});
  const auto codes = torch::tensor({0, 1, 2, 2}), numbers = torch::tensor({3, 3, 3, 0});
  const auto chosen = sampler.with_codes({.seed = 2}, numbers, codes);
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(lower_half(chosen[i]), std::tanh(0.5 * static_cast<double>(codes[i].item<int64_t>()) - 0.5), 1e-6);
    const auto& same = plain[numbers[i].item<int64_t>()];
    EXPECT_NEAR(std::atanh(upper_half(chosen[i])) - std::atanh(lower_half(chosen[i])),
                std::atanh(upper_half(same)) - std::atanh(lower_half(same)), 1e-4)
        << "the number stays";
  }
}

TEST(Codes, AreFixedForAllSamplesByName) {
  auto sampler = shades();
  sampler.fix("code=2");
  sampler.fix("numbers=0.25");
  for (const auto& picture : sampler.sample_values({.count = 8, .seed = 1}).unbind()) {
    EXPECT_NEAR(lower_half(picture), std::tanh(0.5), 1e-6);
    EXPECT_NEAR(upper_half(picture), std::tanh(0.75), 1e-6);
  }
  EXPECT_EQ(sampler.codes({.count = 3}).min().item<int64_t>(), 2);
  const auto refused = [&](const std::string& text) { return error_of([&] { sampler.fix(text); }, Fault::usage); };
  EXPECT_EQ(refused("code=3"), "--latent code=3: \"code\" is a class; expected one from 0 to 2, such as code=0");
  EXPECT_EQ(refused("cod=1"),
            "--latent cod=1: game \"infogan\" has no latent \"cod\"; expected one of code, numbers; did you mean "
            "'code'?");
  EXPECT_EQ(refused("numbers.1=0"), "--latent numbers.1=0: no such number; expected one from 0 to 0");
  EXPECT_EQ(refused("code"),
            "--latent code: expected a latent's name and a number, such as code=3, or numbers.0=0.5 for its first "
            "number");
}

TEST(Codes, AreTheRowsOfAProgressSheet) {
  const auto sampler = shades();
  const auto found = progress_sheet(sampler, {}, 1);
  const auto codes = torch::arange(3).repeat_interleave(10), numbers = torch::arange(10).repeat({3});
  const auto expected = sheet(pictures_of(sampler.stored(sampler.with_codes({.seed = 1}, numbers, codes))),
                              {.columns = 10, .row_names = {"code 0", "code 1", "code 2"}});
  ASSERT_EQ(found.height, expected.height);
  EXPECT_TRUE(found.pixels == expected.pixels);
}

}  // namespace
}  // namespace duet
