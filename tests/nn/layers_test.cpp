#include <gtest/gtest.h>

#include <set>

#include "duet/core/error.h"
#include "duet/nn/layer.h"
#include "tests/gradient.h"
#include "tests/nn/double_layer.h"

namespace duet {
namespace {

/// A spelling, and the shape of one input example.
struct Spelling {
  std::string text;
  Shape input;
};

void PrintTo(const Spelling& row, std::ostream* out) { *out << row.text << " on " << to_string(row.input); }

const std::vector<Spelling>& spellings() {
  static const std::vector<Spelling> rows = {
      {"dense(4)", {5}},
      {"dense(4, bias=false)", {2, 2, 2}},
      {"dense(4, spectral=true)", {5}},
      {"conv(2, kernel=3)", {2, 4, 5}},
      {"conv(3, kernel=4, stride=2, padding=1)", {2, 4, 4}},
      {"conv(2, kernel=2, bias=false, spectral=true)", {2, 3, 3}},
      {"conv_transpose(2, kernel=3, stride=1)", {4}},
      {"conv_transpose(2, kernel=5, stride=3)", {2, 3, 3}},
      {"conv_transpose(2, kernel=5, stride=2, padding=2, output_padding=1)", {2, 3, 2}},
      {"conv_transpose(2, kernel=2, bias=false, spectral=true)", {2, 2, 2}},
      {"conv(2, kernel=3x2, stride=1x2, padding=1x0)", {2, 4, 5}},
      {"conv_transpose(2, kernel=3x5, stride=1x2, padding=0x2, output_padding=0x1)", {2, 3, 2}},
      {"bias", {2, 3, 2}},
      {"bias", {5}},
      {"self_attention(2)", {3, 2, 2}},
      {"self_attention", {4}},
      {"batch_norm", {4}},
      {"batch_norm", {2, 3, 3}},
      {"batch_norm(scale=false)", {4}},
      {"batch_norm(shift=false)", {2, 2, 2}},
      {"batch_norm(over=features)", {2, 2, 3}},
      {"batch_norm(over=features)", {4}},
      {"batch_norm(affine=false, momentum=0.01, eps=1e-3)", {2, 2, 2}},
      {"instance_norm", {2, 3, 3}},
      {"instance_norm(affine=false)", {2, 3, 3}},
      {"instance_norm(shift=false)", {2, 3, 3}},
      {"layer_norm", {5}},
      {"layer_norm(affine=false)", {2, 2, 3}},
      {"pixel_norm", {5}},
      {"pixel_norm", {3, 2, 2}},
      {"subtract_real_mean", {5}},
      {"subtract_real_mean(divide=true)", {2, 2, 3}},
      {"linear", {5}},
      {"relu", {2, 2, 3}},
      {"leaky_relu(0.1)", {5}},
      {"prelu", {2, 2, 2}},
      {"tanh", {5}},
      {"sigmoid", {5}},
      {"hard_sigmoid", {5}},
      {"hard_sigmoid(1/5)", {5}},
      {"softplus", {5}},
      {"swish", {5}},
      {"softmax", {5}},
      {"softmax", {3, 2, 2}},
      {"maxout(3)", {6}},
      {"maxout(2)", {4, 2, 3}},
      {"reshape(3, 2)", {12}},
      {"reshape(2, 1, 4)", {2, 2, 2}},
      {"flatten", {2, 2, 3}},
      {"slice(1, 2)", {5}},
      {"slice(2)", {4, 2, 3}},
      {"upsample(3)", {2, 2, 3}},
      {"pixel_shuffle(2)", {8, 2, 3}},
      {"max_pool(4, stride=2)", {2, 6, 8}},
      {"max_pool(3, stride=2, padding=1)", {2, 5, 5}},
      {"max_pool(3x2, stride=1x2, padding=1x0)", {2, 5, 6}},
      {"average_pool", {2, 4, 6}},
      {"average_pool(2x3, padding=1)", {2, 5, 5}},
      {"average_pool(3, stride=2, padding=1)", {2, 5, 5}},
      {"global_average", {3, 3, 2}},
      {"global_sum", {3, 3, 2}},
      {"dropout(0.6)", {8}},
      {"dropout(0.8, 1.25, mode=always)", {2, 2, 3}},
      {"noise(0.3)", {5}},
      {"clusterize(0.3)", {5}},
      {"clusterize(2, mode=always)", {2, 2, 3}},
      {"noise_concat(2)", {4}},
      {"noise_concat(1, 0.5)", {2, 2, 2}},
      {"minibatch_stddev", {5}},
      {"minibatch_stddev", {2, 2, 3}},
      {"minibatch_discrimination(2, 3)", {4}},
      {"minibatch_discrimination(kernels=2, depth=2)", {1, 2, 2}},
  };
  return rows;
}

std::vector<int64_t> batch_sizes(int64_t n, const Shape& shape) {
  if (shape.is_vector()) return {n, shape.channels};
  return {n, shape.channels, shape.height, shape.width};
}

class EveryLayer : public testing::TestWithParam<Spelling> {
 protected:
  void SetUp() override {
    layer_ = double_layer(GetParam().text, GetParam().input);
    auto generator = make_generator(2);
    x_ = normal_leaf(batch_sizes(3, GetParam().input), generator);
    if (GetParam().text.find("spectral") != std::string::npos) settle(*layer_, x_);
    inputs_ = {x_};
    for (const auto& [name, value] : layer_->parameters()) {
      inputs_.push_back(value);
      torch::NoGradGuard no_grad;
      if (name == "gamma") Tensor(value).fill_(0.7);  // of self-attention, which begins with 0: without it
    }
    mixture_ = drawn(forward(*layer_, x_).sizes());
  }
  /// A smooth number of the output in which every output weighs differently.
  Tensor value() const { return (torch::tanh(forward(*layer_, x_)) * mixture_).sum(); }

  std::unique_ptr<Layer> layer_;
  Tensor x_, mixture_;
  std::vector<Tensor> inputs_;
};

TEST_P(EveryLayer, HasTheGradientsOfCentralDifferences) {
  EXPECT_TRUE(check_gradients([&] { return value(); }, inputs_));
}

TEST_P(EveryLayer, HasTheSecondGradientsOfCentralDifferences) {
  EXPECT_TRUE(check_second_gradients([&] { return value(); }, x_, inputs_));
}

TEST_P(EveryLayer, ComputesTheShapeItDeclares) {
  for (const bool training : {true, false}) {
    const auto y = forward(*layer_, x_, training);
    const auto& declared = layer_->output();
    const auto as_picture = std::vector<int64_t>{3, declared.channels, declared.height, declared.width};
    const bool as_vector = declared.is_vector() && y.sizes() == torch::IntArrayRef({3, declared.channels});
    EXPECT_TRUE(as_vector || y.sizes() == torch::IntArrayRef(as_picture))
        << "declared " << to_string(declared) << ", computed " << y.sizes();
  }
}

TEST_P(EveryLayer, KeepsGroupsApartUnlessItSaysOtherwise) {
  const auto text = GetParam().text;
  const std::set<std::string> random{"dropout", "noise", "noise_concat", "clusterize"};
  const auto name = Arguments(text).name();
  if (random.contains(name) || text.find("spectral") != std::string::npos || name == "subtract_real_mean") {
    // Random ones draw other numbers; spectral norms take one step of their iteration instead of two; the real mean is
    // of the first group alone. What the one group becomes must not depend on the other all the same.
    const auto of_first = [&](uint64_t seed) {
      Pass pass{.training = true, .update_statistics = false, .noise = make_generator(5), .groups = 2};
      return layer_->forward(torch::cat({x_, drawn(x_.sizes(), seed)}), pass).narrow(0, 0, x_.size(0));
    };
    EXPECT_EQ(torch::equal(of_first(3), of_first(4)), layer_->keeps_groups_apart());
    EXPECT_TRUE(layer_->keeps_groups_apart());
    return;
  }
  const auto other = drawn(x_.sizes()).requires_grad_();
  const auto forward_groups = [&](const Tensor& x, int64_t groups) {
    Pass pass{.training = true, .update_statistics = true, .noise = make_generator(5), .groups = groups};
    return layer_->forward(x, pass);
  };
  // Output, gradients, and the state that the forwards leave.
  const auto all_of = [&](const std::function<Tensor()>& f) {
    std::vector<Tensor> before;
    for (const auto& [name, value] : layer_->buffers()) before.push_back(value.clone());
    const auto y = f();
    auto all = torch::autograd::grad({torch::tanh(y).square().sum()}, {x_, other});
    all.push_back(y);
    for (size_t i = 0; i < before.size(); ++i) {
      all.push_back(layer_->buffers()[i].value.clone());
      layer_->buffers()[i].value.copy_(before[i]);
    }
    return all;
  };
  const auto together = all_of([&] { return forward_groups(torch::cat({x_, other}), 2); });
  const auto apart = all_of([&] { return torch::cat({forward_groups(x_, 1), forward_groups(other, 1)}); });
  bool same = true;
  for (size_t i = 0; i < together.size(); ++i) same = same && torch::allclose(together[i], apart[i], 1e-9, 1e-12);
  EXPECT_EQ(same, layer_->keeps_groups_apart());
}

TEST_P(EveryLayer, LeavesItsStateAloneWithoutUpdateStatistics) {
  std::vector<Tensor> before;
  for (const auto& [name, value] : layer_->buffers()) before.push_back(value.clone());
  forward(*layer_, x_, true, false);
  forward(*layer_, x_, false, false);
  for (size_t i = 0; i < before.size(); ++i)
    EXPECT_TRUE(is_same(before[i], layer_->buffers()[i].value)) << layer_->buffers()[i].name;
}

INSTANTIATE_TEST_SUITE_P(Layers, EveryLayer, testing::ValuesIn(spellings()), [](const auto& info) {
  return fmt::format("{}_{}", info.index, Arguments(info.param.text).name());
});

TEST(LayerList, HasARowHereForEveryEntry) {
  std::set<std::string> checked;
  for (const auto& row : spellings()) checked.insert(Arguments(row.text).name());
  for (const auto& entry : wiring_layers()) checked.insert(entry.name);  // they have a file of their own
  for (const auto& entry : layer_entries())
    EXPECT_TRUE(checked.contains(entry.name)) << entry.name << " is not among the spellings of this file";
}

TEST(LayerList, NamesEveryLayerOnceWithAUsageThatBeginsWithTheName) {
  std::set<std::string> names;
  for (const auto& entry : layer_entries()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_EQ(Arguments(entry.usage).name(), entry.name);
    EXPECT_FALSE(entry.line.empty()) << entry.name;
  }
}

std::string refusal(const std::string& text, const Shape& input) {
  try {
    make_layer(text, input);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::recipe);
    return error.what();
  }
  return "(accepted)";
}

TEST(LayerList, RefusesAnUnknownLayerWithTheNearestName) {
  EXPECT_EQ(refusal("batchnorm", {4}), "'batchnorm': no such layer; did you mean 'batch_norm'?");
  EXPECT_EQ(refusal("batch_deviation", {4}),
            "'batch_deviation': no such layer any more; it is called 'minibatch_stddev' now");
  EXPECT_EQ(refusal("batch_discrimination(5)", {4}),
            "'batch_discrimination(5)': no such layer any more; it is called 'minibatch_discrimination' now");
  EXPECT_EQ(refusal("qqqqqqqq(3)", {4}), "'qqqqqqqq(3)': no such layer; `duet list layers` names them all");
}

TEST(LayerList, RefusesWhatDoesNotFitItsInput) {
  EXPECT_EQ(refusal("conv(8, kernel=5)", {3, 4, 4}),
            "'conv(8, kernel=5)': a 5x5 kernel does not fit its input of 3x4x4; use a smaller kernel or more padding");
  EXPECT_EQ(refusal("maxout(5)", {12}), "'maxout(5)': 12 units do not divide into groups of 5");
  EXPECT_EQ(refusal("pixel_shuffle(2)", {6, 2, 2}), "'pixel_shuffle(2)': 6 channels do not divide by 4");
  EXPECT_EQ(refusal("reshape(3, 3)", {26}), "'reshape(3, 3)': 26 numbers cannot become 3x3x3 (27 numbers)");
  EXPECT_EQ(refusal("max_pool(4)", {2, 3, 8}), "'max_pool(4)': the window does not fit an input of 2x3x8");
  EXPECT_EQ(refusal("conv_transpose(2, kernel=2, stride=1, padding=3)", {2, 3, 3}),
            "'conv_transpose(2, kernel=2, stride=1, padding=3)': padding 3 leaves nothing of an input of 2x3x3");
  EXPECT_EQ(refusal("conv_transpose(2, output_padding=2)", {2, 3, 3}),
            "'conv_transpose(2, output_padding=2)': output_padding 2 must be less than the stride 2");
  EXPECT_EQ(
      refusal("conv(8, kernel=3x9)", {3, 4, 8}),
      "'conv(8, kernel=3x9)': a 3x9 kernel does not fit its input of 3x4x8; use a smaller kernel or more padding");
  EXPECT_EQ(refusal("conv_transpose(2, stride=1x2, output_padding=1)", {2, 3, 3}),
            "'conv_transpose(2, stride=1x2, output_padding=1)': output_padding 1 must be less than the stride 1x2");
  EXPECT_EQ(refusal("slice(9, 2)", {10}),
            "'slice(9, 2)': numbers 9 to 10 of an input of 10; expected from + count of at "
            "most 10");
  EXPECT_EQ(refusal("slice(3)", {3, 4, 4}),
            "'slice(3)': channels 3 of an input of 3x4x4; expected from + count of at most 3");
  EXPECT_EQ(refusal("dense(3, bias=false, bias_init=1)", {3}),
            "'dense(3, bias=false, bias_init=1)': bias_init of a layer without a bias; leave one of bias = false and "
            "bias_init out");
  EXPECT_EQ(
      refusal("batch_norm(scale=false, scale_init=normal(0.1))", {3}),
      "'batch_norm(scale=false, scale_init=normal(0.1))': scale_init of a layer without a scale; leave scale_init "
      "out, or set scale = true");
  EXPECT_EQ(refusal("dropout(0)", {3}), "'dropout(0)': keep = 0; expected a probability above 0");
}

// A vector is handed over as [N, F]: a layer that needs pictures must refuse it when the network is made, not while
// training.
TEST(LayerList, EveryLayerEitherTakesAVectorOrRefusesIt) {
  for (const auto& row : spellings()) {
    std::unique_ptr<Layer> layer;
    try {
      layer = make_layer(row.text, {12});
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::recipe) << row.text;
      continue;
    }
    EXPECT_NO_THROW(forward(*layer, torch::ones({3, 12}))) << row.text;
  }
}

}  // namespace
}  // namespace duet
