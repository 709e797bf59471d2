#include "duet/data/formats/array.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/core/memory_size.h"
#include "duet/picture/image.h"

namespace duet {
namespace {

size_t element_bytes(Element element) { return element == Element::uint8 ? 1 : sizeof(float); }

class ArrayDataset final : public Dataset {
 public:
  explicit ArrayDataset(Array array)
      : array_(std::move(array)),
        stride_(static_cast<size_t>(array_.info.shape.numel()) * element_bytes(array_.info.element)) {
    const auto size = static_cast<size_t>(array_.info.size);
    if (array_.data.size() != size * stride_ || (!array_.labels.empty() && array_.labels.size() != size))
      fail(Fault::internal, "{}: {} bytes and {} labels for {} examples of {} bytes", array_.file, array_.data.size(),
           array_.labels.size(), size, stride_);
  }

  const DatasetInfo& info() const override { return array_.info; }

  void read(int64_t index, void* out) const override {
    check(index);
    std::memcpy(out, array_.data.data() + static_cast<size_t>(index) * stride_, stride_);
  }

  int64_t label(int64_t index) const override {
    check(index);
    return array_.labels.empty() ? -1 : array_.labels[static_cast<size_t>(index)];
  }

  std::string where(int64_t index) const override { return fmt::format("{}[{}]", array_.file, index); }

 private:
  void check(int64_t index) const {
    if (index < 0 || index >= array_.info.size)
      fail(Fault::internal, "{}: example {} was asked for; there are {}", array_.file, index, array_.info.size);
  }

  Array array_;
  size_t stride_;
};

/// C, H, W in memory to rows of interleaved channels.
Image to_image(const std::byte* planes, const Shape& shape) {
  Image image =
      blank_image(static_cast<int>(shape.width), static_cast<int>(shape.height), static_cast<int>(shape.channels));
  const size_t pixels = static_cast<size_t>(shape.height * shape.width), channels = static_cast<size_t>(shape.channels);
  for (size_t c = 0; c < channels; ++c)
    for (size_t i = 0; i < pixels; ++i) image.pixels[i * channels + c] = static_cast<uint8_t>(planes[c * pixels + i]);
  return image;
}

void append_planes(const Image& image, std::vector<std::byte>& data) {
  const size_t channels = static_cast<size_t>(image.channels), pixels = image.pixels.size() / channels;
  for (size_t c = 0; c < channels; ++c)
    for (size_t i = 0; i < pixels; ++i) data.push_back(static_cast<std::byte>(image.pixels[i * channels + c]));
}

/// Applies fit_image to every picture.
void refit(Array& array, int64_t resolution, const Shape& to) {
  const auto stride = static_cast<size_t>(array.info.shape.numel());
  std::vector<std::byte> fitted;
  fitted.reserve(static_cast<size_t>(array.info.size * to.numel()));
  for (int64_t i = 0; i < array.info.size; ++i) {
    const std::byte* example = array.data.data() + static_cast<size_t>(i) * stride;
    append_planes(fit_image(to_image(example, array.info.shape), resolution, to.channels), fitted);
  }
  array.data = std::move(fitted);
  array.info.shape = to;
}

/// Resized pictures of an array are all in memory: throws if they exceed the machine's memory.
void check_memory(const Array& array, const Shape& shape) {
  constexpr double kGib = 1 << 30;
  const auto memory = static_cast<double>(machine_memory_bytes());
  const double each = static_cast<double>(shape.numel()), all = each * static_cast<double>(array.info.size);
  if (all <= memory) return;
  const double side = std::sqrt(memory / static_cast<double>(array.info.size * shape.channels));
  fail(Fault::recipe,
       "{}: resized to {}, its {} pictures would take {:.0f} GiB, and this machine has {:.0f}; expected a resolution "
       "of at most {:.0f}; recipes use 28 to 64",
       array.file, to_string(shape), grouped(array.info.size), all / kGib, memory / kGib, std::floor(side));
}

}  // namespace

std::shared_ptr<const Dataset> array_dataset(Array array) { return std::make_shared<ArrayDataset>(std::move(array)); }

void recolour(Array& array, int64_t channels) {
  refit(array, 0, {channels, array.info.shape.height, array.info.shape.width});
}

void fit_array(Array& array, const SourceOptions& options) {
  const Shape from = array.info.shape;
  if (from.is_vector()) return;
  Shape to = from;
  if (options.channels > 0) to.channels = options.channels;
  if (options.resolution > 0) to.height = to.width = options.resolution;
  if (to == from) return;
  if (from.channels != 1 && from.channels != 3)
    fail(Fault::data,
         "{}: pictures of {} have {} channels; only grey (1) and RGB (3) are resized and recoloured; set "
         "data.resolution "
         "and data.channels to 0, or store them at that size as [N,{},{},{}]",
         array.file, to_string(from), from.channels, to.channels, to.height, to.width);
  check_memory(array, to);
  refit(array, options.resolution, to);
  array.info.original = from;
}

std::vector<std::string> number_classes(const std::vector<int>& labels) {
  std::vector<std::string> classes;
  if (labels.empty()) return classes;
  const int highest = *std::max_element(labels.begin(), labels.end());
  for (int c = 0; c <= highest; ++c) classes.push_back(std::to_string(c));
  return classes;
}

Source join_parts(Array train, Array test) {
  if (test.info.shape != train.info.shape || test.info.element != train.info.element)
    fail(Fault::data, "{}: test examples are {}, the training examples in {} are {}; both must be alike", test.file,
         to_string(test.info.shape), train.file, to_string(train.info.shape));
  if (train.labels.empty()) test.labels.clear();
  test.info.classes = train.info.classes;
  const int classes = static_cast<int>(train.info.classes.size());
  for (size_t i = 0; i < test.labels.size(); ++i)
    if (test.labels[i] >= classes)
      fail(Fault::data, "{}[{}]: label {}, but the {} classes of {} end at {}", test.file, i, test.labels[i], classes,
           train.file, classes - 1);
  return {array_dataset(std::move(train)), array_dataset(std::move(test))};
}

}  // namespace duet
