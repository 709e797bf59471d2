#pragma once

#include "duet/games/game.h"

namespace duet {

// Examples of zeros and ones, and networks that give logits: of each number, the log odds of its being 1.

/// Throws Error(recipe) for pictures in another range than 0..1. `game` is its kind, for the message.
void check_binary(const DataKind& data, const std::string& game);

/// 1 where a number is above 0.5, else 0; same shape and type.
Tensor binarised(const Tensor& x);

/// Zeros and ones, drawn independently of each other; same shape and type as the logits. Without a gradient.
Tensor draw_bits(const Tensor& logits, const Noise& noise);
/// The same from uniform numbers in [0, 1), as many as logits.
Tensor bits_of(const Tensor& logits, const Tensor& uniform);

/// The log probability of each example's bits, [N]: the sum of bit * logit - log(1 + e^logit).
Tensor log_probability(const Tensor& bits, const Tensor& logits);

/// What such games draw beside z: uniform numbers in [0, 1).
LatentConfig uniform_numbers(int64_t size);

}  // namespace duet
