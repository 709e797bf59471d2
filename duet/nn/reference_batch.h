#pragma once

#include "duet/nn/layer.h"

namespace duet {

/// The reference batch of virtual batch norm (Salimans et al. 2016, arXiv:1606.03498, section 3.5): inputs of a network
/// that are kept from its first training forward on, and go through it before those of every batch, with the weights of
/// that moment. Until then they are zeros.
/// Threads: before() may be called from several at once, as long as none trains.
class ReferenceBatch {
 public:
  /// `count` examples of the network's input, "x" in `inputs`, and of the further inputs that it `reads`.
  ReferenceBatch(int64_t count, const std::map<std::string, Shape>& inputs, const std::vector<std::string>& reads);

  int64_t count() const { return count_; }
  /// Named "reference.x", "reference.label" (a number for each class) ..., "reference_kept" (1 once there are some).
  const std::vector<NamedTensor>& buffers() const { return buffers_; }
  /// x with the reference's own before it; the same becomes of the inputs named in the Pass. In a first training
  /// forward those are the first of the batch. Throws Error(recipe) where a group of the batch has fewer.
  Tensor before(const Tensor& x, Pass& pass, const std::string& network);

 private:
  bool is_kept();
  void keep(const Tensor& x, const Pass& pass, const std::string& network);
  const Tensor& kept() const { return buffers_.back().value; }
  Tensor numbers(const std::string& name, const Tensor& value) const;

  int64_t count_;
  std::map<std::string, Shape> shapes_;
  std::vector<std::string> names_;    // of inputs
  std::vector<NamedTensor> buffers_;  // of them, and whether they are kept
  bool known_ = false;                // that they are, at this version of the last buffer
  int64_t version_ = -1;
};

}  // namespace duet
