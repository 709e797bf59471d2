#include "duet/data/make.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <vector>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/temporary.h"
#include "duet/data/builtin.h"
#include "duet/data/formats/idx.h"
#include "duet/data/formats/npy.h"
#include "duet/picture/image.h"

namespace duet {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostByteClasses = 256;

/// The format to write, checked against the set.
std::string choose_format(const DatasetInfo& info, const std::string& format) {
  const bool pictures = info.element == Element::uint8;
  const std::string chosen = !format.empty() ? format : pictures ? "png" : "npy";
  if (chosen != "png" && chosen != "idx" && chosen != "npy")
    fail(Fault::usage, "--format: is '{}'; expected png, idx or npy", chosen);
  if (!pictures && chosen != "npy")
    fail(Fault::usage, "--format: is {}, but {} holds vectors of {} numbers; expected npy", chosen, info.name,
         info.shape.numel());
  if (chosen == "png" && info.shape.channels != 1 && info.shape.channels != 3)
    fail(Fault::usage, "--format: is png, but {} has {} channels; expected 1 or 3, or use --format npy", info.name,
         info.shape.channels);
  if (chosen != "png" && info.classes.size() > kMostByteClasses)
    fail(Fault::usage, "--format: is {}, but {} has {} classes; expected at most {}, or use --format png", chosen,
         info.name, info.classes.size(), kMostByteClasses);
  return chosen;
}

void check_count(const DatasetInfo& info, int64_t n) {
  if (n < 1) fail(Fault::usage, "-n: is {}; expected at least 1", n);
  if (!info.endless && n > info.size)
    fail(Fault::usage, "-n: is {}, but {} has only {} examples; expected at most that", n, info.name, info.size);
}

/// A folder may have any name, but one with a file extension is probably meant as a file.
void check_folder(const fs::path& out) {
  for (const char* ending : {".csv", ".npy", ".npz", ".png", ".zip", ".tar", ".gz"})
    if (out.extension() == ending)
      fail(Fault::usage, "{}: is named as a file; expected a new or empty folder, which a set is written to; give {}",
           out.string(), fs::path(out).replace_extension().string());
  const auto kind = kind_of(out);
  if (!kind.empty() && kind != "a folder")
    fail(Fault::usage, "{}: is {}; expected a new or empty folder; give another --out", out.string(), kind);
  if (kind.empty()) return check_can_make(out);
  std::error_code error;
  if (!fs::is_empty(out, error) && !error)
    fail(Fault::usage, "{}: the folder is not empty; expected a new or empty one; empty it or give another --out",
         out.string());
  if (error) fail_write(out, "read the folder", error.value());
  refuse_held_folder(out.string(), out);
}

/// The set being written; calls the caller's function before each example.
class Asking final : public Dataset {
 public:
  Asking(const Dataset& dataset, const std::function<void()>& between) : dataset_(dataset), between_(between) {}
  const DatasetInfo& info() const override { return dataset_.info(); }
  void read(int64_t index, void* out) const override {
    if (between_) between_();
    dataset_.read(index, out);
  }
  int64_t label(int64_t index) const override { return dataset_.label(index); }
  std::string where(int64_t index) const override { return dataset_.where(index); }

 private:
  const Dataset& dataset_;
  const std::function<void()>& between_;
};

/// A class's folder; class names may come from a data file, so they must not lead out of `out`.
fs::path class_folder(const fs::path& out, const std::string& name) {
  if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos)
    fail(Fault::usage, "--format: is png, but the class '{}' cannot be a folder's name; use --format idx or npy", name);
  return out / name;
}

Image to_image(const Shape& shape, const std::vector<uint8_t>& planes) {
  Image image = blank_image(static_cast<int>(shape.width), static_cast<int>(shape.height), int(shape.channels));
  const size_t plane = static_cast<size_t>(shape.height * shape.width), channels = static_cast<size_t>(shape.channels);
  for (size_t c = 0; c < channels; ++c)
    for (size_t i = 0; i < plane; ++i) image.pixels[i * channels + c] = planes[c * plane + i];
  return image;
}

void write_pngs(const Dataset& dataset, int64_t n, const fs::path& out) {
  const DatasetInfo& info = dataset.info();
  std::vector<fs::path> folders;
  for (const std::string& name : info.classes) folders.push_back(class_folder(out, name));
  for (const fs::path& folder : folders) make_folder(folder);
  const size_t digits = std::max<size_t>(6, fmt::formatted_size("{}", n - 1));
  std::vector<uint8_t> planes(static_cast<size_t>(info.shape.numel()));
  for (int64_t index = 0; index < n; ++index) {
    dataset.read(index, planes.data());
    const int64_t label = dataset.label(index);
    const fs::path& folder = label < 0 ? out : folders.at(static_cast<size_t>(label));
    write_plain(folder / fmt::format("{:0{}}.png", index, digits), encode_png(to_image(info.shape, planes)));
  }
}

template <class Number>
std::vector<Number> read_all(const Dataset& dataset, int64_t n) {
  const int64_t each = dataset.info().shape.numel();
  std::vector<Number> numbers(static_cast<size_t>(n * each));
  for (int64_t index = 0; index < n; ++index) dataset.read(index, numbers.data() + index * each);
  return numbers;
}

/// Labels as bytes; empty when there are no classes.
std::vector<uint8_t> read_labels(const Dataset& dataset, int64_t n) {
  std::vector<uint8_t> labels;
  if (dataset.info().classes.empty()) return labels;
  for (int64_t index = 0; index < n; ++index) labels.push_back(static_cast<uint8_t>(dataset.label(index)));
  return labels;
}

void write_idx_files(const Dataset& dataset, int64_t n, const fs::path& out) {
  const std::vector<uint8_t> pixels = read_all<uint8_t>(dataset, n), labels = read_labels(dataset, n);
  write_idx(out, {.name = "train", .shape = dataset.info().shape, .images = pixels, .labels = labels});
}

void write_npy_files(const Dataset& dataset, int64_t n, const fs::path& out) {
  const Shape& shape = dataset.info().shape;
  if (dataset.info().element == Element::uint8)
    write_npy(out / "x.npy", {{n, shape.channels, shape.height, shape.width}, read_all<uint8_t>(dataset, n)});
  else
    write_npy(out / "x.npy", {{n, shape.numel()}, read_all<float>(dataset, n)});
  const std::vector<uint8_t> labels = read_labels(dataset, n);
  if (!labels.empty()) write_npy(out / "y.npy", {{n}, labels});
}

void write_attributes(const Dataset& dataset, int64_t n, const fs::path& out) {
  const auto* drawn = dynamic_cast<const DrawnSet*>(&dataset);
  if (!drawn || drawn->attribute_names().empty()) return;
  std::string text = fmt::format("index,class,{}\n", fmt::join(drawn->attribute_names(), ","));
  for (int64_t index = 0; index < n; ++index)
    text += fmt::format("{},{},{}\n", index, drawn->info().classes.at(static_cast<size_t>(drawn->label(index))),
                        fmt::join(drawn->attributes(index), ","));
  write_plain(out / "attributes.csv", std::as_bytes(std::span(text)));
}

}  // namespace

void make_dataset(const Dataset& dataset, int64_t n, const fs::path& out, const std::string& format,
                  const std::function<void()>& between) {
  const std::string chosen = choose_format(dataset.info(), format);
  check_count(dataset.info(), n);
  check_folder(out);
  const Asking asking(dataset, between);
  write_folder(out, [&](const fs::path& folder) {
    if (chosen == "png") write_pngs(asking, n, folder);
    if (chosen == "idx") write_idx_files(asking, n, folder);
    if (chosen == "npy") write_npy_files(asking, n, folder);
    write_attributes(dataset, n, folder);
  });
}

}  // namespace duet
