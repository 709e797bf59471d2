#include "duet/nn/layer.h"

#include "duet/core/error.h"
#include "duet/core/nearest.h"

namespace duet {

const std::vector<LayerEntry>& layer_entries() {
  static const std::vector<LayerEntry> entries = [] {
    std::vector<LayerEntry> all;
    for (auto part : {weighted_layers(), norm_layers(), activation_layers(), shape_layers(), noise_layers()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return entries;
}

std::unique_ptr<Layer> make_layer(const std::string& text, const Shape& input) {
  Arguments arguments(text);
  std::vector<std::string> names;
  for (const auto& entry : layer_entries()) {
    if (entry.name == arguments.name()) {
      auto layer = entry.make(arguments, input);
      arguments.finish();
      return layer;
    }
    names.push_back(entry.name);
  }
  const auto near = nearest_name(arguments.name(), names);
  fail(Fault::recipe, "'{}': no such layer; {}", text,
       near.empty() ? "`duet list layers` names them all" : fmt::format("did you mean '{}'?", near));
}

}  // namespace duet
