#pragma once

// A GPU made of the CPU, for tests on machines without one. Linked into a program with a LibTorch that has no CUDA, it
// makes "cuda:0" a device: every operation on its tensors runs on the CPU, and the rules of a GPU hold. An operation
// that mixes tensors of both devices throws, as CUDA's do, and the device's memory can be touched by nothing but
// operations: who reads it through a pointer dies of a segmentation fault. The keys, storages and autograd nodes are
// CUDA's own, so what runs here differs from a GPU in speed and rounding only, as far as duet can see.
#include <memory>

#include "duet/ops/step_graph.h"

namespace duet {

/// A graph of it. While it captures, nothing is done, as on a GPU: what operations wrote is taken back. What cannot be
/// captured there throws here too: numbers that the host asks for, and copies from or to its memory.
std::unique_ptr<StepGraph> pretend_step_graph();

/// Blocks of its memory that tensors hold now.
long pretend_gpu_blocks();

}  // namespace duet
