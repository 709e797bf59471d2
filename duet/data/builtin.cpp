#include "duet/data/builtin.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include <memory>
#include <utility>

#include "duet/core/error.h"
#include "duet/data/drawn/digits.h"
#include "duet/data/drawn/edges.h"
#include "duet/data/drawn/faces.h"
#include "duet/data/drawn/masks.h"
#include "duet/data/drawn/toys.h"
#include "duet/picture/image.h"

namespace duet {
namespace {

constexpr int64_t kImages = 60'000;
constexpr int64_t kVectors = 50'000;
constexpr int64_t kIndexEnd = int64_t{1} << 62;
constexpr int64_t kMaxResolution = 4096;

/// Digits, or pictures of the same ones.
DrawnSet::Content make_digits(uint64_t seed, void (*draw)(uint64_t seed, int64_t index, uint8_t* out)) {
  DrawnSet::Content content;
  content.info.shape = {1, kDigitSide, kDigitSide};
  for (int digit = 0; digit < 10; ++digit) content.info.classes.push_back(fmt::format("{}", digit));
  content.draw = [seed, draw](int64_t index, void* out) { draw(seed, index, static_cast<uint8_t*>(out)); };
  content.label = [seed](int64_t index) { return digit_label(seed, index); };
  return content;
}

DrawnSet::Content make_faces(uint64_t seed) {
  DrawnSet::Content content;
  content.info.shape = {1, kFaceSide, kFaceSide};
  content.info.classes = face_classes();
  content.draw = [seed](int64_t index, void* out) { draw_face(seed, index, static_cast<uint8_t*>(out)); };
  content.label = [seed](int64_t index) { return face_attributes(seed, index).label(); };
  content.attribute_names = face_attribute_names();
  content.attributes = [seed](int64_t index) { return to_strings(face_attributes(seed, index)); };
  return content;
}

/// Drawn at the requested size: fitting would give values between known and hidden.
DrawnSet::Content make_masks(uint64_t seed, int64_t resolution) {
  const auto side = resolution > 0 ? resolution : kDigitSide;
  DrawnSet::Content content;
  content.info.shape = {1, side, side};
  content.info.classes = mask_kinds();
  content.draw = [seed, side](int64_t index, void* out) { draw_mask(seed, index, side, static_cast<uint8_t*>(out)); };
  content.label = [seed](int64_t index) { return mask_label(seed, index); };
  return content;
}

DrawnSet::Content make_toy(const Toy& toy, uint64_t seed) {
  DrawnSet::Content content;
  content.info.shape = toy.shape;
  content.info.element = toy.shape.is_vector() ? Element::float32 : Element::uint8;
  content.info.classes = toy.classes;
  content.draw = [draw = toy.draw, seed](int64_t index, void* out) { draw(seed, index, out); };
  if (toy.label) content.label = [label = toy.label, seed](int64_t index) { return label(seed, index); };
  return content;
}

DrawnSet::Content make_content(const std::string& name, const SourceOptions& options) {
  const auto seed = options.seed;
  if (name == "digits") return make_digits(seed, draw_digit);
  if (name == "edges") return make_digits(seed, draw_edges);
  if (name == "faces") return make_faces(seed);
  // An impossible resolution is refused below.
  if (name == "masks") return make_masks(seed, std::clamp<int64_t>(options.resolution, 0, kMaxResolution));
  for (const Toy& toy : toys())
    if (toy.name == name) return make_toy(toy, seed);
  std::vector<std::string> names;
  for (const BuiltinSet& set : builtin_sets()) names.push_back(set.name);
  fail(Fault::data, "{}: no such built-in data set; expected one of {}", name, fmt::join(names, ", "));
}

void check_options(const DatasetInfo& info, const SourceOptions& options) {
  if (options.resolution < 0 || options.resolution > kMaxResolution)
    fail(Fault::recipe, "data.resolution: is {}; expected 1 to {}, or 0 to keep the {} pixels of {}",
         options.resolution, kMaxResolution, info.shape.height, info.name);
  if (options.channels != 0 && options.channels != 1 && options.channels != 3)
    fail(Fault::recipe, "data.channels: is {}; expected 1 (grey), 3 (RGB), or 0 for what {} has", options.channels,
         info.name);
  if (info.element == Element::uint8 || (options.resolution == 0 && options.channels == 0)) return;
  fail(Fault::recipe,
       "data: {} holds vectors of {} numbers, which have no {}; leave data.{} out, or take a recipe for vectors, such "
       "as ring",
       info.name, info.shape.numel(), options.resolution ? "resolution" : "channels",
       options.resolution ? "resolution" : "channels");
}

/// Draws pictures with another size or number of channels than the set's own.
void fit_content(DrawnSet::Content& content, const SourceOptions& options) {
  const Shape own = content.info.shape;
  const int64_t resolution = options.resolution ? options.resolution : own.height;
  const int64_t channels = options.channels ? options.channels : own.channels;
  if (resolution == own.height && channels == own.channels) return;
  content.info.shape = {channels, resolution, resolution};
  content.info.original = own;
  content.draw = [own, resolution, channels, draw = content.draw](int64_t index, void* out) {
    Image image = blank_image(static_cast<int>(own.width), static_cast<int>(own.height), 1);
    draw(index, image.pixels.data());
    const Image fitted = fit_image(image, resolution, channels);
    const size_t plane = static_cast<size_t>(resolution * resolution), count = static_cast<size_t>(channels);
    for (size_t c = 0; c < count; ++c)
      for (size_t i = 0; i < plane; ++i) static_cast<uint8_t*>(out)[c * plane + i] = fitted.pixels[i * count + c];
  };
}

}  // namespace

const std::vector<BuiltinSet>& builtin_sets() {
  static const std::vector<BuiltinSet> sets{
      {"digits", "28x28 grey handwritten digits drawn by strokes, 10 classes", "after LeCun et al. 1998"},
      {"edges", "28x28 grey outlines of the digits of the same seed and number, for games of pairs, 10 classes",
       "duet"},
      {"faces", "64x64 grey drawn faces with known attributes, 8 classes of glasses x beard x smile", "duet"},
      {"ring", "2-D, 8 Gaussians on a circle of radius 2, sigma 0.02", "Metz et al. 2017, arXiv:1611.02163"},
      {"grid", "2-D, 25 Gaussians on a 5x5 grid of spacing 2, sigma 0.05", "Lin et al. 2018, arXiv:1712.04086"},
      {"swissroll", "2-D, a spiral of one and a half turns", "Marsland 2009"},
      {"moons", "2-D, two half circles that interlock, 2 classes", "duet"},
      {"gaussians1d", "1-D, 3 Gaussians at -4, 0 and 4, sigma 0.5", "duet"},
      {"gaussian", "1-D, the standard normal distribution, for games whose theory is known", "duet"},
      {"bars", "8x8 grey, rows and columns that are on with probability 1/8", "after Foldiak 1990"},
      {"masks", "28x28 grey, 255 where a pixel is known and 0 where it is hidden, 3 kinds: half, box, scattered",
       "duet"},
      {"nothing", "one zero, again and again, for games that need no data", "duet"},
      {"topics", "48 numbers: an image feature of 32 and one of 20 valid tag vectors of 16, 10 topics",
       "after Mirza and Osindero 2014, arXiv:1411.1784"},
  };
  return sets;
}

Source open_builtin(const std::string& name, const SourceOptions& options) {
  DrawnSet::Content content = make_content(name, options);
  content.seed = options.seed;
  content.info.name = name;
  content.info.format = "builtin";
  content.info.endless = true;
  content.info.size = content.info.element == Element::uint8 ? kImages : kVectors;
  check_options(content.info, options);
  if (content.info.element == Element::uint8) fit_content(content, options);
  return {std::make_shared<DrawnSet>(std::move(content)), nullptr};
}

void DrawnSet::check(int64_t index) const {
  if (index < 0 || index >= kIndexEnd)
    fail(Fault::internal, "{}: example {} was asked for; expected an index from 0 to 2^62 - 1", content_.info.name,
         index);
}

void DrawnSet::read(int64_t index, void* out) const {
  check(index);
  content_.draw(index, out);
}

int64_t DrawnSet::label(int64_t index) const {
  check(index);
  return content_.label ? content_.label(index) : -1;
}

std::string DrawnSet::where(int64_t index) const {
  return fmt::format("{}[{}] of seed {}", content_.info.name, index, content_.seed);
}

std::vector<std::string> DrawnSet::attributes(int64_t index) const {
  check(index);
  return content_.attributes ? content_.attributes(index) : std::vector<std::string>{};
}

}  // namespace duet
