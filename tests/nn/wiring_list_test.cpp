// Lists of layers that are no chains: residual, U-shaped and two-branch networks, and how labels enter by such layers.
#include <gtest/gtest.h>

#include "duet/config/toml.h"
#include "duet/core/error.h"
#include "duet/nn/network.h"
#include "tests/gradient.h"

namespace duet {
namespace {

using Texts = std::vector<std::string>;

const std::map<std::string, Shape> kLabels = {{"label", {3}}};

std::shared_ptr<NetworkConfig> config(const Texts& list, const std::string& more = "") {
  for (const auto& entry : network_entries()) {
    if (entry.name != "layers") continue;
    auto made = entry.make();
    TomlDocument(fmt::format("layers = ['{}']\n{}", fmt::join(list, "', '"), more), "test").read([&](Fields& fields) {
      made->fields(fields);
    });
    return made;
  }
  throw std::logic_error("no such family");
}

NetworkContext context(const Shape& input, const Shape& output, const std::map<std::string, Shape>& with = {}) {
  return {.name = "critic", .input = input, .output = output, .with = with, .output_range = {}, .data_mean = {}};
}

Network made(const Texts& list, const NetworkContext& at, const std::string& more = "") {
  auto generator = make_generator(1);
  return {*config(list, more), at, generator};
}

std::string refusal(const Texts& list, const NetworkContext& at, const std::string& more = "") {
  try {
    made(list, at, more);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::recipe);
    return error.what();
  }
  return "(accepted)";
}

Tensor forward(const Network& network, const Tensor& x, const Named& with = {}, int64_t groups = 1) {
  Pass pass{.training = true, .update_statistics = false, .noise = make_generator(5), .groups = groups};
  return network.forward(x, with, pass);
}

Tensor weight(const Network& network, const std::string& name) {
  for (const auto& entry : network.parameters())
    if (entry.name == name) return entry.value;
  throw std::logic_error("no parameter " + name);
}

const Texts kResidual = {"conv(2, kernel=3, padding=1)", "mark(before)", "batch_norm", "relu",
                         "conv(2, kernel=3, padding=1)", "add(before)",  "tanh"};
const Texts kUnet = {"conv(2, kernel=2, stride=2)",
                     "mark(half)",
                     "tanh",
                     "conv(3, kernel=2, stride=2)",
                     "tanh",
                     "conv_transpose(2, kernel=2)",
                     "concat(half)",
                     "conv_transpose(1, kernel=2)",
                     "concat(x)",
                     "conv(1, kernel=1)"};
const Texts kTwoBranches = {"flatten",  "dense(6)",  "maxout(2)",       "mark(picture)", "take(label)",
                            "dense(4)", "maxout(2)", "concat(picture)", "dense(1)"};

TEST(WiredNetwork, OfAResidualAddsWhatItMarked) {
  auto network = made(kResidual, context({1, 4, 4}, {2, 4, 4}));
  network.to(torch::kFloat64);
  auto generator = make_generator(2);
  const auto x = normal_leaf({3, 1, 4, 4}, generator);
  const auto conv = [&](const Tensor& h, const std::string& layer) {
    return torch::conv2d(h, weight(network, layer + ".weight"), weight(network, layer + ".bias"), 1, 1);
  };
  const auto before = conv(x, "00.conv");
  const auto normal = (before - before.mean({0, 2, 3}, true)) /
                      torch::sqrt(before.var(torch::IntArrayRef{0, 2, 3}, false, true) + 1e-5);
  const auto expected = torch::tanh(conv(torch::relu(normal), "04.conv") + before);
  EXPECT_LT((forward(network, x) - expected).abs().max().item<double>(), 1e-12);
}

struct Wired {
  std::string name;
  Texts list;
  Shape input, output;
};

void PrintTo(const Wired& row, std::ostream* out) { *out << row.name; }

class EveryWiredNetwork : public testing::TestWithParam<Wired> {
 protected:
  void SetUp() override {
    const auto& row = GetParam();
    network_ = std::make_unique<Network>(made(row.list, context(row.input, row.output, kLabels)));
    network_->to(torch::kFloat64);
    auto generator = make_generator(4);
    x_ = normal_leaf({3, row.input.channels, row.input.height, row.input.width}, generator);
    inputs_ = {x_};
    for (const auto& entry : network_->parameters()) inputs_.push_back(entry.value);
  }
  Tensor value() const { return torch::tanh(forward(*network_, x_, with_)).square().sum(); }

  std::unique_ptr<Network> network_;
  Named with_{{"label", torch::tensor({2, 0, 2}, torch::kInt64)}};
  Tensor x_;
  std::vector<Tensor> inputs_;
};

TEST_P(EveryWiredNetwork, HasTheGradientsOfCentralDifferences) {
  EXPECT_TRUE(check_gradients([&] { return value(); }, inputs_));
  EXPECT_TRUE(check_second_gradients([&] { return value(); }, x_, inputs_));
}

TEST_P(EveryWiredNetwork, KeepsGroupsApart) {
  ASSERT_TRUE(network_->keeps_groups_apart());
  const auto other = torch::sin(3 * x_);
  const Named others{{"label", torch::tensor({1, 1, 0}, torch::kInt64)}};
  const Named both{{"label", torch::cat({with_["label"], others.at("label")})}};
  const auto together = forward(*network_, torch::cat({x_, other}), both, 2);
  const auto apart = torch::cat({forward(*network_, x_, with_), forward(*network_, other, others)});
  EXPECT_LT((together - apart).abs().max().item<double>(), 1e-12);
}

TEST_P(EveryWiredNetwork, LeavesNoNamesInThePass) {
  Pass pass{.training = true, .update_statistics = false, .noise = make_generator(5)};
  const auto first = network_->forward(x_, with_, pass);
  EXPECT_TRUE(pass.named.empty());
  network_->features(x_, with_, pass);
  EXPECT_TRUE(pass.named.empty());
  EXPECT_TRUE(torch::equal(network_->forward(x_, with_, pass), first));
}

TEST_P(EveryWiredNetwork, GivesFloat32InBfloat16Too) {
  const auto& row = GetParam();
  const auto network = made(row.list, context(row.input, row.output, kLabels));
  Pass pass{.training = true, .update_statistics = false, .noise = make_generator(5)};
  const auto x = x_.detach().to(torch::kFloat32);
  const auto full = network.forward(x, with_, pass);
  pass.bfloat16 = true;
  const auto half = network.forward(x, with_, pass);
  EXPECT_EQ(half.scalar_type(), torch::kFloat32);
  EXPECT_EQ(network.features(x, with_, pass).scalar_type(), torch::kFloat32);
  EXPECT_LT((half - full).abs().max().item<double>(), 0.05);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, EveryWiredNetwork,
    testing::Values(Wired{"Residual", kResidual, {1, 4, 4}, {2, 4, 4}}, Wired{"Unet", kUnet, {1, 4, 4}, {1, 4, 4}},
                    Wired{"TwoBranches", kTwoBranches, {1, 2, 3}, {1}},
                    Wired{"ShortcutLast",
                          {"conv(2, kernel=3, padding=1)", "mark(main)", "take(x)", "conv(2, kernel=1)", "take(main)"},
                          {1, 4, 4},
                          {2, 4, 4}}),
    [](const auto& info) { return info.param.name; });

TEST(WiredNetwork, OfTwoBranchesSeesTheLabelAndThePicture) {
  const auto network = made(kTwoBranches, context({1, 2, 3}, {1}, kLabels));
  EXPECT_EQ(network.parameter_count(), 6 * 6 + 6 + 3 * 4 + 4 + 5 + 1);
  EXPECT_TRUE(network.reads("label"));
  EXPECT_FALSE(network.reads("picture"));
  const auto x = torch::ones({2, 1, 2, 3});
  const auto y = forward(network, x, {{"label", torch::tensor({0, 1}, torch::kInt64)}});
  EXPECT_NE(y[0].item<double>(), y[1].item<double>());
  const auto soft = forward(network, x, {{"label", torch::eye(3).narrow(0, 0, 2)}});
  EXPECT_TRUE(torch::equal(soft, y));
}

TEST(WiredNetwork, IsTellingWhichInputItWasNotGiven) {
  const auto network = made(kTwoBranches, context({1, 2, 3}, {1}, kLabels));
  try {
    forward(network, torch::ones({2, 1, 2, 3}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::internal);
    EXPECT_STREQ(error.what(), "network 'critic' was not given its input 'label'");
  }
}

TEST(WiredNetwork, PassesOverInputsThatNoLayerReads) {
  const auto network = made({"dense(1)"}, context({2}, {1}, kLabels));
  EXPECT_FALSE(network.reads("label"));
  const auto x = torch::ones({2, 2});
  EXPECT_TRUE(torch::equal(forward(network, x), forward(network, x, {{"label", torch::tensor({0, 1})}})));
}

TEST(WiredNetwork, GivesTheFeaturesBeforeItsLastLayerWithWeights) {
  const auto network = made({"dense(4)", "relu", "mark(a)", "dense(1)", "tanh"}, context({2}, {1}));
  auto generator = make_generator(2);
  const auto x = torch::empty({5, 2}).normal_(0, 1, generator);
  Pass pass;
  const auto features = network.features(x, {}, pass);
  const auto expected =
      torch::relu(torch::linear(x, weight(network, "00.dense.weight"), weight(network, "00.dense.bias")));
  EXPECT_LT((features - expected).abs().max().item<double>(), 1e-6);
  const auto logit = torch::linear(expected, weight(network, "03.dense.weight"), weight(network, "03.dense.bias"));
  EXPECT_LT((network.forward(x, {}, pass) - torch::tanh(logit).view({5})).abs().max().item<double>(), 1e-6);
}

TEST(WiredNetwork, SaysWhichLayerDoesNotFitByItsNumberInTheRecipe) {
  const auto at = context({4}, {1}, kLabels);
  EXPECT_EQ(
      refusal({"dense(4)", "add(lable)", "dense(1)"}, at),
      "[network.critic] layer 1: 'add(lable)': no tensor is named 'lable' here; expected one of label, x; did you mean "
      "'label'?");
  for (const auto* label : {"none", "concat", "embedding", "projection"})
    EXPECT_EQ(refusal({"dense(4)", "maxout(3)", "dense(1)"}, at, fmt::format("label = '{}'", label)),
              "[network.critic] layer 1: 'maxout(3)': 4 units do not divide into groups of 3")
        << label;
}

// --- The keys by which labels enter write such layers

Texts list_of(const Network& network) {
  Texts list;
  for (const auto& row : network.rows()) list.push_back(row.layer);
  return list;
}

TEST(LabelKeys, WriteLayersThatReadTheLabel) {
  const Texts own{"flatten", "dense(3)", "dense(1)"};
  const auto with = [&](const std::string& more, const Texts& list = {"flatten", "dense(3)", "dense(1)"}) {
    return list_of(made(list, context({1, 2, 2}, {1}, kLabels), more));
  };
  EXPECT_EQ(with(""), own);
  EXPECT_EQ(with("label = 'concat'"), (Texts{"flatten", "concat(label)", "dense(3)", "dense(1)"}));
  EXPECT_EQ(with("label = 'concat'", {"conv(1, kernel=2)"}), (Texts{"concat(label)", "conv(1, kernel=2)"}));
  EXPECT_EQ(with("label = 'channels'\nlabel_after = 2"), (Texts{"flatten", "dense(3)", "concat(label)", "dense(1)"}));
  EXPECT_EQ(with("label = 'embedding'\nlabel_size = 5"),
            (Texts{"flatten", "mark(before_label)", "embedding(label, 5)", "mark(label_row)", "take(before_label)",
                   "concat(label_row)", "dense(3)", "dense(1)"}));
  EXPECT_EQ(with("label = 'embedding'", {"conv(1, kernel=2)"}),
            (Texts{"mark(before_label)", "embedding(label, 1, 2, 2)", "mark(label_row)", "take(before_label)",
                   "concat(label_row)", "conv(1, kernel=2)"}));
  EXPECT_EQ(list_of(made({"conv(1, kernel=2)"}, context({1, 3, 2}, {1, 2, 1}, kLabels), "label = 'embedding'")).at(1),
            "embedding(label, 1, 3, 2)");
  EXPECT_EQ(with("label = 'projection'"),
            (Texts{"flatten", "dense(3)", "mark(label_features)", "dense(1)", "projection(label, label_features)"}));
}

TEST(LabelKeys, LeaveAllOtherWeightsAsTheyBegin) {
  const Texts list{"flatten", "dense(3)", "relu", "dense(1)"};
  const auto at = context({1, 2, 2}, {1}, kLabels);
  const auto plain = made(list, at), projecting = made(list, at, "label = 'projection'");
  ASSERT_EQ(projecting.parameters().size(), plain.parameters().size() + 1);
  for (size_t i = 0; i < plain.parameters().size(); ++i)
    EXPECT_TRUE(torch::equal(plain.parameters()[i].value, projecting.parameters()[i].value)) << i;
  EXPECT_EQ(projecting.parameters().back().name, "05.projection.table");
  // Also where the table stands before them.
  const auto embedding = made(list, at, "label = 'embedding'\nlabel_size = 2");
  EXPECT_EQ(embedding.parameters().front().name, "06.dense.weight");
  EXPECT_EQ(embedding.parameters().back().name, "02.embedding.table");
}

}  // namespace
}  // namespace duet
