#pragma once

// The one header that names LibTorch's, precompiled for every source with tensors, and the only place where LibTorch
// 1.13 and 2.x may differ. It leaves out torch::nn and torch::optim on purpose: duet has its own, and a source file
// compiles in 2 s instead of 16.
// ivalue.h comes first: clang 14 refuses LibTorch 1.13's other headers before it.
#include <ATen/core/ivalue.h>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace duet {

using torch::Tensor;
/// Tensors by what they are in a network or a game: "x", "label" ...
using Named = std::map<std::string, Tensor>;
using Generator = at::Generator;

/// Base of allocators. LibTorch's own became another: allocate is const in 1.13 and is not later, copy_data is new.
/// Whichever of these functions it declares, they define.
/// Threads: take() and what ends it are called from any at any time.
class AllocatorBase : public c10::Allocator {
 public:
  virtual c10::DataPtr take(size_t bytes) const = 0;
  virtual c10::DataPtr allocate(size_t bytes) const { return take(bytes); }
  virtual c10::DataPtr allocate(size_t bytes) { return take(bytes); }
  virtual void copy_data(void* to, const void* from, size_t bytes) const { std::memcpy(to, from, bytes); }
};

/// A CPU random generator of its own; its state is a byte tensor (get_state, set_state).
inline Generator make_generator(uint64_t seed) { return at::detail::createCPUGenerator(seed); }

}  // namespace duet
