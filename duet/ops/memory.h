#pragma once

namespace duet {

/// From now on this process keeps the memory of freed CPU tensors for the next ones: the steps of a training are alike,
/// and asking the system for fresh pages cost a third of a step. It never gives any back. For programs, at their start;
/// a library leaves its user's choice alone.
void reuse_tensor_memory();

}  // namespace duet
