#include "duet/train/recipe_checks.h"

#include <algorithm>
#include <utility>

#include "duet/core/error.h"
#include "duet/train/players.h"

namespace duet {
namespace {

/// A warning if the output of a network that makes samples cannot cover the data.
std::string out_of_reach(const std::string& name, const Network& network, const Tensor& vectors) {
  if (!vectors.defined()) return {};
  constexpr double kMany = 0.01;  // cutting off a tail may be intended
  const auto& reach = network.reach();
  const auto numbers = vectors.to(torch::kFloat64);
  const auto outside = torch::logical_or(numbers.lt(reach.low), numbers.gt(reach.high)).to(torch::kFloat64).mean();
  if (outside.item<double>() < kMany) return {};
  return fmt::format(
      "[network.{}]: its output '{}' fills [{:.3g}, {:.3g}], but {:.0f} % of the data's numbers lie outside; "
      "they reach from {:.3g} to {:.3g}; use output = \"linear\", or scale the data",
      name, network.bounded_by(), reach.low, reach.high, 100 * outside.item<double>(), numbers.min().item<double>(),
      numbers.max().item<double>());
}

/// A warning for every activation of a network that can never act, as what it is given is never below 0: the leaky_relu
/// after a relu in two of the seeds of this field (KerasGAN, keras-adversarial's convolutional example).
std::vector<std::string> idle_activations(const Network& network) {
  std::vector<std::string> lines;
  auto reach = kEverything;
  size_t bound = 0;  // the layer that gave it this reach
  for (size_t i = 0; i < network.layers().size(); ++i) {
    const auto& layer = *network.layers()[i];
    if (layer.leaky_slope() && *layer.leaky_slope() != 1 && reach.low >= 0)
      lines.push_back(fmt::format(
          "[network.{}] layer {}: '{}' never acts, as what it is given is never below 0 after '{}' (layer {}); leave "
          "one of them out",
          network.name(), i, network.rows()[i].layer, network.rows()[bound].layer, bound));
    const auto before = std::exchange(reach, layer.reach(reach));
    if (!(before == reach)) bound = i;
  }
  return lines;
}

/// Whether a player limits its weights, and with them its networks' slopes.
bool limits_weights(const PlayerConfig& config) { return config.weight_clip > 0 || config.max_column_norm > 0; }

}  // namespace

std::vector<std::string> name_players(Recipe& recipe) {
  std::vector<std::string> lines;
  for (const auto& spec : game_spec(recipe, {}).players) {
    if (recipe.player.contains(spec.name)) continue;
    const auto& config = recipe.player[spec.name];
    lines.push_back(fmt::format(
        "{}: has no section [player.{}]; the {} moves by the defaults, {} with lr = {:g}; add the section to choose",
        recipe.name, spec.name, spec.name, config.optimizer, config.lr.at({})));
  }
  return lines;
}

std::vector<std::string> check_together(const Recipe& recipe,
                                        const std::map<std::string, std::unique_ptr<Network>>& networks,
                                        const Tensor& vectors) {
  std::vector<std::string> lines;
  const auto game = make_game(recipe.game);
  const auto spec = game->spec({}, recipe.latent);
  for (const auto& [name, network] : networks)
    for (auto& line : idle_activations(*network))
      if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
  const auto* output_network = spec.output_network();
  if (!output_network && recipe.score.every > 0)
    fail(Fault::recipe, "score.every = {:g}: game \"{}\" makes no samples to score; leave it out", recipe.score.every,
         recipe.game.kind);
  if (output_network)
    if (auto line = out_of_reach(output_network->keys(), *networks.at(output_network->name), vectors); !line.empty())
      lines.push_back(std::move(line));
  for (const auto& [name, needs] : game->needs()) {
    const auto& network = *networks.at(name);
    const auto movers = spec.players_of(name);
    const auto player = movers.empty() ? std::string() : movers.front();
    const auto config = recipe.player.find(player);
    const bool limited = network.limits_slope() || (config != recipe.player.end() && limits_weights(config->second));
    if (!needs.lipschitz.empty() && !limited)
      fail(Fault::recipe,
           "{}: nothing limits the {}'s slope, so its loss falls without end; set {}{}player.{}.weight_clip = 0.01 "
           "(Arjovsky et al. 2017)",
           needs.lipschitz, name, needs.lipschitz_remedy, needs.lipschitz_remedy.empty() ? "" : ", or ", player);
    if (const auto norm = network.normalises_batch(); !needs.independent_examples.empty() && !norm.empty())
      lines.push_back(
          fmt::format("{} looks at each example's own gradient, which '{}' in [network.{}] mixes with those of the "
                      "batch; this rarely works: use norm = \"none\", or layer_norm or instance_norm in its place",
                      needs.independent_examples, norm, name));
  }
  return lines;
}

}  // namespace duet
