#pragma once

#include "duet/games/game.h"

namespace duet {

/// A network that a test makes up: f(x, labels).
inline Net made_up(const std::function<Tensor(const Tensor& x, const Tensor& labels)>& f) {
  return Net([f](const Tensor& x, const Named& with, int64_t) {
    const auto label = with.find("label");
    return f(x, label == with.end() ? Tensor() : label->second);
  });
}

/// A turn on this batch, whose generator makes these fakes. Nobody keeps what is made once.
inline Turn turn_on(const Tensor& real, const Tensor& fake, const Noise& noise) {
  Turn turn;
  turn.given = {{"x", real}, {"z", Tensor()}};
  turn.nets["generator"] = made_up([fake](const Tensor&, const Tensor&) { return fake; });
  turn.noise = noise;
  return turn;
}

}  // namespace duet
