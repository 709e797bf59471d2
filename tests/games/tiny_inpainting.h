#pragma once

namespace duet {

/// Completes digits of 8x8 pixels behind masks.
inline constexpr const char* kTinyInpainting = R"toml(
kimg = 1
batch = 16
seed = 4
[data]
spec = "digits"
resolution = 8
[stream.mask]
spec = "masks"
resolution = 8
range = "0..1"
[game]
kind = "inpainting"
[network.generator]
kind = "unet"
width = 2
[network.discriminator]
kind = "mlp"
widths = [8]
[player.generator]
lr = 1e-3
ema_kimg = 0.1
[player.discriminator]
lr = 1e-3
)toml";

}  // namespace duet
