#include "duet/data/tensors.h"

#include <exception>
#include <functional>
#include <mutex>
#include <numeric>

namespace duet {
namespace {

constexpr int64_t kExamplesOfThread = 16;

std::vector<int64_t> consecutive(int64_t first, int64_t count) {
  std::vector<int64_t> indices(static_cast<size_t>(count));
  std::iota(indices.begin(), indices.end(), first);
  return indices;
}

}  // namespace

void for_each_example(int64_t count, const std::function<void(int64_t)>& f) {
  std::mutex mutex;
  std::exception_ptr first_error;
  int64_t first_failed = count;
  at::parallel_for(0, count, kExamplesOfThread, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) try {
        f(i);
      } catch (...) {
        std::lock_guard lock(mutex);
        if (i < first_failed) first_failed = i, first_error = std::current_exception();
        return;
      }
  });
  if (first_error) std::rethrow_exception(first_error);
}

Tensor empty_examples(const Dataset& dataset, int64_t count) {
  const auto& info = dataset.info();
  const auto type = info.element == Element::uint8 ? torch::kUInt8 : torch::kFloat32;
  return torch::empty({count, info.shape.channels, info.shape.height, info.shape.width}, type);
}

Tensor read_examples(const Dataset& dataset, std::span<const int64_t> indices) {
  const auto count = static_cast<int64_t>(indices.size());
  auto out = empty_examples(dataset, count);
  const int64_t bytes = dataset.info().shape.numel() * static_cast<int64_t>(out.element_size());
  auto* data = static_cast<std::byte*>(out.data_ptr());
  for_each_example(count, [&](int64_t i) { dataset.read(indices[static_cast<size_t>(i)], data + i * bytes); });
  return out;
}

Tensor read_examples(const Dataset& dataset, int64_t first, int64_t count) {
  return read_examples(dataset, consecutive(first, count));
}

Tensor read_labels(const Dataset& dataset, std::span<const int64_t> indices) {
  if (dataset.info().classes.empty()) return {};
  auto out = torch::empty({static_cast<int64_t>(indices.size())}, torch::kInt64);
  auto* labels = out.data_ptr<int64_t>();
  for (size_t i = 0; i < indices.size(); ++i) labels[i] = dataset.label(indices[i]);
  return out;
}

Tensor read_labels(const Dataset& dataset, int64_t first, int64_t count) {
  return read_labels(dataset, consecutive(first, count));
}

namespace {

/// Global contrast normalisation of pictures [N,C,H,W] (Goodfellow et al. 2013, arXiv:1302.4389).
Tensor normalised(const Tensor& pictures, double norm) {
  const auto x = pictures - pictures.mean({1, 2, 3}, true);
  return x * (norm / x.square().sum({1, 2, 3}, true).sqrt().clamp_min(1e-8));
}

}  // namespace

Tensor to_values(const Tensor& stored, Range range, const Columns& columns, double contrast) {
  if (stored.scalar_type() != torch::kUInt8) return columns.scaled(stored);
  if (contrast > 0) return normalised(stored.to(torch::kFloat32), contrast);
  return stored.to(torch::kFloat32).mul_((range.high - range.low) / 255).add_(range.low);
}

Tensor to_bytes(const Tensor& values, Range range) {
  return values.detach()
      .to(torch::kFloat32)
      .sub(range.low)
      .mul_(255 / (range.high - range.low))
      .round_()
      .clamp_(0, 255)
      .to(torch::kUInt8);
}

}  // namespace duet
