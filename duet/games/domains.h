#pragma once

#include "duet/games/game.h"

namespace duet {

/// A turn as a game of one domain sees it: stream `name`, its labels and its range take the places of those of [data].
Turn as_domain(const Turn& turn, const std::string& name);

/// Adds the terms of one domain's loss: "adversarial_b", "logit_real_b".
void add_terms(Loss& loss, const Loss& part, const std::string& domain);

}  // namespace duet
