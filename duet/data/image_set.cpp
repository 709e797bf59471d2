#include "duet/data/image_set.h"

#include <algorithm>

#include "duet/core/error.h"
#include "duet/data/codecs.h"
#include "duet/data/image.h"

namespace duet {
namespace {

constexpr int64_t kMaxResolution = 4096;

void check_options(const SourceOptions& options) {
  if (options.resolution < 0 || options.resolution > kMaxResolution)
    fail(Fault::recipe, "data.resolution: is {}; expected 1 to {}, or 0 to keep the pictures' size", options.resolution,
         kMaxResolution);
  if (options.channels != 0 && options.channels != 1 && options.channels != 3)
    fail(Fault::recipe, "data.channels: is {}; expected 1 (grey), 3 (RGB), or 0 for what the first picture has",
         options.channels);
}

/// Interleaved rows to channel planes.
void write_planes(const Image& image, uint8_t* out) {
  const size_t pixels = image.pixels.size() / static_cast<size_t>(image.channels);
  const auto channels = static_cast<size_t>(image.channels);
  for (size_t c = 0; c < channels; ++c)
    for (size_t i = 0; i < pixels; ++i) *out++ = image.pixels[i * channels + c];
}

}  // namespace

ImageSet::ImageSet(Content content, DatasetInfo info, const SourceOptions& options)
    : content_(std::move(content)), info_(std::move(info)), resolution_(options.resolution) {
  check_options(options);
  info_.size = static_cast<int64_t>(content_.classed.files.size());
  info_.classes = content_.classed.classes;
  info_.element = Element::uint8;
  if (info_.shape.channels == 0) {
    const bool known = options.resolution > 0 && options.channels > 0;
    info_.shape = known ? Shape{} : first_shape();
    if (options.resolution > 0) info_.shape.height = info_.shape.width = options.resolution;
    if (options.channels > 0) info_.shape.channels = options.channels;
  }
  if (resolution_ == 0) check_sizes();
}

/// Of the first picture that can be read: a damaged one is named when it is read as an example, not here.
Shape ImageSet::first_shape() const {
  constexpr int64_t kTries = 100;
  std::vector<std::byte> buffer;
  for (int64_t index = 0;; ++index) {
    try {
      const Image image = decode_image(content_.files->read(file(index), buffer), where(index));
      return {image.channels <= 2 ? 1 : 3, image.height, image.width};
    } catch (const Error&) {
      if (index + 1 == std::min(info_.size, kTries)) throw;
    }
  }
}

void ImageSet::check_sizes() const {
  const PixelSize expected{info_.shape.width, info_.shape.height};
  std::vector<std::byte> buffer;
  int64_t odd = 0, first = 0;
  PixelSize found;
  for (int64_t index = 0; index < info_.size; ++index) {
    const auto size = declared_size(content_.files->read(file(index), buffer));
    if (!size || *size == expected) continue;
    if (odd++ == 0) first = index, found = *size;
  }
  if (odd == 0) return;
  fail(Fault::data,
       "{}: is {}x{} pixels where the first picture is {}x{} ({} of {} differ); expected one size; "
       "set data.resolution (such as 64) to crop and resize them all",
       where(first), found.width, found.height, expected.width, expected.height, odd, info_.size);
}

void ImageSet::read(int64_t index, void* out) const {
  std::vector<std::byte> buffer;
  const Image image = decode_image(content_.files->read(file(index), buffer), where(index));
  const Image fitted = fit_image(image, resolution_, info_.shape.channels);
  if (fitted.width != info_.shape.width || fitted.height != info_.shape.height)
    fail(Fault::data, "{}: is {}x{} pixels; expected {}x{} as when the set was opened; leave it unchanged meanwhile",
         where(index), fitted.width, fitted.height, info_.shape.width, info_.shape.height);
  write_planes(fitted, static_cast<uint8_t*>(out));
}

int64_t ImageSet::label(int64_t index) const {
  const auto& labels = content_.classed.labels;
  return labels.empty() ? -1 : labels[static_cast<size_t>(index)];
}

std::string ImageSet::where(int64_t index) const { return content_.files->where(file(index)); }

const std::string& ImageSet::name(int64_t index) const { return content_.found->images[file(index)]; }

Source make_image_source(const std::shared_ptr<const ImageFiles>& files, const std::shared_ptr<const FoundFiles>& found,
                         Parts parts, const DatasetInfo& info, const SourceOptions& options) {
  Source source;
  source.train = std::make_shared<ImageSet>(ImageSet::Content{files, found, std::move(parts.train)}, info, options);
  if (!parts.test) return source;
  DatasetInfo test_info = info;
  test_info.shape = source.train->info().shape;
  source.test = std::make_shared<ImageSet>(ImageSet::Content{files, found, std::move(*parts.test)}, test_info, options);
  return source;
}

}  // namespace duet
