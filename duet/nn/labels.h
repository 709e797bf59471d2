#pragma once

#include "duet/nn/network.h"

namespace duet {

/// A family's list of layers, and among them those by which labels enter as `config.label` says:
///   concat, channels  concat(label) after `label_after` layers, or after a first flatten
///   embedding         a learned row of it, at the same places
///   projection        at the end, on what the last layer with weights is given
/// Throws Error(recipe): data without labels, no such place, or an output that a projection cannot add to.
std::vector<std::string> with_labels(const NetworkConfig& config, const NetworkContext& context,
                                     const std::vector<std::string>& layers);

}  // namespace duet
