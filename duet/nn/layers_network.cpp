// Any chain of layers, spelled out in the recipe: what the small repositories' networks are written in.
#include "duet/nn/network.h"

namespace duet {
namespace {

struct LayersConfig final : NetworkConfig {
  std::vector<std::string> list;

  void family_fields(Fields& f) override {
    f.texts("layers", list,
            "in order, such as \"conv(64, kernel=4, stride=2, padding=1)\"; see `duet list layers`; none: its input");
  }
  std::vector<std::string> layers(const NetworkContext&) const override { return list; }
};

}  // namespace

NetworkEntry layers_network() {
  return {"layers", "the layers the recipe lists, one after another", "",
          [] { return std::make_shared<LayersConfig>(); }};
}

}  // namespace duet
