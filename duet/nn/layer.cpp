#include "duet/nn/layer.h"

#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/core/nearest.h"

namespace duet {
namespace {

/// Numbers of one layer's weight, and of one example that a layer makes: beyond them nothing could be trained.
constexpr int64_t kMostNumbers = int64_t{1} << 31;

/// What sizes multiply to, or more than kMostNumbers where it is that.
int64_t capped_product(torch::IntArrayRef sizes) {
  int64_t product = 1;
  for (const auto size : sizes) {
    if (size > 0 && product > kMostNumbers / size) return kMostNumbers + 1;
    product *= size;
  }
  return product;
}

/// Names that layers had before they were called as papers call them, and today's.
const std::map<std::string, std::string> kFormerNames = {{"batch_deviation", "minibatch_stddev"},
                                                         {"batch_discrimination", "minibatch_discrimination"}};

}  // namespace

void Layer::parameter(Tensor& member, const std::string& name, torch::IntArrayRef shape) {
  if (capped_product(shape) > kMostNumbers)
    fail(Fault::recipe, "its {} would have {} numbers; expected at most {}; use fewer units or channels", name,
         fmt::join(shape, " x "), grouped(kMostNumbers));
  member = torch::zeros(shape).requires_grad_();
  parameters_.push_back({name, member});
  members_.push_back(&member);
}

const std::vector<LayerEntry>& layer_entries() {
  static const std::vector<LayerEntry> entries = [] {
    std::vector<LayerEntry> all;
    for (auto part : {weighted_layers(), attention_layers(), norm_layers(), activation_layers(), shape_layers(),
                      noise_layers(), wiring_layers()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return entries;
}

LayerInput next_input(LayerInput input, const Layer& layer) {
  if (const auto name = layer.marks(); !name.empty()) input.named[name] = layer.output();
  static_cast<Shape&>(input) = layer.output();
  return input;
}

std::unique_ptr<Layer> make_layer(const std::string& text, const Shape& input) {
  return make_layer(text, LayerInput(input, {}));
}

std::unique_ptr<Layer> make_layer(const std::string& text, const LayerInput& input) {
  Arguments arguments(text);
  std::vector<std::string> names;
  for (const auto& entry : layer_entries()) {
    if (entry.name == arguments.name()) {
      auto layer = entry.make(arguments, input);
      arguments.finish();
      const auto& out = layer->output();
      if (capped_product({out.channels, out.height, out.width}) > kMostNumbers)
        fail(Fault::recipe, "'{}': makes {} of one example; expected at most {} numbers; use a smaller one", text,
             to_string(out), grouped(kMostNumbers));
      return layer;
    }
    names.push_back(entry.name);
  }
  if (const auto former = kFormerNames.find(arguments.name()); former != kFormerNames.end())
    fail(Fault::recipe, "'{}': no such layer any more; it is called '{}' now", text, former->second);
  const auto near = nearest_name(arguments.name(), names);
  fail(Fault::recipe, "'{}': no such layer; {}", text,
       near.empty() ? "`duet list layers` names them all" : fmt::format("did you mean '{}'?", near));
}

}  // namespace duet
