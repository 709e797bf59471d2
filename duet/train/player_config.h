#pragma once

#include <string>

#include "duet/config/fields.h"

namespace duet {

/// [player.NAME]: a player's optimiser and turns.
struct PlayerConfig {
  std::string optimizer = "adam";  ///< "sgd", "rmsprop", "adam", "adamax"
  Schedule lr = 2e-4;
  Schedule momentum = 0.0;  ///< sgd
  bool nesterov = false;    ///< sgd
  double beta1 = 0.9;       ///< adam, adamax
  double beta2 = 0.999;     ///< adam, adamax
  double alpha = 0.99;      ///< rmsprop: smoothing of the squared gradient
  double eps = 1e-8;
  double weight_decay = 0;     ///< L2: adds weight_decay * parameter to the gradient
  double clip_value = 0;       ///< each gradient value is limited to [-v, v]; 0: off
  double clip_norm = 0;        ///< the player's whole gradient is scaled to at most this norm; 0: off
  double weight_clip = 0;      ///< every parameter is limited to [-c, c] after the step (WGAN); 0: off
  double max_column_norm = 0;  ///< incoming weights of every unit are scaled to at most this norm; 0: off
  Schedule steps = 1.0;        ///< consecutive updates per round, rounded; at least one
  /// The loss is computed with the opponents as they would be after this many more steps of their own (Metz et al.
  /// 2016, arXiv:1611.02163); 0: as they are.
  int64_t unroll = 0;
  /// Gradient through these steps: "full", the loss's total derivative, or "first", as if they did not depend on this
  /// player.
  std::string unroll_gradient = "full";
  double start = 0;     ///< kimg at which the player begins to move
  double ema_kimg = 0;  ///< half-life of the EMA of the weights in kimg, at most 5 % of the run so far; 0: off
  void fields(Fields& f);
};

}  // namespace duet
