#include "duet/train/player_config.h"

#include "duet/train/optimizers.h"

namespace duet {

void PlayerConfig::fields(Fields& f) {
  std::vector<std::string> optimizers;
  for (const auto& entry : optimizer_entries()) optimizers.push_back(entry.name);
  f.choice("optimizer", optimizer, optimizers, "");
  f.schedule("lr", lr, "learning rate", {.low = 0});
  if (optimizer == "sgd") {
    f.schedule("momentum", momentum, "", {0, 1});
    f.flag("nesterov", nesterov, "");
  }
  if (optimizer == "adam" || optimizer == "adamax") {
    f.real("beta1", beta1, "decay of the gradient's mean", {0, 0.99999});
    f.real("beta2", beta2, "decay of the squared gradient's mean", {0, 0.9999999});
  }
  if (optimizer == "rmsprop") f.real("alpha", alpha, "decay of the squared gradient's mean", {0, 0.9999999});
  if (optimizer != "sgd") f.real("eps", eps, "added to the denominator", {0, 1});
  f.real("weight_decay", weight_decay, "L2 penalty's gradient factor", {.low = 0});
  f.real("clip_value", clip_value, "limit every gradient value to +- this; 0 off", {.low = 0});
  f.real("clip_norm", clip_norm, "scale the gradient to at most this norm; 0 off", {.low = 0});
  f.real("weight_clip", weight_clip, "limit every parameter to +- this after the step; 0 off", {.low = 0});
  f.real("max_column_norm", max_column_norm, "largest norm of a unit's incoming weights; 0 off", {.low = 0});
  f.schedule("steps", steps, "consecutive updates per round, rounded", {1, 1000});
  f.integer("unroll", unroll, "compute the loss with the opponents after this many more steps of their own; 0 off",
            {0, 1000});
  if (unroll > 0)
    f.choice("unroll_gradient", unroll_gradient, {"full", "first"},
             "full: through the opponents' steps; first: as if they did not depend on this player");
  f.real("start", start, "kimg at which the player begins to move", {.low = 0});
  f.renamed("average", "ema_kimg");
  f.real("ema_kimg", ema_kimg, "half-life in kimg of the exponential moving average of the weights; 0 off", {.low = 0});
}

}  // namespace duet
