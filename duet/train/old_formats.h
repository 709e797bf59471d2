#pragma once

#include "duet/train/players.h"

namespace duet {

/// A checkpoint as this duet writes them (see model_file.h), made of one of any format for these players. Throws
/// Error(checkpoint) for a later format, or where a tensor of an older one has another size than the players'.
TensorFile in_this_format(const TensorFile& file, const std::vector<Player>& players);
/// The same of the weights, averages and buffers of one network alone, and of no player.
TensorFile in_this_format(const TensorFile& file, const std::string& name, const Network& network);

}  // namespace duet
