#include <algorithm>

#include "duet/core/error.h"
#include "duet/games/game.h"

namespace duet {

Tensor Loss::total() const {
  Tensor sum;
  for (const auto& term : terms) {
    const auto weighted = term.weight == 1 ? term.value : term.value * term.weight;
    sum = sum.defined() ? sum + weighted : weighted;
  }
  return sum;
}

std::pair<Tensor, Tensor> Turn::both(const std::string& network, const Tensor& x, const Tensor& y) const {
  const auto pair = pairs.find(network);
  if (pair == pairs.end()) return {(*this)(network, x), (*this)(network, y)};
  const auto joined = pair->second(torch::cat({x, y}), labels.defined() ? torch::cat({labels, labels}) : labels);
  return {joined.narrow(0, 0, x.size(0)), joined.narrow(0, x.size(0), y.size(0))};
}

const NetworkSpec& GameSpec::network(const std::string& name) const {
  for (const auto& spec : networks)
    if (spec.name == name) return spec;
  fail(Fault::internal, "a network '{}' is used, but not declared by the game", name);
}

std::vector<std::string> GameSpec::movers(const std::string& network) const {
  std::vector<std::string> names;
  for (const auto& player : players)
    if (std::find(player.networks.begin(), player.networks.end(), network) != player.networks.end())
      names.push_back(player.name);
  return names;
}

std::vector<GameEntry>& game_entries() {
  static std::vector<GameEntry> entries = {adversarial_game()};
  return entries;
}

Catalogue game_catalogue() {
  Catalogue catalogue;
  for (const auto& entry : game_entries()) catalogue.kinds.push_back(entry.name);
  catalogue.make = [](const std::string& kind) -> std::shared_ptr<Config> {
    for (const auto& entry : game_entries())
      if (entry.name == kind) return entry.config();
    return nullptr;
  };
  return catalogue;
}

std::unique_ptr<Game> make_game(const Choice& choice) {
  for (const auto& entry : game_entries())
    if (entry.name == choice.kind) return entry.make(*choice.config);
  fail(Fault::internal, "game '{}' is in no list", choice.kind);
}

}  // namespace duet
