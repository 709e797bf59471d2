#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "duet/core/random.h"
#include "duet/core/torch.h"
#include "duet/data/dataset.h"

namespace duet::testing {

/// Examples held in a tensor.
class TensorDataset : public Dataset {
 public:
  TensorDataset(Tensor examples, std::vector<int64_t> labels, std::vector<std::string> classes)
      : examples_(std::move(examples)), labels_(std::move(labels)) {
    info_.name = "in memory";
    info_.shape = {examples_.size(1), examples_.size(2), examples_.size(3)};
    info_.element = examples_.scalar_type() == torch::kUInt8 ? Element::uint8 : Element::float32;
    info_.size = examples_.size(0);
    info_.classes = std::move(classes);
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t index, void* out) const override {
    const auto bytes = static_cast<size_t>(info_.shape.numel()) * examples_.element_size();
    std::memcpy(out, static_cast<const std::byte*>(examples_.data_ptr()) + static_cast<size_t>(index) * bytes, bytes);
  }
  int64_t label(int64_t index) const override { return labels_.empty() ? -1 : labels_[static_cast<size_t>(index)]; }
  std::string where(int64_t index) const override { return "in memory[" + std::to_string(index) + "]"; }

  const Tensor& examples() const { return examples_; }
  const std::vector<int64_t>& labels() const { return labels_; }

 private:
  DatasetInfo info_;
  Tensor examples_;
  std::vector<int64_t> labels_;
};

/// `count` grey 12x12 pictures of a bright row, column or square at a drawn place, over noise; the class is the shape.
inline TensorDataset shapes_dataset(int64_t count, uint64_t seed, bool labelled = true) {
  auto examples = torch::empty({count, 1, 12, 12}, torch::kUInt8);
  std::vector<int64_t> labels;
  auto* pixel = examples.data_ptr<uint8_t>();
  for (int64_t i = 0; i < count; ++i) {
    Random random(seed, 0, static_cast<uint64_t>(i));
    const int64_t shape = random.below(3), at = 1 + random.below(7), across = 1 + random.below(7);
    labels.push_back(shape);
    for (int64_t y = 0; y < 12; ++y)
      for (int64_t x = 0; x < 12; ++x) {
        const bool row = y >= at && y < at + 2, column = x >= across && x < across + 2;
        const bool square = y >= at && y < at + 4 && x >= across && x < across + 4;
        const bool lit = shape == 0 ? row : shape == 1 ? column : square;
        *pixel++ = static_cast<uint8_t>((lit ? 180 : 0) + random.below(60));
      }
  }
  if (!labelled) return {examples, {}, {}};
  return {examples, labels, {"row", "column", "square"}};
}

}  // namespace duet::testing
