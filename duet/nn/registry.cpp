#include "duet/nn/network.h"

namespace duet {

const std::vector<NetworkEntry>& network_entries() {
  static const std::vector<NetworkEntry> entries = {mlp_network(), dcgan_network(), resnet_network(), unet_network(),
                                                    layers_network()};
  return entries;
}

Catalogue network_catalogue() {
  Catalogue catalogue;
  for (const auto& entry : network_entries()) catalogue.kinds.push_back(entry.name);
  catalogue.make = [](const std::string& kind) -> std::shared_ptr<Config> {
    for (const auto& entry : network_entries())
      if (entry.name == kind) return entry.make();
    return nullptr;
  };
  return catalogue;
}

}  // namespace duet
