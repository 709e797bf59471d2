#include "duet/data/domain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "duet/core/error.h"

namespace duet {
namespace {

/// Every `step`-th example of a set from `first` on.
struct Chosen {
  int64_t first = 0, step = 1, size = 0;
};

/// `in` has this shape, rows and columns of elements of so many bytes; `out` gets it rotated counter-clockwise.
void rotate_picture(const std::byte* in, const Shape& shape, int64_t degrees, size_t bytes, std::byte* out) {
  const auto height = shape.height, width = shape.width;
  const bool upright = degrees == 180;
  const auto rows = upright ? height : width, columns = upright ? width : height;
  for (int64_t c = 0; c < shape.channels; ++c, in += height * width * static_cast<int64_t>(bytes))
    for (int64_t y = 0; y < rows; ++y)
      for (int64_t x = 0; x < columns; ++x, out += bytes) {
        const auto from = degrees == 90    ? x * width + (width - 1 - y)
                          : degrees == 180 ? (height - 1 - y) * width + (width - 1 - x)
                                           : (height - 1 - x) * width + y;
        std::memcpy(out, in + from * static_cast<int64_t>(bytes), bytes);
      }
}

class Domain final : public Dataset {
 public:
  Domain(std::shared_ptr<const Dataset> dataset, const Chosen& chosen, const DomainOptions& options)
      : dataset_(std::move(dataset)), chosen_(chosen), rotate_(options.rotate), info_(dataset_->info()) {
    info_.size = chosen_.size;
    if (rotate_ == 90 || rotate_ == 270) std::swap(info_.shape.height, info_.shape.width);
    if (options.part != "all") info_.reading.push_back(fmt::format("part = \"{}\" of its examples", options.part));
    if (rotate_ != 0) info_.reading.push_back(fmt::format("rotated by {} degrees counter-clockwise", rotate_));
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t index, void* out) const override {
    if (rotate_ == 0) return dataset_->read(source_index(index), out);
    const auto& shape = dataset_->info().shape;
    const size_t bytes = info_.element == Element::uint8 ? 1 : sizeof(float);
    std::vector<std::byte> upright(static_cast<size_t>(shape.numel()) * bytes);
    dataset_->read(source_index(index), upright.data());
    rotate_picture(upright.data(), shape, rotate_, bytes, static_cast<std::byte*>(out));
  }
  int64_t label(int64_t index) const override { return dataset_->label(source_index(index)); }
  std::string where(int64_t index) const override { return dataset_->where(source_index(index)); }

 private:
  int64_t source_index(int64_t index) const {
    if (index < 0 || (!info_.endless && index >= info_.size))
      fail(Fault::internal, "{}: example {} of a part with {} was asked for", info_.name, index, info_.size);
    return chosen_.first + chosen_.step * index;
  }

  std::shared_ptr<const Dataset> dataset_;
  Chosen chosen_;
  int64_t rotate_;
  DatasetInfo info_;
};

Chosen choose(const DatasetInfo& info, const std::string& part) {
  const auto half = info.size / 2;
  if (part == "all") return {0, 1, info.size};
  if (part == "even" || (part == "first half" && info.endless)) return {0, 2, info.size - half};
  if (part == "odd" || (part == "second half" && info.endless)) return {1, 2, half};
  return part == "first half" ? Chosen{0, 1, half} : Chosen{half, 1, info.size - half};
}

void check(const DatasetInfo& info, const DomainOptions& options) {
  const auto parts = data_parts();
  if (std::find(parts.begin(), parts.end(), options.part) == parts.end())
    fail(Fault::recipe, "part: '{}'; expected one of {}", options.part, fmt::join(parts, ", "));
  if (options.rotate != 0 && options.rotate != 90 && options.rotate != 180 && options.rotate != 270)
    fail(Fault::recipe, "rotate: is {}; expected 0, 90, 180 or 270 degrees", options.rotate);
  if (options.rotate != 0 && info.shape.is_vector())
    fail(Fault::recipe, "rotate: {} holds vectors of {} numbers, and only pictures can be rotated; leave it out",
         info.name, info.shape.numel());
}

std::shared_ptr<const Dataset> domain(std::shared_ptr<const Dataset> dataset, const DomainOptions& options) {
  const auto& info = dataset->info();
  const auto chosen = choose(info, options.part);
  if (chosen.size == 0)
    fail(Fault::recipe, "part: \"{}\" of {} with {} example{} has none; leave it out", options.part, info.name,
         info.size, info.size == 1 ? "" : "s");
  return std::make_shared<Domain>(std::move(dataset), chosen, options);
}

}  // namespace

std::vector<std::string> data_parts() { return {"all", "first half", "second half", "even", "odd"}; }

Source domain_of(Source source, const DomainOptions& options) {
  check(source.train->info(), options);
  if (options.part == "all" && options.rotate == 0) return source;
  source.train = domain(std::move(source.train), options);
  if (source.test) source.test = domain(std::move(source.test), options);
  return source;
}

}  // namespace duet
