#pragma once

#include "duet/train/players.h"

namespace duet {

/// What a checkpoint had of a network.
struct LoadedNetwork {
  bool ema = false;        ///< EMA weights
  bool statistics = true;  ///< with the running statistics of batch norm that belong to them, if it has any
};

/// Loads weights into a network made by build_network: EMA weights if the checkpoint, of any format, has some. Throws
/// Error(checkpoint) where it has none, or of other sizes.
LoadedNetwork load_network(const TensorFile& saved, const std::string& name, Network& network);

}  // namespace duet
