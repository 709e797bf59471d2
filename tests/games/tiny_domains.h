#pragma once

#include <string>

namespace duet {

/// Two domains of digits of 8x8 pixels, the second ones rotated, for games with a stream "b".
inline std::string tiny_domains(const std::string& game) {
  return R"toml(
kimg = 1
batch = 8
seed = 4
[data]
spec = "digits"
resolution = 8
part = "even"
[stream.b]
spec = "[data]"
resolution = 8
part = "odd"
rotate = 90
[latent]
size = 3
[network.generator]
kind = "mlp"
widths = [6]
output = "tanh"
norm = "batch_norm"
[network.discriminator]
kind = "mlp"
widths = [6]
[player.generator]
lr = 1e-3
ema_kimg = 0.1
[player.discriminator]
lr = 1e-3
)toml" + game;
}

}  // namespace duet
