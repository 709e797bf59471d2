#pragma once

#include "duet/train/players.h"

namespace duet {

/// Converts a checkpoint of any format for these players to the current format (see model_file.h). Throws
/// Error(checkpoint) for a later format, or if a tensor of an older one does not have the players' sizes.
TensorFile in_this_format(const TensorFile& file, const std::vector<Player>& players);
/// The same for the weights, EMA weights and buffers of one network alone, without a player.
TensorFile in_this_format(const TensorFile& file, const std::string& name, const Network& network);

}  // namespace duet
