#pragma once

#include "duet/core/torch.h"
#include "duet/ops/onednn_versions.h"

namespace duet {

/// The CPU as oneDNN sees it.
const dnnl::engine& cpu_engine();

/// Whether oneDNN works on this tensor: on the CPU, float32 or bfloat16.
bool suits_onednn(const Tensor& x);

/// float32 or bfloat16.
dnnl::memory::data_type onednn_type(torch::ScalarType type);

/// A tensor's memory under a description of it, without a copy; the tensor must outlive it.
dnnl::memory view(const Tensor& x, const dnnl::memory::desc& layout);

/// Runs to the end, in room of its own: a primitive made with attributes() may run in several threads at once.
void run(const dnnl::primitive& primitive, std::unordered_map<int, dnnl::memory> arguments);

/// Which tensor something was made of: a tensor, as long as it lives, at one version of its content.
/// Threads: not for several at once; its owner locks.
class Source {
 public:
  bool is(const Tensor& tensor) const;
  void set(const Tensor& tensor);

 private:
  // The weak reference keeps the address from being given to another tensor.
  c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl> owner_{
      c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>()};
  const void* data_ = nullptr;
  int64_t version_ = 0;
};

/// A weight in the layout that a primitive wants, packed again only when the tensor has changed since. Not for several
/// threads at once: its owner locks. What pack() has given stays as it is for as long as it is held.
class PackedWeight {
 public:
  PackedWeight() = default;
  /// `plain` describes the float32 tensor, `packed` what the primitive asks for.
  PackedWeight(const dnnl::memory::desc& plain, const dnnl::memory::desc& packed);

  /// The packed form of `weight`, for primitives that read it.
  std::shared_ptr<const dnnl::memory> pack(const Tensor& weight);
  /// What is there: room for a primitive that writes it.
  const dnnl::memory& room() const { return *memory_; }
  /// Writes the room's content to the plain tensor.
  void unpack(const Tensor& weight);

 private:
  dnnl::memory::desc plain_, packed_;
  std::shared_ptr<dnnl::memory> memory_;
  dnnl::reorder to_packed_, to_plain_;
  Source source_;
};

}  // namespace duet
