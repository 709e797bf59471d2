#include "duet/nn/reference_batch.h"

#include <algorithm>

#include "duet/core/error.h"

namespace duet {
namespace {

std::vector<int64_t> sizes_of(int64_t n, const Shape& shape) {
  if (shape.is_vector()) return {n, shape.channels};
  return {n, shape.channels, shape.height, shape.width};
}

}  // namespace

ReferenceBatch::ReferenceBatch(int64_t count, const std::map<std::string, Shape>& inputs,
                               const std::vector<std::string>& reads)
    : count_(count), shapes_(inputs), names_(reads) {
  if (std::ranges::count(names_, "x") == 0) names_.insert(names_.begin(), "x");
  for (const auto& name : names_)
    buffers_.push_back({"reference." + name, torch::zeros(sizes_of(count, inputs.at(name)))});
  buffers_.push_back({"reference_kept", torch::zeros({1})});
}

/// Looked up on the host only where it may have changed, as by a checkpoint that was loaded.
bool ReferenceBatch::is_kept() {
  if (const auto version = static_cast<int64_t>(kept()._version()); version != version_) {
    known_ = kept().item<double>() != 0;
    version_ = version;
  }
  return known_;
}

/// Labels as a number for each class.
Tensor ReferenceBatch::numbers(const std::string& name, const Tensor& value) const {
  const auto& shape = shapes_.at(name);
  const auto x = value.scalar_type() == torch::kInt64 ? torch::one_hot(value, shape.channels) : value;
  return x.to(kept().scalar_type()).reshape(sizes_of(value.size(0), shape));
}

void ReferenceBatch::keep(const Tensor& x, const Pass& pass, const std::string& network) {
  torch::NoGradGuard no_grad;
  if (const auto there = x.size(0) / pass.groups; there < count_)
    fail(Fault::recipe,
         "[network.{}]: statistics = reference refers to {} examples, but a batch has {}; set reference = {}, or a "
         "larger batch",
         network, count_, there, there);
  for (size_t i = 0; i < names_.size(); ++i)
    buffers_[i].value.copy_(numbers(names_[i], names_[i] == "x" ? x : pass.named.at(names_[i])).narrow(0, 0, count_));
  buffers_.back().value.fill_(1);
}

Tensor ReferenceBatch::before(const Tensor& x, Pass& pass, const std::string& network) {
  if (pass.training && !is_kept()) keep(x, pass, network);
  Tensor joined;
  for (size_t i = 0; i < names_.size(); ++i) {
    const auto named = pass.named.find(names_[i]);
    const auto& value = names_[i] == "x" ? x : named->second;
    const auto both = torch::cat({buffers_[i].value, numbers(names_[i], value)});
    if (named != pass.named.end()) named->second = both;
    if (names_[i] == "x") joined = both;
  }
  return joined;
}

}  // namespace duet
