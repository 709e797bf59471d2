#pragma once

// A GPU made of the CPU, for tests on machines without one. Linked into a program with a LibTorch that has no CUDA, it
// makes "cuda:0" a device: every operation on its tensors runs on the CPU, and the rules of a GPU hold. An operation
// that mixes tensors of both devices throws, as CUDA's do, and the device's memory can be touched by nothing but
// operations: who reads it through a pointer dies of a segmentation fault. The keys, storages and autograd nodes are
// CUDA's own, so what runs here differs from a GPU in speed and rounding only, as far as duet can see.
namespace duet {

/// Blocks of its memory that tensors hold now.
long pretend_gpu_blocks();

}  // namespace duet
