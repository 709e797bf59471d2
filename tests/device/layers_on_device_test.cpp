#include <gtest/gtest.h>

#include <set>

#include "duet/nn/layer.h"
#include "tests/device/pretend_gpu.h"

namespace duet {
namespace {

struct Row {
  const char* text;
  Shape input;
  std::map<std::string, Shape> named = {};  // what it may read; of "label" the tensor is labels
  int64_t groups = 1;
};

/// Every layer, on an input that it accepts.
const std::vector<Row> kRows = {{"dense(4, spectral=true)", {5}},
                                {"conv(4, kernel=3, stride=2, padding=1, spectral=true)", {3, 6, 6}},
                                {"bias", {2, 3, 2}},
                                {"conv_transpose(4, kernel=4, stride=2, padding=1)", {3, 4, 4}},
                                {"self_attention(2)", {3, 4, 4}},
                                {"batch_norm", {3, 4, 4}},
                                {"batch_norm(over=features)", {3, 2, 2}},
                                {"instance_norm", {3, 4, 4}},
                                {"layer_norm", {3, 4, 4}},
                                {"pixel_norm", {3, 4, 4}},
                                {"linear", {5}},
                                {"relu", {5}},
                                {"leaky_relu(0.2)", {5}},
                                {"prelu", {3, 4, 4}},
                                {"tanh", {5}},
                                {"sigmoid", {5}},
                                {"hard_sigmoid", {5}},
                                {"softplus", {5}},
                                {"swish", {5}},
                                {"softmax", {5}},
                                {"maxout(2)", {6}},
                                {"reshape(3, 2)", {12}},
                                {"flatten", {3, 4, 4}},
                                {"slice(1)", {3, 4, 4}},
                                {"upsample(2)", {3, 4, 4}},
                                {"pixel_shuffle(2)", {8, 2, 2}},
                                {"max_pool(2)", {3, 4, 4}},
                                {"average_pool(2)", {3, 4, 4}},
                                {"global_average", {3, 4, 4}},
                                {"global_sum", {3, 4, 4}},
                                {"mark(a)", {3, 4, 4}},
                                {"take(a)", {5}, {{"a", {3, 4, 4}}}},
                                {"concat(label)", {3, 4, 4}, {{"label", {4}}}},
                                {"add(a)", {3, 4, 4}, {{"a", {3}}}},
                                {"modulate(a)", {3, 4, 4}, {{"a", {6}}}},
                                {"embedding(label, 2, 3)", {5}, {{"label", {4}}}},
                                {"projection(label, a)", {1}, {{"label", {4}}, {"a", {3, 4, 4}}}},
                                {"dropout(keep=0.5)", {3, 4, 4}},
                                {"noise(0.1)", {3, 4, 4}},
                                {"noise_concat(4)", {3, 4, 4}},
                                {"clusterize(0.5)", {3, 4, 4}},
                                {"subtract_real_mean", {3, 4, 4}, {}, /*groups=*/2},
                                {"minibatch_stddev", {3, 4, 4}},
                                {"minibatch_discrimination(3, depth=2)", {3, 4, 4}}};

/// The layer's output, its state afterwards, and the gradients of one output with respect to x and its parameters.
std::vector<Tensor> results_of(const Row& row, torch::Device device) {
  auto generator = make_generator(7);
  const auto normal = [&](torch::IntArrayRef sizes) { return torch::empty(sizes).normal_(0, 1, generator); };
  const auto layer = make_layer(row.text, LayerInput(row.input, row.named));
  layer->reset({}, generator);
  for (const auto& [name, value] : layer->parameters()) {
    torch::NoGradGuard no_grad;
    if (name == "gamma") Tensor(value).fill_(0.7);  // of self-attention, which begins without it
  }
  for (const auto* list : {&layer->parameters(), &layer->buffers()})
    for (const auto& [name, value] : *list) value.set_data(value.detach().to(device));
  const auto drawn = [&](const Shape& shape) {
    std::vector<int64_t> sizes = {4, shape.channels};
    if (!shape.is_vector()) sizes.insert(sizes.end(), {shape.height, shape.width});
    return normal(sizes).to(device).requires_grad_();
  };
  const auto x = drawn(row.input);
  Pass pass{.training = true, .update_statistics = true, .noise = generator};
  pass.groups = row.groups;
  std::vector<Tensor> inputs = {x};
  for (const auto& [name, shape] : row.named) {
    auto& value = pass.named[name];
    value = name == "label" ? torch::tensor({0, 3, 1, 3}, torch::kInt64).to(device) : drawn(shape);
    if (name != "label") inputs.push_back(value);
  }
  const auto y = layer->forward(x, pass);
  std::vector<Tensor> all = {y};
  for (const auto& [name, value] : layer->parameters()) inputs.push_back(value);
  for (const auto& [name, value] : layer->buffers()) all.push_back(value);
  // What take and embedding make has nothing to do with x.
  for (const auto& gradient :
       torch::autograd::grad({(y * normal(y.sizes()).to(device)).sum()}, inputs, {}, false, false, /*unused=*/true))
    if (gradient.defined()) all.push_back(gradient);
  for (auto& value : all) {
    EXPECT_EQ(value.device(), device) << row.text;
    value = value.detach().to(torch::kCPU);
  }
  return all;
}

TEST(Device, ComputesEveryLayerAsTheCpuDoes) {
  std::set<std::string> names;
  for (const auto& row : kRows) {
    names.insert(Arguments(row.text).name());
    const auto here = results_of(row, torch::kCPU), there = results_of(row, {torch::kCUDA, 0});
    ASSERT_EQ(here.size(), there.size());
    for (size_t i = 0; i < here.size(); ++i) {
      EXPECT_GT(here[i].norm().item<double>(), 0) << row.text << ", value " << i;
      EXPECT_LE((there[i] - here[i]).norm().item<double>(), 1e-5 * here[i].norm().item<double>())
          << row.text << ", value " << i;
    }
  }
  for (const auto& entry : layer_entries())
    EXPECT_TRUE(names.contains(entry.name)) << entry.name << " is not among the rows of this file";
}

}  // namespace
}  // namespace duet
