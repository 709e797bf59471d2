#include "duet/data/formats/image_set.h"

#include <algorithm>

#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/picture/image.h"

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

bool is_coloured(const Image& image) {
  if (image.channels < 3) return false;
  const auto channels = static_cast<size_t>(image.channels);
  for (size_t i = 0; i < image.pixels.size(); i += channels)
    if (image.pixels[i] != image.pixels[i + 1] || image.pixels[i] != image.pixels[i + 2]) return true;
  return false;
}

/// True when every pixel of a picture with alpha is opaque.
bool is_opaque(const Image& image) {
  const auto channels = static_cast<size_t>(image.channels);
  for (size_t i = channels - 1; i < image.pixels.size(); i += channels)
    if (image.pixels[i] != 255) return false;
  return true;
}

}  // namespace

Finding coloured_as_grey(int64_t coloured, int64_t of, const char* pictures) {
  return {kColouredAsGrey,
          fmt::format("{} of {} {} {} coloured and read as grey, because the first that can be read is "
                      "grey. Set data.channels = 3 to keep colours, or 1 where grey is meant.",
                      grouped(coloured), grouped(of), pictures, coloured == 1 ? "is" : "are")};
}

ImageSet::ImageSet(Content content, DatasetInfo info, const SourceOptions& options)
    : content_(std::move(content)),
      info_(std::move(info)),
      resolution_(options.resolution),
      channels_asked_(options.channels > 0) {
  check_options(options);
  info_.size = static_cast<int64_t>(content_.classed.files.size());
  info_.classes = content_.classed.classes;
  info_.element = Element::uint8;
  const bool leads = info_.shape.channels == 0;
  if (leads) {
    const bool known = options.resolution > 0 && options.channels > 0;
    const auto first = first_shape(known);
    info_.shape = first;
    if (options.resolution > 0) info_.shape.height = info_.shape.width = options.resolution;
    if (options.channels > 0) info_.shape.channels = options.channels;
    if (info_.shape != first) info_.original = first;
    if (!channels_asked_ && info_.shape.channels == 1) doubt_grey();
  }
  if (resolution_ > 0) return;
  if (!options.mixed_sizes) {
    check_sizes();
    return;
  }
  sizes_ = declared_sizes();
  if (leads) adopt_most_frequent_size();
}

/// Properties of the first readable picture: damaged ones are reported when they are read as examples.
Shape ImageSet::first_shape(bool optional) const {
  const int64_t tries = std::min<int64_t>(info_.size, 100);
  std::vector<std::byte> buffer;
  std::string first;
  for (int64_t index = 0; index < tries; ++index) {
    try {
      const Image image = decode_image(content_.files->read(file(index), buffer), where(index));
      return {image.channels <= 2 ? 1 : 3, image.height, image.width};
    } catch (const Error& error) {
      if (index == 0) first = error.what();
    }
  }
  if (optional) return {};
  if (tries == 1) fail(Fault::data, "{}", first);
  fail(Fault::data, "{}: none of {} {} pictures can be read. {}", info_.name, tries < info_.size ? "the first" : "its",
       tries, first);
}

std::vector<PixelSize> ImageSet::declared_sizes() const {
  std::vector<std::byte> buffer;
  std::vector<PixelSize> sizes;
  for (int64_t index = 0; index < info_.size; ++index)
    sizes.push_back(declared_size(content_.files->read(file(index), buffer)).value_or(PixelSize{}));
  return sizes;
}

void ImageSet::adopt_most_frequent_size() {
  std::map<std::pair<int64_t, int64_t>, int64_t> count;
  int64_t most = 0;
  for (const auto& size : sizes_)
    if (size != PixelSize{}) most = std::max(most, ++count[{size.width, size.height}]);
  // If several are equally frequent, the first in reading order.
  for (const auto& size : sizes_) {
    const auto found = count.find({size.width, size.height});
    if (found == count.end() || found->second < most) continue;
    info_.shape.width = size.width, info_.shape.height = size.height;
    return;
  }
}

/// Checks some pictures, spread over the set, for colours that are lost because the first has none.
void ImageSet::doubt_grey() {
  constexpr int64_t kMost = 64;
  const int64_t some = std::min(info_.size, kMost);
  int64_t coloured = 0;
  std::vector<std::byte> buffer;
  for (int64_t i = 0; i < some; ++i) try {
      const int64_t index = i * info_.size / some;
      coloured += is_coloured(decode_image(content_.files->read(file(index), buffer), where(index)));
    } catch (const Error&) {  // reported when it is read as an example
    }
  if (coloured > 0) info_.doubts.push_back(coloured_as_grey(coloured, some, "pictures looked at"));
}

void ImageSet::check_sizes() const {
  const PixelSize expected{info_.shape.width, info_.shape.height};
  int64_t odd = 0, first = 0;
  PixelSize found;
  const auto sizes = declared_sizes();
  for (int64_t index = 0; index < info_.size; ++index) {
    const auto& size = sizes[static_cast<size_t>(index)];
    if (size == PixelSize{} || size == expected) continue;
    if (odd++ == 0) first = index, found = size;
  }
  if (odd == 0) return;
  fail(Fault::data,
       "{}: is {}x{} pixels where the first picture is {}x{} ({} of {} differ); expected one size; "
       "set data.resolution (such as 64) to crop and resize them all",
       where(first), found.width, found.height, expected.width, expected.height, odd, info_.size);
}

void ImageSet::check_unchanged(int64_t index, const Image& fitted) const {
  if (fitted.width == info_.shape.width && fitted.height == info_.shape.height) return;
  fail(Fault::data, "{}: is {}x{} pixels; expected {}x{} as when the set was opened; leave it unchanged meanwhile",
       where(index), fitted.width, fitted.height, info_.shape.width, info_.shape.height);
}

void ImageSet::read(int64_t index, void* out) const {
  std::vector<std::byte> buffer;
  const Image image = decode_image(content_.files->read(file(index), buffer), where(index));
  const Image fitted = fit_image(image, resolution_, info_.shape.channels);
  check_unchanged(index, fitted);
  write_planes(fitted, static_cast<uint8_t*>(out));
}

ImageSet::Look ImageSet::examine(int64_t index, std::vector<uint8_t>& planes) const {
  std::vector<std::byte> buffer;
  const auto bytes = content_.files->read(file(index), buffer);
  const Image image = decode_image(bytes, where(index));
  Look look;
  look.turned = stored_orientation(bytes) != 1;
  look.alpha = image.channels % 2 == 0;
  look.transparent = look.alpha && !is_opaque(image);
  look.coloured_as_grey = !channels_asked_ && info_.shape.channels == 1 && is_coloured(image);
  const Image fitted = fit_image(image, resolution_, info_.shape.channels);
  if (sizes_.empty()) check_unchanged(index, fitted);
  look.shape = {info_.shape.channels, fitted.height, fitted.width};
  planes.resize(fitted.pixels.size());
  write_planes(fitted, planes.data());
  return look;
}

int64_t ImageSet::label(int64_t index) const {
  const auto& labels = content_.classed.labels;
  return labels.empty() ? -1 : labels[static_cast<size_t>(index)];
}

std::string ImageSet::where(int64_t index) const { return content_.files->where(file(index)); }

const std::string& ImageSet::name(int64_t index) const { return content_.found->images[file(index)]; }

namespace {

/// Files that belong to no part.
LeftOut left_out_of(const FoundFiles& found, const Parts& parts) {
  std::vector<bool> taken(found.images.size());
  for (const size_t file : parts.train.files) taken[file] = true;
  if (parts.test)
    for (const size_t file : parts.test->files) taken[file] = true;
  LeftOut left_out = found.left_out;
  for (size_t i = 0; i < taken.size(); ++i)
    if (taken[i])
      ++left_out.pictures_read;
    else if (left_out.in_no_part++ == 0)
      left_out.first_in_no_part = found.images[i];
  return left_out;
}

}  // namespace

Source make_image_source(const std::shared_ptr<const ImageFiles>& files, const std::shared_ptr<const FoundFiles>& found,
                         Parts parts, DatasetInfo info, const SourceOptions& options) {
  info.left_out = left_out_of(*found, parts);
  Source source;
  source.train = std::make_shared<ImageSet>(ImageSet::Content{files, found, std::move(parts.train)}, info, options);
  if (!parts.test) return source;
  DatasetInfo test_info = info;
  test_info.shape = source.train->info().shape;
  source.test = std::make_shared<ImageSet>(ImageSet::Content{files, found, std::move(*parts.test)}, test_info, options);
  return source;
}

}  // namespace duet
