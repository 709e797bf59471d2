#include "duet/nn/network.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"
#include "duet/core/nearest.h"
#include "duet/nn/labels.h"
#include "duet/ops/convert.h"

namespace duet {
namespace {

/// Whether a generator whose output can be anything in `reach`, and no more, fills the range of the data: all of it,
/// and nothing besides if it has bounds.
bool fills(const Range& reach, const Range& wanted) {
  const bool bounded = std::isfinite(reach.low) && std::isfinite(reach.high);
  return bounded ? reach == wanted : reach.low <= wanted.low && reach.high >= wanted.high;
}

/// The number of texts[i] in the family's own list, which messages are about: without the layers by which labels enter.
int64_t place_in(const std::vector<std::string>& own, const std::vector<std::string>& texts, size_t i) {
  size_t place = 0;
  for (size_t k = 0; k < i; ++k) place += place < own.size() && texts[k] == own[place];
  return static_cast<int64_t>(place);
}

/// [N] as [N,1]; labels stay as they are.
Tensor as_examples(const Tensor& x) { return x.dim() == 1 && x.is_floating_point() ? x.unsqueeze(1) : x; }

/// A player that there is none of.
[[noreturn]] void refuse_player(const std::string& text, const std::string& player,
                                const std::vector<std::string>& players) {
  const auto near = nearest_name(player, players);
  fail(Fault::recipe, "'{}': the game has no player '{}'; expected one of {}{}", text, player, fmt::join(players, ", "),
       near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

/// How a layer may read a tensor of this shape, in a network that is given `input`.
std::string way_to_read(const std::string& name, const Shape& shape, const Shape& input) {
  const bool joins = shape.is_vector() || (shape.height == input.height && shape.width == input.width);
  return fmt::format("{}({})", joins ? "concat" : "take", name);
}

/// The names in a Pass are one forward's.
struct NamesEnd {
  Pass& pass;
  ~NamesEnd() {
    pass.named.clear();
    pass.reference = 0;
  }
};

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

LayerInput NetworkContext::first_input() const {
  LayerInput first(input, with);
  first.named["x"] = input;
  return first;
}

Named labelled(const Tensor& labels) { return labels.defined() ? Named{{"label", labels}} : Named{}; }

Network::Network(const NetworkConfig& config, const NetworkContext& context, Generator& init)
    : name_(context.name), output_(context.output) {
  const Init how{config.init, config.scale_init, config.bias_init};
  input_shapes_ = context.first_input().named;
  add_layers(config, context, how, init);
  check_output(context);
  check_range(context);
  check_inputs_are_read(context);
  keep_reference();
  for (size_t i = 0; i < layers_.size(); ++i)
    if (layers_[i]->begins_last()) {
      layers_[i]->reset(how, init);
      list_parameters(i);
    }
  set_output_bias(config, context);
}

void Network::add_layers(const NetworkConfig& config, const NetworkContext& context, const Init& how, Generator& init) {
  const auto own = config.layers(context);
  const auto texts = with_labels(config, context, own);
  auto input = context.first_input();
  for (size_t i = 0; i < texts.size(); ++i) {
    try {
      add_layer(texts[i], input);
      const auto player = layers_.back()->turns();
      if (!player.empty() && !context.players.empty() && std::ranges::count(context.players, player) == 0)
        refuse_player(texts[i], player, context.players);
    } catch (const Error& error) {
      fail(error.fault(), "[network.{}] layer {}: {}", name_, place_in(own, texts, i), error.what());
    }
    auto& layer = *layers_.back();
    if (!layer.begins_last()) layer.reset(how, init);
    if (layer.work()) last_product_ = i;
    for (const auto& name : layer.reads())
      if ((name == "x" || context.with.contains(name)) && !reads(name)) inputs_.push_back(name);
    if (const auto before = std::exchange(reach_, layer.reach(reach_)); !(reach_ == before)) bound_ = i;
    input = next_input(std::move(input), layer);
  }
}

void Network::add_layer(const std::string& text, const LayerInput& input) {
  layers_.push_back(make_layer(text, input));
  auto& layer = *layers_.back();
  const auto i = layers_.size() - 1;
  // An activation right after a layer that can do it in the same pass over memory.
  const auto slope = layer.leaky_slope();
  taken_over_.push_back(slope && i > 0 && layers_[i - 1]->take_over_leaky(*slope));
  int64_t count = 0;
  for (const auto& [name, value] : layer.parameters()) count += value.numel();
  rows_.push_back({text, layer.output(), count});
  if (!layer.begins_last()) list_parameters(i);
  for (const auto& [name, value] : layer.buffers()) buffers_.push_back({prefix(i) + name, value});
}

void Network::check_output(const NetworkContext& context) const {
  const auto& made = layers_.empty() ? context.input : layers_.back()->output();
  if (made.numel() == output_.numel() && (output_.is_vector() || made == output_)) return;
  if (layers_.empty())
    fail(Fault::recipe,
         "[network.{}]: it has no layers, so it gives its input, {}, expected {}; list some: layers = [...]", name_,
         to_string(made), to_string(output_));
  fail(Fault::recipe, "[network.{}]: its last layer gives {}, expected {}; --dry-run shows every layer's shape", name_,
       to_string(made), to_string(output_));
}

/// Makes room for the batch that layers with statistics = reference refer to.
void Network::keep_reference() {
  std::optional<size_t> first;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const auto count = layers_[i]->reference();
    if (count == 0) continue;
    if (!first) first = i;
    if (const auto before = layers_[*first]->reference(); before != count)
      fail(Fault::recipe, "[network.{}]: '{}' refers to {} examples, '{}' to {}; expected the same for all", name_,
           rows_[i].layer, count, rows_[*first].layer, before);
  }
  if (!first) return;
  for (size_t i = 0; i < layers_.size(); ++i)
    if (layers_[i]->normalises_batch() || layers_[i]->mixes_examples() || !layers_[i]->keeps_groups_apart())
      fail(Fault::recipe,
           "[network.{}]: '{}' would mix the batch with the reference batch of '{}'; expected one or the other in a "
           "network",
           name_, rows_[i].layer, rows_[*first].layer);
  reference_ = std::make_unique<ReferenceBatch>(layers_[*first]->reference(), input_shapes_, inputs_);
  for (const auto& [name, value] : reference_->buffers()) buffers_.push_back({prefix(*first) + name, value});
}

/// What the game means a network to know, and it does not, would go unnoticed otherwise.
void Network::check_inputs_are_read(const NetworkContext& context) const {
  if (context.trained) return;
  for (const auto& [name, shape] : context.with)
    if (name != "label" && !reads(name))
      fail(Fault::recipe,
           "[network.{}]: none of its layers reads '{}' ({}), which the game gives it beside its input; expected one "
           "that does, such as {} in its list of layers (kind = \"layers\")",
           name_, name, to_string(shape), way_to_read(name, shape, context.input));
}

void Network::check_range(const NetworkContext& context) const {
  if (!context.output_range || context.trained || fills(reach_, *context.output_range)) return;
  const auto& wanted = *context.output_range;
  const Range other = wanted.low < 0 ? Range{0, 1} : Range{-1, 1};
  const std::string fitting = wanted.low < 0 ? "tanh" : "sigmoid";
  // The layer would fill it if what it is given were anything.
  const bool fits = bound_ && layers_[*bound_]->reach(kEverything) == wanted;
  fail(Fault::recipe,
       "[network.{}]: its output '{}' fills [{:.3g}, {:.3g}], but the data are in [{:g}, {:g}]; use {}{}", name_,
       bounded_by(), reach_.low, reach_.high, wanted.low, wanted.high,
       fits ? fitting + " right after the last layer with weights" : fitting,
       fills(reach_, other) ? fmt::format(", or data.range = \"{:g}..{:g}\"", other.low, other.high) : "");
}

std::string Network::prefix(size_t layer) const {
  return fmt::format("{:02}.{}.", layer, Arguments(rows_[layer].layer).name());
}

void Network::list_parameters(size_t layer) {
  const auto& own = layers_[layer]->parameters();
  for (size_t i = 0; i < own.size(); ++i) {
    parameters_.push_back({prefix(layer) + own[i].name, own[i].value});
    places_.emplace_back(layers_[layer].get(), i);
  }
}

bool Network::reads(const std::string& name) const {
  return std::find(inputs_.begin(), inputs_.end(), name) != inputs_.end();
}

void Network::give_inputs(const Tensor& x, const Named& with, Pass& pass) const {
  for (const auto& name : inputs_) {
    const auto found = with.find(name);
    const auto& value = name == "x" ? x : found == with.end() ? Tensor() : found->second;
    if (!value.defined())
      throw Error(Fault::internal, fmt::format("network '{}' was not given its input '{}'", name_, name));
    const auto& shape = input_shapes_.at(name);
    if (value.is_floating_point() && value.numel() != value.size(0) * shape.numel())
      throw Error(Fault::internal, fmt::format("network '{}': its input '{}' is {}, expected N x {}", name_, name,
                                               fmt::join(value.sizes(), " x "), to_string(shape)));
    pass.named[name] = as_examples(value);
  }
}

Tensor Network::up_to(size_t end, const Tensor& x, const Named& with, Pass& pass) const {
  const NamesEnd names{pass};
  give_inputs(x, with, pass);
  Tensor h = as_examples(x);
  if (reference_) {
    h = reference_->before(h, pass, name_);
    pass.reference = reference_->count();
  }
  for (size_t i = 0; i < end; ++i) {
    if (!taken_over_[i]) h = layers_[i]->forward(h, pass);
    // What follows the last product is not worth rounding.
    if (pass.bfloat16 && i == last_product_) h = converted(h, torch::kFloat32);
  }
  if (reference_) h = h.narrow(0, reference_->count(), h.size(0) - reference_->count());
  return pass.bfloat16 ? converted(h, torch::kFloat32) : h;
}

Tensor Network::forward(const Tensor& x, const Named& with, Pass& pass) const {
  const auto h = up_to(layers_.size(), x, with, pass);
  if (!output_.is_vector()) return h;
  return output_.numel() == 1 ? h.reshape({h.size(0)}) : h.flatten(1);
}

Tensor Network::features(const Tensor& x, const Named& with, Pass& pass) const {
  return up_to(last_product_, x, with, pass);
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

bool Network::varies_by_turn() const {
  return std::any_of(layers_.begin(), layers_.end(), [](const auto& layer) { return !layer->turns().empty(); });
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

void Network::use_parameters(const std::vector<Tensor>& values) {
  for (size_t i = 0; i < places_.size(); ++i) places_[i].first->use_parameter(places_[i].second, values[i]);
}

void Network::use_own_parameters() {
  for (size_t i = 0; i < places_.size(); ++i) places_[i].first->use_parameter(places_[i].second, parameters_[i].value);
}

void Network::requires_grad(bool wanted) {
  for (auto& [name, value] : parameters_) value.requires_grad_(wanted);
}

}  // namespace duet
