#include "duet/train/recipe_checks.h"

#include <algorithm>

#include "duet/core/error.h"
#include "duet/games/game.h"

namespace duet {
namespace {

/// The player that moves a network.
std::string owner_of(const Game& game, const std::string& network) {
  for (const auto& player : game.players())
    if (std::find(player.networks.begin(), player.networks.end(), network) != player.networks.end()) return player.name;
  return {};
}

/// Whether a player keeps its weights, and with them its networks' slopes, within bounds.
bool limits_weights(const PlayerConfig& config) { return config.weight_clip > 0 || config.max_column_norm > 0; }

}  // namespace

std::vector<std::string> name_players(Recipe& recipe) {
  std::vector<std::string> lines;
  for (const auto& spec : make_game(recipe.game)->players()) {
    if (recipe.player.contains(spec.name)) continue;
    const auto& config = recipe.player[spec.name];
    lines.push_back(fmt::format(
        "{}: has no section [player.{}]; the {} moves by the defaults, {} with lr = {:g}; add the section to choose",
        recipe.name, spec.name, spec.name, config.optimizer, config.lr.at({})));
  }
  return lines;
}

std::vector<std::string> check_together(const Recipe& recipe,
                                        const std::map<std::string, std::unique_ptr<Network>>& networks) {
  std::vector<std::string> lines;
  const auto game = make_game(recipe.game);
  for (const auto& [name, needs] : game->needs()) {
    const auto& network = *networks.at(name);
    const auto player = owner_of(*game, name);
    const auto config = recipe.player.find(player);
    const bool limited = network.limits_slope() || (config != recipe.player.end() && limits_weights(config->second));
    if (!needs.limited_slope.empty() && !limited)
      fail(Fault::recipe,
           "{}: nothing limits the {}'s slope, so its loss falls without end; set game.wgan_gp = 10 (Gulrajani et al. "
           "2017, which wants lr = 1e-4 and no batch norm in the {}), or player.{}.weight_clip = 0.01 (Arjovsky et al. "
           "2017)",
           needs.limited_slope, name, name, player);
    if (const auto norm = network.normalises_batch(); !needs.examples_alone.empty() && !norm.empty())
      lines.push_back(
          fmt::format("{} looks at each example's own gradient, which '{}' in [network.{}] mixes with those of the "
                      "batch; it seldom learns so: use norm = \"none\", or layer_norm or instance_norm in its place",
                      needs.examples_alone, norm, name));
  }
  return lines;
}

}  // namespace duet
