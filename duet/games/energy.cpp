#include "duet/games/energy.h"

#include "duet/games/distance.h"

namespace duet {

void EnergyConfig::fields(Fields& f) {
  f.choice("energy", energy, distances(), "of a picture and what the discriminator makes of it, over its numbers");
  f.integer("code", code, "numbers between the discriminator's encoder and its decoder", {1, 1e6});
}

GameSpec energy_game_spec(const DataKind& data, const LatentConfig& latent, const EnergyConfig& config) {
  const Shape z{latent.size, 1, 1}, code{config.code, 1, 1};
  return {.players = {{"discriminator", {"encoder", "decoder"}}, {"generator", {"generator"}, /*keeps_batch=*/true}},
          .networks = {{.name = "encoder", .input = data.shape, .output = code},
                       {.name = "decoder", .input = code, .output = data.shape, .makes = "x"},
                       {.name = "generator", .input = z, .output = data.shape, .range = data.range, .makes = "x"}},
          .latents = {{"z", latent}},
          .samples = {"generator"}};
}

Energies energies_of(const std::vector<Tensor>& batches, const Turn& turn, const EnergyConfig& config) {
  Energies energies;
  energies.codes = turn("encoder", batches);
  if (config.code == 1)
    for (auto& code : energies.codes) code = code.view({-1, 1});  // a single number comes as [N]
  const auto made = turn("decoder", energies.codes);
  for (size_t i = 0; i < batches.size(); ++i)
    energies.values.push_back(distance_of(made[i], batches[i], config.energy));
  return energies;
}

}  // namespace duet
