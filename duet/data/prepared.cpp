#include "duet/data/prepared.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace duet {
namespace {

/// Pictures whose bytes are changed when they are read.
class Prepared final : public Dataset {
 public:
  using Change = std::function<void(uint8_t* picture, size_t count)>;

  Prepared(std::shared_ptr<const Dataset> pictures, Change change)
      : pictures_(std::move(pictures)), change_(std::move(change)) {}
  const DatasetInfo& info() const override { return pictures_->info(); }
  void read(int64_t index, void* out) const override {
    pictures_->read(index, out);
    change_(static_cast<uint8_t*>(out), static_cast<size_t>(info().shape.numel()));
  }
  int64_t label(int64_t index) const override { return pictures_->label(index); }
  std::string where(int64_t index) const override { return pictures_->where(index); }

 private:
  std::shared_ptr<const Dataset> pictures_;
  Change change_;
};

void normalise(uint8_t* picture, size_t count, double norm, const Range& range) {
  double sum = 0, square = 0;
  for (size_t i = 0; i < count; ++i) sum += picture[i];
  const double mean = sum / static_cast<double>(count);
  for (size_t i = 0; i < count; ++i) square += (picture[i] - mean) * (picture[i] - mean);
  const double scale = square > 0 ? norm / std::sqrt(square) : 0;
  for (size_t i = 0; i < count; ++i) {
    const double share = ((picture[i] - mean) * scale - range.low) / (range.high - range.low);
    picture[i] = static_cast<uint8_t>(std::clamp(std::nearbyint(255 * share), 0.0, 255.0));
  }
}

}  // namespace

Range contrast_range(double norm, const Shape& shape) {
  const double reach = 2 * norm / std::sqrt(static_cast<double>(std::max<int64_t>(shape.numel(), 1)));
  return {-reach, reach};
}

std::shared_ptr<const Dataset> binarised(std::shared_ptr<const Dataset> pictures, double threshold) {
  return std::make_shared<Prepared>(std::move(pictures), [threshold](uint8_t* picture, size_t count) {
    for (size_t i = 0; i < count; ++i) picture[i] = picture[i] > threshold * 255 ? 255 : 0;
  });
}

std::shared_ptr<const Dataset> contrasted(std::shared_ptr<const Dataset> pictures, double norm) {
  const auto range = contrast_range(norm, pictures->info().shape);
  return std::make_shared<Prepared>(
      std::move(pictures), [norm, range](uint8_t* picture, size_t count) { normalise(picture, count, norm, range); });
}

}  // namespace duet
