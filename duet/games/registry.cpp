#include <algorithm>

#include "duet/core/error.h"
#include "duet/games/game.h"

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
  const auto count = static_cast<int64_t>(batches.size());
  std::vector<Tensor> parts;
  if (!takes_groups_ || count == 1) {
    for (const auto& x : batches) parts.push_back(forward_(x, with, 1));
    return parts;
  }
  Named repeated;
  for (const auto& name : reads_)
    if (const auto found = with.find(name); found != with.end())
      repeated[name] = torch::cat(std::vector<Tensor>(batches.size(), found->second));
  const auto joined = forward_(torch::cat(batches), repeated, count);
  const auto size = batches.front().size(0);
  for (int64_t i = 0; i < count; ++i) parts.push_back(joined.narrow(0, i * size, size));
  return parts;
}

Tensor Game::sample(const Nets&, const Named&) const {
  throw Error(Fault::internal, "a game that makes no samples is asked for some");
}

const NetworkSpec* GameSpec::maker() const {
  for (const auto& name : samples)
    if (const auto& spec = network(name); spec.makes_data) return &spec;
  return nullptr;
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
