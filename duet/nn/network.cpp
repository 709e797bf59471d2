#include "duet/nn/network.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"
#include "duet/ops/convert.h"

namespace duet {
namespace {

std::string layer_name(const std::string& text) { return Arguments(text).name(); }

/// The interval an output layer can reach; none for an unbounded one.
std::optional<Range> reach(const std::string& text) {
  const auto name = layer_name(text);
  if (name == "tanh") return Range{-1, 1};
  if (name == "sigmoid" || name == "hard_sigmoid" || name == "softmax") return Range{0, 1};
  return {};
}

void check_range(const std::vector<std::string>& layers, const NetworkContext& context) {
  if (!context.output_range || layers.empty()) return;
  const auto reached = reach(layers.back());
  const auto& wanted = *context.output_range;
  if (!reached || *reached == wanted) return;
  fail(Fault::recipe,
       "[network.{}]: its output '{}' fills [{:g}, {:g}], but the data are in [{:g}, {:g}]; use output = \"{}\" or "
       "data.range = \"{}\"",
       context.name, layers.back(), reached->low, reached->high, wanted.low, wanted.high,
       wanted.low < 0 ? "tanh" : "sigmoid", reached->low < 0 ? "-1..1" : "0..1");
}

}  // namespace

std::optional<Range> reach_of(const std::vector<std::string>& layers) {
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer)
    if (const auto name = layer_name(*layer); name != "reshape" && name != "flatten") return reach(*layer);
  return {};
}

void NetworkConfig::fields(Fields& f) {
  family_fields(f);
  f.choice("label", label, {"none", "concat", "embedding", "channels", "projection"}, "how labels enter");
  if (label == "embedding") f.integer("label_size", label_size, "learned numbers per class", {1, 1e6});
  if (label == "channels") f.integer("label_after", label_after, "labels join after this many layers", {0, 1000});
  f.text("init", init, "he, glorot, default, normal(s), truncated(s), uniform(r), sparse(k)");
  f.text("scale_init", scale_init, "of normalisation layers: one, normal(s)");
  f.real("bias_init", bias_init, "constant that biases begin at (not with init = \"default\")");
  f.choice("output_bias", output_bias, {"zero", "marginals"}, "where the output begins: marginals = the data's mean");
}

Network::Network(const NetworkConfig& config, const NetworkContext& context, Generator& init)
    : name_(context.name), label_(config.label), classes_(context.classes), output_(context.output) {
  if (uses_labels() && classes_ == 0)
    fail(Fault::recipe,
         "[network.{}]: label = \"{}\", but the data have no labels; use label = \"none\" or labelled data", name_,
         label_);
  const auto texts = config.layers(context);
  check_range(texts, context);
  label_after_ = label_ == "channels" ? config.label_after : 0;
  if (label_after_ > 0 && label_after_ >= static_cast<int64_t>(texts.size()))
    fail(Fault::recipe, "[network.{}]: label_after = {}, but there are only {} layers; expected at most {}", name_,
         label_after_, texts.size(), texts.size() - 1);
  // A network that takes pictures for vectors gets one number per class beside the pixels, not one plane.
  const bool joins = label_ == "concat" || label_ == "embedding" || label_ == "channels";
  if (joins && label_after_ == 0 && texts.size() > 1 && layer_name(texts.front()) == "flatten") label_after_ = 1;
  if (label_ == "projection" && output_.numel() != 1)
    fail(Fault::recipe,
         "[network.{}]: label = \"projection\" adds to one logit, but the output is {}; use concat, embedding or "
         "channels",
         name_, to_string(output_));
  const Init how{config.init, config.scale_init, config.bias_init};
  Shape shape = context.input, labelled = shape;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (static_cast<int64_t>(i) == label_after_) shape = enter_labels(config, labelled = shape);
    if (layer_name(texts[i]) == "dense" || layer_name(texts[i]) == "conv") last_weighted_ = i;
    add_layer(texts[i], shape);
    layers_.back()->reset(how, init);
    if (layers_.back()->work()) last_product_ = i;
  }
  if (shape.numel() != output_.numel() || (!output_.is_vector() && !(shape == output_)))
    fail(Fault::recipe, "[network.{}]: its last layer gives {}, expected {}; --dry-run shows every layer's shape",
         name_, to_string(shape), to_string(output_));
  if (label_ == "embedding") {
    table_ = add_table("embedding", labelled.is_vector() ? config.label_size : labelled.height * labelled.width, init);
  } else if (label_ == "projection") {
    const auto before = last_weighted_ == 0 ? context.input : layers_[last_weighted_ - 1]->output();
    table_ = add_table("projection", before.channels, init);
  }
  set_output_bias(config, context);
}

void Network::add_layer(const std::string& text, Shape& shape) {
  try {
    layers_.push_back(make_layer(text, shape));
  } catch (const Error& error) {
    fail(error.fault(), "[network.{}] layer {}: {}", name_, layers_.size(), error.what());
  }
  auto& layer = *layers_.back();
  shape = layer.output();
  // An activation right after a layer that can do it in the same pass over memory; labels would come between.
  const auto slope = layer.leaky_slope();
  const auto index = static_cast<int64_t>(layers_.size()) - 1;
  taken_over_.push_back(slope && index > 0 && index != label_after_ &&
                        layers_[layers_.size() - 2]->take_over_leaky(*slope));
  int64_t count = 0;
  const auto prefix = fmt::format("{:02}.{}.", layers_.size() - 1, layer_name(text));
  for (const auto& [name, value] : layer.parameters()) {
    parameters_.push_back({prefix + name, value});
    count += value.numel();
  }
  for (const auto& [name, value] : layer.buffers()) buffers_.push_back({prefix + name, value});
  rows_.push_back({text, shape, count});
  random_when_sampling_ |= layer_name(text) == "noise_concat" || text.find("mode=always") != std::string::npos;
}

Tensor Network::add_table(const std::string& name, int64_t width, Generator& init) {
  auto table = torch::empty({classes_, width});
  table.normal_(0, 1 / std::sqrt(static_cast<double>(width)), init);
  table.requires_grad_();
  parameters_.push_back({"label." + name, table});
  rows_.push_back({fmt::format("label {} ({} classes)", name, classes_), {width, 1, 1}, table.numel()});
  return table;
}

Shape Network::enter_labels(const NetworkConfig& config, const Shape& input) {
  const auto grown = [&](int64_t more) { return Shape{input.channels + more, input.height, input.width}; };
  if (label_ == "concat" || label_ == "channels") return grown(classes_);
  if (label_ == "embedding") return grown(input.is_vector() ? config.label_size : 1);
  return input;
}

Tensor Network::with_labels(const Tensor& x, const Tensor& labels) const {
  if (label_ == "none" || label_ == "projection") return x;
  auto joined =
      (label_ == "embedding" ? table_.index_select(0, labels) : torch::one_hot(labels, classes_)).to(x.scalar_type());
  if (x.dim() == 2) return torch::cat({x, joined}, 1);
  if (label_ == "embedding" && !(x.size(2) == 1 && x.size(3) == 1))
    return torch::cat({x, joined.view({-1, 1, x.size(2), x.size(3)})}, 1);
  return torch::cat({x, joined.view({x.size(0), -1, 1, 1}).expand({-1, -1, x.size(2), x.size(3)})}, 1);
}

Tensor Network::forward(const Tensor& x, const Tensor& labels, Pass& pass) const {
  if (uses_labels() && !labels.defined())
    throw Error(Fault::internal, fmt::format("network '{}' was walked without labels", name_));
  Tensor h = x, features;
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (static_cast<int64_t>(i) == label_after_) h = with_labels(h, labels);
    if (i == last_weighted_ && label_ == "projection") features = h.dim() == 4 ? h.mean({2, 3}) : h;
    if (!taken_over_[i]) h = layers_[i]->forward(h, pass);
    // What follows the last product is not worth rounding.
    if (pass.bfloat16 && i == last_product_) h = converted(h, torch::kFloat32);
  }
  if (output_.numel() == 1 && output_.is_vector()) h = h.reshape({h.size(0)});
  // Miyato & Koyama 2018, arXiv:1802.05637: the label meets the last features. Their mean over space, where the paper
  // sums: the label then weighs the same at every resolution.
  if (label_ == "projection") h = h + (table_.index_select(0, labels) * features).sum(1);
  return h;
}

bool Network::keeps_groups_apart() const {
  return std::all_of(layers_.begin(), layers_.end(), [](const auto& layer) { return layer->keeps_groups_apart(); });
}

int64_t Network::parameter_count() const {
  int64_t count = 0;
  for (const auto& [name, value] : parameters_) count += value.numel();
  return count;
}

void Network::set_output_bias(const NetworkConfig& config, const NetworkContext& context) {
  if (config.output_bias != "marginals" || !context.data_mean) return;
  torch::NoGradGuard no_grad;
  for (auto entry = parameters_.rbegin(); entry != parameters_.rend(); ++entry) {
    if (!entry->name.ends_with(".bias")) continue;
    if (entry->value.numel() != context.output.numel()) break;
    // The inverse of the output function at the data's mean; pixels that never vary would need an infinite bias.
    auto mean = context.data_mean().flatten().to(torch::kFloat32);
    const auto last = layer_name(rows_.back().layer);
    if (last == "sigmoid") {
      mean = torch::logit(mean.clamp(1e-3, 1 - 1e-3));
    } else if (last == "tanh") {
      mean = torch::atanh(mean.clamp(-1 + 2e-3, 1 - 2e-3));
    }
    entry->value.copy_(mean);
    return;
  }
  fail(Fault::recipe, "[network.{}]: output_bias = \"marginals\" needs a last dense layer with one bias per output",
       name_);
}

void Network::to(torch::ScalarType type) {
  torch::NoGradGuard no_grad;
  for (auto* list : {&parameters_, &buffers_})
    for (auto& [name, value] : *list) value.set_data(value.to(type));
}

void Network::to(torch::Device device) {
  torch::NoGradGuard no_grad;
  for (auto* list : {&parameters_, &buffers_})
    for (auto& [name, value] : *list) value.set_data(value.to(device));
}

void Network::requires_grad(bool wanted) {
  for (auto& [name, value] : parameters_) value.requires_grad_(wanted);
}

}  // namespace duet
