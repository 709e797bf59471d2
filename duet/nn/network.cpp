#include "duet/nn/network.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"
#include "duet/ops/convert.h"

namespace duet {
namespace {

/// Whether a network takes pictures for vectors. What is wrong with the layer is told where it is added.
bool begins_flat(const std::string& text, const Shape& input) {
  try {
    return make_layer(text, input)->flattens();
  } catch (const Error&) {
    return false;
  }
}

/// Whether a generator whose output can be anything in `reach`, and no more, fills the range of the data: all of it,
/// and nothing besides if it has bounds.
bool fills(const Range& reach, const Range& wanted) {
  const bool bounded = std::isfinite(reach.low) && std::isfinite(reach.high);
  return bounded ? reach == wanted : reach.low <= wanted.low && reach.high >= wanted.high;
}

/// `last` is the layer that bounds the output.
void check_range(const std::string& last, const Range& reach, const NetworkContext& context) {
  if (!context.output_range || context.trained || fills(reach, *context.output_range)) return;
  const auto& wanted = *context.output_range;
  const Range other = wanted.low < 0 ? Range{0, 1} : Range{-1, 1};
  const std::string fitting = wanted.low < 0 ? "tanh" : "sigmoid";
  fail(Fault::recipe,
       "[network.{}]: its output '{}' fills [{:.3g}, {:.3g}], but the data are in [{:g}, {:g}]; use {}{}", context.name,
       last, reach.low, reach.high, wanted.low, wanted.high,
       Arguments(last).name() == fitting ? fitting + " right after the last layer with weights" : fitting,
       fills(reach, other) ? fmt::format(", or data.range = \"{:g}..{:g}\"", other.low, other.high) : "");
}

}  // namespace

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
  label_after_ = label_ == "channels" ? config.label_after : 0;
  if (label_after_ > 0 && label_after_ >= static_cast<int64_t>(texts.size()))
    fail(Fault::recipe, "[network.{}]: label_after = {}, but there are only {} layers; expected at most {}", name_,
         label_after_, texts.size(), texts.size() - 1);
  // A network that takes pictures for vectors gets one number per class beside the pixels, not one plane.
  const bool joins = label_ == "concat" || label_ == "embedding" || label_ == "channels";
  if (joins && label_after_ == 0 && texts.size() > 1 && begins_flat(texts.front(), context.input)) label_after_ = 1;
  if (label_ == "projection" && output_.numel() != 1)
    fail(Fault::recipe,
         "[network.{}]: label = \"projection\" adds to one logit, but the output is {}; use concat, embedding or "
         "channels",
         name_, to_string(output_));
  const Init how{config.init, config.scale_init, config.bias_init};
  Shape shape = context.input, labelled = shape;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (static_cast<int64_t>(i) == label_after_) {
      shape = enter_labels(config, labelled = shape);
      reach_ = kEverything;
    }
    add_layer(texts[i], shape);
    layers_.back()->reset(how, init);
    if (layers_.back()->work()) last_product_ = i;
    if (const auto before = std::exchange(reach_, layers_.back()->reach(reach_)); !(reach_ == before))
      bounded_by_ = texts[i];
  }
  if (shape.numel() != output_.numel() || (!output_.is_vector() && !(shape == output_)))
    fail(Fault::recipe, "[network.{}]: its last layer gives {}, expected {}; --dry-run shows every layer's shape",
         name_, to_string(shape), to_string(output_));
  check_range(bounded_by_, reach_, context);
  if (label_ == "embedding") {
    table_ = add_table("embedding", labelled.is_vector() ? config.label_size : labelled.height * labelled.width, init);
  } else if (label_ == "projection") {
    const auto before = last_product_ == 0 ? context.input : layers_[last_product_ - 1]->output();
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
  const auto prefix = fmt::format("{:02}.{}.", layers_.size() - 1, Arguments(text).name());
  for (const auto& [name, value] : layer.parameters()) {
    parameters_.push_back({prefix + name, value});
    count += value.numel();
  }
  for (const auto& [name, value] : layer.buffers()) buffers_.push_back({prefix + name, value});
  rows_.push_back({text, shape, count});
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
    if (i == last_product_ && label_ == "projection") features = h.dim() == 4 ? h.mean({2, 3}) : h;
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

bool Network::is_random_when_sampling() const {
  return std::any_of(layers_.begin(), layers_.end(),
                     [](const auto& layer) { return layer->is_random_when_sampling(); });
}

bool Network::mixes_examples() const {
  return std::any_of(layers_.begin(), layers_.end(), [](const auto& layer) { return layer->mixes_examples(); });
}

bool Network::limits_slope() const {
  return std::all_of(layers_.begin(), layers_.end(),
                     [](const auto& layer) { return !layer->work() || layer->limits_slope(); });
}

std::string Network::normalises_batch() const {
  for (size_t i = 0; i < layers_.size(); ++i)
    if (layers_[i]->normalises_batch()) return rows_[i].layer;
  return {};
}

int64_t Network::parameter_count() const {
  int64_t count = 0;
  for (const auto& [name, value] : parameters_) count += value.numel();
  return count;
}

void Network::set_output_bias(const NetworkConfig& config, const NetworkContext& context) {
  if (config.output_bias != "marginals" || !context.data_mean) return;
  torch::NoGradGuard no_grad;
  // What the output must be before each layer, from the last one back to the one with a bias.
  auto mean = context.data_mean().flatten().to(torch::kFloat32);
  for (size_t i = layers_.size(); i-- > 0;) {
    for (const auto& [name, value] : layers_[i]->parameters())
      if (name == "bias" && value.numel() == output_.numel()) {
        Tensor(value).copy_(mean);
        return;
      }
    mean = layers_[i]->undone(mean);
    if (!mean.defined())
      fail(Fault::recipe,
           "[network.{}]: output_bias = \"marginals\" needs a last dense layer with one bias per output, and after it "
           "only reshape, flatten, or what can be undone, such as tanh and sigmoid; found '{}'; use output_bias = "
           "\"zero\"",
           name_, rows_[i].layer);
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
