// Layers that read tensors by name, one by one.
#include <gtest/gtest.h>

#include <set>

#include "duet/core/error.h"
#include "duet/nn/layer.h"
#include "tests/gradient.h"

namespace duet {
namespace {

constexpr int64_t kBatch = 3;
using Shapes = std::map<std::string, Shape>;

/// A spelling, what it is given, what there is to read, and the same by torch's own operations.
struct Row {
  std::string name, text;
  Shape input;
  Shapes named;
  Shape output;
  std::function<Tensor(const Tensor& x, const Named& named, const std::vector<NamedTensor>& parameters)> expected;
  bool soft = false;  // labels as shares of the classes
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.text; }

Tensor everywhere(const Tensor& v) { return v.view({v.size(0), -1, 1, 1}); }
Tensor as_numbers(const Tensor& labels) { return torch::one_hot(labels, 4).to(torch::kFloat64); }

const std::vector<Row>& rows() {
  static const Shape vector{2}, picture{2, 3, 2};
  static const Shapes labels{{"label", {4}}};
  static const std::vector<Row> all = {
      {"mark", "mark(a)", picture, {}, picture, [](auto& x, auto&, auto&) { return x; }},
      {"take", "take(a)", vector, {{"a", picture}}, picture, [](auto&, auto& n, auto&) { return n.at("a"); }},
      {"take_labels",
       "take(label)",
       picture,
       labels,
       {4},
       [](auto&, auto& n, auto&) { return as_numbers(n.at("label")); }},
      {"take_soft_labels",
       "take(label)",
       picture,
       labels,
       {4},
       [](auto&, auto& n, auto&) { return n.at("label"); },
       true},
      {"concat_pictures",
       "concat(a)",
       picture,
       {{"a", {1, 3, 2}}},
       {3, 3, 2},
       [](auto& x, auto& n, auto&) { return torch::cat({x, n.at("a")}, 1); }},
      {"concat_vectors",
       "concat( name = a )",
       vector,
       {{"a", {3}}},
       {5},
       [](auto& x, auto& n, auto&) { return torch::cat({x, n.at("a")}, 1); }},
      {"concat_vector_to_picture",
       "concat(a)",
       picture,
       {{"a", {3}}},
       {5, 3, 2},
       [](auto& x, auto& n, auto&) { return torch::cat({x, everywhere(n.at("a")).expand({-1, -1, 3, 2})}, 1); }},
      {"concat_labels",
       "concat(label)",
       vector,
       labels,
       {6},
       [](auto& x, auto& n, auto&) { return torch::cat({x, as_numbers(n.at("label"))}, 1); }},
      {"concat_labels_to_picture",
       "concat(label)",
       picture,
       labels,
       {6, 3, 2},
       [](auto& x, auto& n, auto&) {
         return torch::cat({x, everywhere(as_numbers(n.at("label"))).expand({-1, -1, 3, 2})}, 1);
       }},
      {"add_picture",
       "add(a)",
       picture,
       {{"a", picture}},
       picture,
       [](auto& x, auto& n, auto&) { return x + n.at("a"); }},
      {"add_vectors", "add(a)", vector, {{"a", vector}}, vector, [](auto& x, auto& n, auto&) { return x + n.at("a"); }},
      {"add_vector_to_picture",
       "add(a)",
       picture,
       {{"a", vector}},
       picture,
       [](auto& x, auto& n, auto&) { return x + everywhere(n.at("a")); }},
      {"modulate_by_vector",
       "modulate(a)",
       picture,
       {{"a", {4}}},
       picture,
       [](auto& x, auto& n, auto&) {
         const auto v = everywhere(n.at("a"));
         return x * (1 + v.narrow(1, 0, 2)) + v.narrow(1, 2, 2);
       }},
      {"modulate_by_picture",
       "modulate(a)",
       picture,
       {{"a", {4, 3, 2}}},
       picture,
       [](auto& x, auto& n, auto&) { return x * (1 + n.at("a").narrow(1, 0, 2)) + n.at("a").narrow(1, 2, 2); }},
      {"modulate_vectors",
       "modulate(a)",
       vector,
       {{"a", {4}}},
       vector,
       [](auto& x, auto& n, auto&) { return x * (1 + n.at("a").narrow(1, 0, 2)) + n.at("a").narrow(1, 2, 2); }},
      {"embedding",
       "embedding(label, 3)",
       picture,
       labels,
       {3},
       [](auto&, auto& n, auto& p) { return p.at(0).value.index({n.at("label")}); }},
      {"embedding_as_picture", "embedding(label, 2, 3, 2)", vector, labels, picture,
       [](auto&, auto& n, auto& p) { return p.at(0).value.index({n.at("label")}).view({-1, 2, 3, 2}); }},
      {"embedding_of_soft_labels",
       "embedding(label, 3)",
       vector,
       labels,
       {3},
       [](auto&, auto& n, auto& p) { return n.at("label").mm(p.at(0).value); },
       true},
      {"projection_on_picture",
       "projection(label, a)",
       {1},
       {{"label", {4}}, {"a", picture}},
       {1},
       [](auto& x, auto& n, auto& p) {
         return x + (as_numbers(n.at("label")).mm(p.at(0).value) * n.at("a").mean({2, 3})).sum(1, true);
       }},
      {"projection_of_soft_labels",
       "projection(label, a)",
       {1},
       {{"label", {4}}, {"a", vector}},
       {1},
       [](auto& x, auto& n, auto& p) { return x + (n.at("label").mm(p.at(0).value) * n.at("a")).sum(1, true); },
       true},
  };
  return all;
}

std::vector<int64_t> batch_of(const Shape& shape) {
  if (shape.is_vector()) return {kBatch, shape.channels};
  return {kBatch, shape.channels, shape.height, shape.width};
}

class EveryWiring : public testing::TestWithParam<Row> {
 protected:
  void SetUp() override {
    const auto& row = GetParam();
    layer_ = make_layer(row.text, LayerInput(row.input, row.named));
    auto generator = make_generator(1);
    layer_->reset({}, generator);
    for (const auto& [name, value] : layer_->parameters()) value.set_data(value.to(torch::kFloat64));
    x_ = normal_leaf(batch_of(row.input), generator);
    inputs_ = {x_};
    for (const auto& [name, shape] : row.named) {
      named_[name] = name == "label" && !row.soft ? torch::tensor({2, 0, 2}, torch::kInt64)
                                                  : normal_leaf(batch_of(shape), generator);
      if (named_[name].is_floating_point()) inputs_.push_back(named_[name]);
    }
    for (const auto& [name, value] : layer_->parameters()) inputs_.push_back(value);
  }
  Tensor forward(const Tensor& x, const Named& named, int64_t groups = 1) const {
    Pass pass{.training = true, .update_statistics = true, .noise = {}, .groups = groups};
    pass.named = named;
    return layer_->forward(x, pass);
  }
  Tensor value() const {
    auto y = forward(x_, named_);
    auto generator = make_generator(2);
    return (torch::tanh(y) * torch::empty(y.sizes(), torch::kFloat64).normal_(0, 1, generator)).sum();
  }

  std::unique_ptr<Layer> layer_;
  Tensor x_;
  Named named_;
  std::vector<Tensor> inputs_;
};

TEST_P(EveryWiring, ComputesWhatTorchsOperationsDo) {
  const auto y = forward(x_, named_);
  EXPECT_EQ(layer_->output(), GetParam().output);
  EXPECT_EQ(y.sizes().vec(), batch_of(GetParam().output));
  const auto expected = GetParam().expected(x_, named_, layer_->parameters());
  EXPECT_LT((y - expected).abs().max().item<double>(), 1e-14);
}

TEST_P(EveryWiring, TakesVectorsAndPicturesOfOnePixelForEachOther) {
  const auto as_pictures = [](const Tensor& x) { return x.dim() == 2 && x.is_floating_point() ? everywhere(x) : x; };
  const auto expected = forward(x_, named_);
  Named pictures;
  for (const auto& [name, value] : named_) pictures[name] = as_pictures(value);
  for (const auto& y : {forward(as_pictures(x_), named_), forward(x_, pictures), forward(as_pictures(x_), pictures)})
    EXPECT_TRUE(torch::equal(y.flatten(), expected.flatten()));
}

TEST_P(EveryWiring, HasTheGradientsOfCentralDifferences) {
  EXPECT_TRUE(check_gradients([&] { return value(); }, inputs_));
  if (!value().requires_grad()) return;  // of labels alone
  const bool goes_on_from_x = torch::autograd::grad({value()}, {x_}, {}, false, false, true)[0].defined();
  if (goes_on_from_x) {
    EXPECT_TRUE(check_second_gradients([&] { return value(); }, x_, inputs_));
  }
}

TEST_P(EveryWiring, KeepsGroupsApart) {
  EXPECT_TRUE(layer_->keeps_groups_apart());
  const auto other = x_ * 2 - 1;
  Named joined, others;
  for (const auto& [name, value] : named_) {
    others[name] = value.is_floating_point() ? value - 1 : value + 1;
    joined[name] = torch::cat({value, others[name]});
  }
  const auto together = forward(torch::cat({x_, other}), joined, 2);
  EXPECT_TRUE(torch::equal(together, torch::cat({forward(x_, named_), forward(other, others)})));
}

TEST_P(EveryWiring, SaysWhatItReadsAndMarks) {
  std::set<std::string> names;
  for (const auto& [name, shape] : GetParam().named) names.insert(name);
  const auto reads = layer_->reads();
  EXPECT_EQ(std::set<std::string>(reads.begin(), reads.end()), names);
  EXPECT_EQ(layer_->marks(), GetParam().name == "mark" ? "a" : "");
  EXPECT_EQ(layer_->begins_last(), !layer_->parameters().empty());
  const auto reach = layer_->reach({0, 1});
  EXPECT_TRUE(reach == (GetParam().name == "mark" ? Range{0, 1} : kEverything));
}

INSTANTIATE_TEST_SUITE_P(Layers, EveryWiring, testing::ValuesIn(rows()),
                         [](const auto& info) { return info.param.name; });

TEST(Wiring, HasARowHereForEveryEntry) {
  std::set<std::string> checked;
  for (const auto& row : rows()) checked.insert(Arguments(row.text).name());
  for (const auto& entry : wiring_layers()) EXPECT_TRUE(checked.contains(entry.name)) << entry.name;
}

TEST(Wiring, ReadsInTheTypeOfTheCurrentTensor) {
  const auto add = make_layer("add(a)", LayerInput({2}, {{"a", {2}}}));
  Pass pass;
  pass.named["a"] = torch::ones({1, 2}, torch::kBFloat16);
  EXPECT_EQ(add->forward(torch::ones({1, 2}), pass).scalar_type(), torch::kFloat32);
  pass.named["a"] = torch::ones({1, 2});
  EXPECT_EQ(add->forward(torch::ones({1, 2}, torch::kBFloat16), pass).scalar_type(), torch::kBFloat16);
}

TEST(Wiring, EmbedsSquarePicturesUnlessTheirWidthIsSaid) {
  EXPECT_EQ(make_layer("embedding(label, 2, 3)", LayerInput({1}, {{"label", {4}}}))->output(), (Shape{2, 3, 3}));
}

TEST(Wiring, BeginsATableOfUnitRows) {
  const auto layer = make_layer("embedding(label, 100)", LayerInput({1}, {{"label", {50}}}));
  auto generator = make_generator(3);
  layer->reset({}, generator);
  const auto& table = layer->parameters().at(0).value;
  EXPECT_EQ(table.sizes(), (torch::IntArrayRef{50, 100}));
  EXPECT_NEAR(table.square().sum(1).mean().item<double>(), 1, 0.05);
}

std::string refusal(const std::string& text, const Shape& input, const Shapes& named) {
  try {
    make_layer(text, LayerInput(input, named));
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::recipe);
    return error.what();
  }
  return "(accepted)";
}

TEST(Wiring, RefusesANameThereIsNoneOf) {
  const Shapes named{{"skip", {2}}, {"x", {3}}};
  EXPECT_EQ(refusal("take(skp)", {2}, named),
            "'take(skp)': no tensor is named 'skp' here; expected one of skip, x; did you mean 'skip'?");
  EXPECT_EQ(refusal("add(other)", {2}, named),
            "'add(other)': no tensor is named 'other' here; expected one of skip, x; mark(other) stores one under this "
            "name for the layers after it");
  EXPECT_EQ(refusal("concat(label)", {2}, named),
            "'concat(label)': no tensor is named 'label' here; expected one of skip, x; the data have no labels");
  EXPECT_EQ(refusal("projection(skip, features)", {1}, named),
            "'projection(skip, features)': no tensor is named 'features' here; expected one of skip, x; mark(features) "
            "stores one under this name for the layers after it");
  EXPECT_EQ(refusal("mark(skip)", {2}, named),
            "'mark(skip)': there is a tensor of this name already; expected a new name");
}

TEST(Wiring, RefusesWhatIsNoName) {
  EXPECT_EQ(refusal("mark(2a)", {2}, {}),
            "'mark(2a)': name = 2a; expected a name of letters, digits and _, such as skip");
  EXPECT_EQ(refusal("mark", {2}, {}), "'mark': name = nothing; expected a name of letters, digits and _, such as skip");
  EXPECT_EQ(refusal("take(a b)", {2}, {}),
            "'take(a b)': name = a b; expected a name of letters, digits and _, such as skip");
}

TEST(Wiring, RefusesShapesThatDoNotGoTogether) {
  const Shapes named{{"a", {2, 4, 4}}, {"v", {3}}, {"one", {1}}, {"label", {4}}};
  for (const Shape& other : {Shape{2, 4, 8}, Shape{2, 8, 4}})
    for (const auto* text : {"concat(a)", "add(a)"}) EXPECT_NE(refusal(text, other, named), "(accepted)") << text;
  EXPECT_NE(refusal("add(one)", {2, 4, 4}, named), "(accepted)");
  EXPECT_EQ(
      refusal("concat(a)", {2, 8, 8}, named),
      "'concat(a)': the current tensor is 2x8x8, 'a' is 2x4x4; expected a vector, or a picture of the same height "
      "and width");
  EXPECT_EQ(
      refusal("concat(a)", {2}, named),
      "'concat(a)': the current tensor is 2, 'a' is 2x4x4; expected a vector, or a picture of the same height and "
      "width");
  EXPECT_EQ(refusal("add(a)", {3, 4, 4}, named),
            "'add(a)': the current tensor is 3x4x4, 'a' is 2x4x4; expected the same shape, or a vector with the same "
            "channels");
  EXPECT_EQ(refusal("add(v)", {2, 4, 4}, named),
            "'add(v)': the current tensor is 2x4x4, 'v' is 3; expected the same shape, or a vector with the same "
            "channels");
  EXPECT_EQ(refusal("modulate(v)", {2, 4, 4}, named),
            "'modulate(v)': the current tensor is 2x4x4, 'v' is 3; expected 4 channels in 'v', a scale and a shift for "
            "each of 2, as a vector or at every pixel");
  EXPECT_EQ(refusal("embedding(a, 8)", {2}, named), "'embedding(a, 8)': 'a' is 2x4x4; expected labels, or a vector");
  EXPECT_EQ(refusal("projection(label, a)", {2}, named),
            "'projection(label, a)': adds to one logit, but the current tensor is 2; put it after the last layer");
}

}  // namespace
}  // namespace duet
