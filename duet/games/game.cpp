#include "duet/games/game.h"

#include <algorithm>

#include "duet/core/error.h"

namespace duet {

Tensor Loss::total() const {
  Tensor sum;
  for (const auto& term : terms) {
    auto weighted = term.weight == 1 ? term.value : term.value * term.weight;
    if (term.factor.defined()) weighted = weighted * term.factor.to(term.value.scalar_type());
    sum = sum.defined() ? sum + weighted : weighted;
  }
  return sum;
}

std::vector<Tensor> Net::operator()(const std::vector<Tensor>& batches, const Named& with) const {
  return (*this)(batches, std::vector<Named>(batches.size(), with));
}

std::vector<Tensor> Net::operator()(const std::vector<Tensor>& batches, const std::vector<Named>& with) const {
  const auto count = static_cast<int64_t>(batches.size());
  std::vector<Tensor> parts;
  if (!takes_groups_ || count == 1) {
    for (size_t i = 0; i < batches.size(); ++i) parts.push_back(forward_(batches[i], with[i], 1));
    return parts;
  }
  Named together;
  for (const auto& name : reads_) {
    std::vector<Tensor> all;
    for (const auto& one : with)
      if (const auto found = one.find(name); found != one.end()) all.push_back(found->second);
    // A missing one is reported by the network itself.
    if (all.size() == batches.size()) together[name] = torch::cat(all);
  }
  const auto joined = forward_(torch::cat(batches), together, count);
  const auto size = batches.front().size(0);
  for (int64_t i = 0; i < count; ++i) parts.push_back(joined.narrow(0, i * size, size));
  return parts;
}

Tensor Game::sample(const Nets&, const Named&) const {
  throw Error(Fault::internal, "a game that makes no samples is asked for some");
}

const NetworkSpec* GameSpec::output_network() const {
  for (const auto& name : samples)
    if (const auto& spec = network(name); spec.makes == samples_like) return &spec;
  return nullptr;
}

const NetworkSpec& GameSpec::network(const std::string& name) const {
  for (const auto& spec : networks)
    if (spec.name == name) return spec;
  fail(Fault::internal, "a network '{}' is used, but not declared by the game", name);
}

std::vector<std::string> GameSpec::players_of(const std::string& network) const {
  std::vector<std::string> names;
  for (const auto& player : players)
    if (std::find(player.networks.begin(), player.networks.end(), network) != player.networks.end())
      names.push_back(player.name);
  return names;
}

}  // namespace duet
