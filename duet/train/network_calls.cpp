#include "duet/train/network_calls.h"

#include <algorithm>

namespace duet {
namespace {

std::set<std::string> both(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::set<std::string> common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(common, common.end()));
  return common;
}

}  // namespace

Net net_of(const Network& network, const NetworkSpec& spec, std::function<Pass()> pass) {
  // A single output gives [N], unless the data are [N,1].
  const bool column = !spec.makes.empty() && spec.output.numel() == 1;
  const auto forward = [&network, column, pass = std::move(pass)](const Tensor& x, const Named& with, int64_t groups) {
    auto how = pass();
    how.groups = groups;
    const auto y = network.forward(x, with, how);
    return column ? y.unsqueeze(1) : y;
  };
  auto reads = network.inputs();
  std::erase(reads, "x");  // "x" is the network's own argument
  return Net(forward, reads, network.keeps_groups_apart());
}

NetworkCalls::NetworkCalls(const Networks& networks, const GameSpec& spec, const Noise& noise, bool bfloat16)
    : networks_(networks), noise_(noise), bfloat16_(bfloat16) {
  for (const auto& [name, network] : networks_)
    nets_.emplace(name, net_of(*network, spec.network(name), [this, name = name] {
                    for (auto* names : watching_) names->insert(name);
                    return Pass{.training = true,
                                .update_statistics = statistics_ && learning_.contains(name),
                                .noise = noise_,
                                .bfloat16 = bfloat16_,
                                .player = player_};
                  }));
}

void NetworkCalls::let_learn(const std::set<std::string>& networks, bool statistics) {
  for (const auto& [name, network] : networks_) network->requires_grad(networks.contains(name));
  learning_ = networks;
  statistics_ = statistics;
}

NetworkCalls::Made NetworkCalls::make_now(const std::function<Tensor()>& make, const std::set<std::string>& next) {
  Made made;
  const auto learning = learning_;
  auto wider = learning;
  wider.insert(next.begin(), next.end());
  let_learn(wider, statistics_);
  watching_.push_back(&made.by);
  made.value = make();
  watching_.pop_back();
  made.graph = both(made.by, wider);
  for (const auto& name : made.by)
    if (networks_.at(name)->varies_by_turn()) made.player = player_;
  let_learn(learning, statistics_);
  return made;
}

Tensor NetworkCalls::once(const std::string& name, const std::function<Tensor()>& make,
                          const std::set<std::string>& next) {
  auto found = made_.find(name);
  const auto serves = [&](const Made& made) {
    if (!made.player.empty() && made.player != player_) return false;
    const auto learning = both(made.by, learning_);
    return learning.empty() || learning == made.graph;
  };
  if (found == made_.end() || !serves(found->second)) found = made_.insert_or_assign(name, make_now(make, next)).first;
  auto& made = found->second;
  for (auto* names : watching_) names->insert(made.by.begin(), made.by.end());
  if (both(made.by, learning_).empty()) return made.value.detach();
  made.handed_out = true;
  return made.value;
}

void NetworkCalls::end_turn() {
  for (auto& [name, made] : made_) {
    if (!std::exchange(made.handed_out, false)) continue;
    made.value = made.value.detach();
    made.graph.clear();
  }
}

void NetworkCalls::moved(const std::set<std::string>& networks) {
  std::erase_if(made_, [&](const auto& made) { return !both(made.second.by, networks).empty(); });
}

}  // namespace duet
