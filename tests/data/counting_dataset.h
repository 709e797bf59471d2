#pragma once

#include <atomic>
#include <cstring>

#include "duet/data/dataset.h"

namespace duet {

/// Examples of one float, their own index; counts how often it is read.
class CountingDataset final : public Dataset {
 public:
  explicit CountingDataset(int64_t size, bool endless = false) {
    info_.name = "counting";
    info_.format = "folder";
    info_.shape = {1, 1, 1};
    info_.element = Element::float32;
    info_.size = size;
    info_.endless = endless;
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t index, void* out) const override {
    ++reads;
    const auto value = static_cast<float>(index);
    std::memcpy(out, &value, sizeof(value));
  }
  int64_t label(int64_t index) const override { return index; }
  std::string where(int64_t index) const override { return "counting[" + std::to_string(index) + "]"; }

  mutable std::atomic<int> reads{0};

 private:
  DatasetInfo info_;
};

}  // namespace duet
