#pragma once

#include "duet/games/game.h"

namespace duet {

/// How far an autoencoder's output is from what it was given: the energy of games whose discriminator is one.
struct EnergyConfig {
  /// "squares", "distance": the sum of squares, or of absolute differences, over an example's numbers; "mean_squares",
  /// "mean_distance": their mean.
  std::string energy = "mean_squares";
  int64_t code = 128;  ///< numbers between its encoder and its decoder

  void fields(Fields& f);
};

/// Who plays such a game: the discriminator, an "encoder" and a "decoder", against a generator of z.
GameSpec energy_game_spec(const DataKind& data, const LatentConfig& latent, const EnergyConfig& config);

/// Energies [N] of batches of one size, which see nothing of each other, and the codes [N, code] they went through.
struct Energies {
  std::vector<Tensor> values, codes;
};
Energies energies_of(const std::vector<Tensor>& batches, const Turn& turn, const EnergyConfig& config);

}  // namespace duet
