#include "duet/train/trained_network.h"

#include "duet/train/old_formats.h"

namespace duet {

LoadedNetwork load_network(const TensorFile& saved, const std::string& name, Network& network) {
  torch::NoGradGuard no_grad;
  const auto file = in_this_format(saved, name, network);
  const auto plain = name + "/", ema = "ema/" + plain;
  const auto copy = [&](const std::vector<NamedTensor>& list, const std::string& from) {
    for (const auto& [part, value] : list) value.copy_(file.at(from + part, value.sizes()));
  };
  const auto has = [&](const std::vector<NamedTensor>& list) {
    return !list.empty() && file.tensors.contains(ema + list.front().name);
  };
  const LoadedNetwork loaded{.ema = has(network.parameters()),
                             .statistics = network.buffers().empty() || has(network.buffers())};
  copy(network.parameters(), loaded.ema ? ema : plain);
  copy(network.buffers(), has(network.buffers()) ? ema : plain);
  return loaded;
}

}  // namespace duet
