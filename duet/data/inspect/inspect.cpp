#include "duet/data/inspect/inspect.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <future>
#include <limits>
#include <type_traits>
#include <unordered_map>

#include "duet/core/error.h"
#include "duet/core/random.h"
#include "duet/data/formats/image_set.h"
#include "duet/data/inspect/inspect_findings.h"

namespace duet {
namespace {

constexpr int64_t kBlock = 256;  ///< examples that a thread processes at a time

/// Count, mean and sum of squared deviations, merged pairwise (Chan, Golub and LeVeque 1979), so that the result does
/// not depend on which thread read which examples.
struct Moments {
  double count = 0, mean = 0, deviations = 0;
  double min = std::numeric_limits<double>::infinity(), max = -std::numeric_limits<double>::infinity();

  void merge(const Moments& other) {
    if (other.count == 0) return;
    const double total = count + other.count, delta = other.mean - mean;
    mean += delta * other.count / total;
    deviations += other.deviations + delta * delta * count * other.count / total;
    count = total;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
  }
};

template <class T>
Moments moments_of(const std::vector<T>& values) {
  Moments moments;
  double sum = 0;
  for (const T value : values) {
    if (!std::isfinite(static_cast<double>(value))) continue;
    ++moments.count;
    sum += static_cast<double>(value);
    moments.min = std::min(moments.min, static_cast<double>(value));
    moments.max = std::max(moments.max, static_cast<double>(value));
  }
  if (moments.count == 0) return moments;
  moments.mean = sum / moments.count;
  for (const T value : values) {
    const double delta = static_cast<double>(value) - moments.mean;
    if (std::isfinite(delta)) moments.deviations += delta * delta;
  }
  return moments;
}

bool has_columns(const DatasetInfo& info) {
  return info.shape.is_vector() && info.element == Element::float32 && info.shape.numel() <= kMostColumns;
}

/// Results of the examples [first, first + kBlock).
struct Block {
  Moments moments;
  std::vector<Moments> columns;  ///< of vectors
  int64_t not_finite = 0;
  std::vector<int64_t> blank;
  std::vector<std::pair<int64_t, std::string>> corrupt;
  bool coloured = false;
  int64_t turned = 0, alpha = 0, transparent = 0, coloured_as_grey = 0;
};

template <class T>
uint64_t hash_of(const std::vector<T>& values, const Shape& shape) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
  const size_t size = values.size() * sizeof(T);
  uint64_t hash = mix(size) ^ static_cast<uint64_t>(shape.height);
  for (size_t at = 0; at < size; at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes + at, std::min<size_t>(8, size - at));
    hash = mix(std::rotl(hash, 1) ^ word);
  }
  return hash;
}

/// True when every channel has a single value.
template <class T>
bool is_blank(const std::vector<T>& values, const Shape& shape) {
  const auto plane = static_cast<size_t>(shape.height * shape.width);
  for (size_t start = 0; start < values.size(); start += plane)
    for (size_t i = 1; i < plane; ++i)
      if (values[start + i] != values[start]) return false;
  return true;
}

template <class T>
bool is_coloured(const std::vector<T>& values, const Shape& shape) {
  const auto plane = static_cast<ptrdiff_t>(shape.height * shape.width);
  const auto red = values.begin();
  return !std::equal(red, red + plane, red + plane) || !std::equal(red, red + plane, red + 2 * plane);
}

/// All results of one part's examples, by position.
struct Reading {
  std::vector<Block> blocks;
  std::vector<uint64_t> hashes;  ///< 0 for an unreadable example
};

/// Reads an example; in a set of mixed sizes every picture has its own shape.
template <class T>
ImageSet::Look read_example(const Dataset& data, int64_t index, std::vector<T>& values) {
  if constexpr (std::is_same_v<T, uint8_t>)
    if (const auto* images = dynamic_cast<const ImageSet*>(&data)) return images->examine(index, values);
  values.resize(static_cast<size_t>(data.info().shape.numel()));
  data.read(index, values.data());
  return {data.info().shape};
}

template <class T>
Block read_block(const Dataset& data, int64_t first, int64_t last, std::vector<uint64_t>& hashes) {
  ImageSet::Look look;
  std::vector<T> values;
  Block block;
  for (int64_t index = first; index < last; ++index) {
    try {
      look = read_example(data, index, values);
    } catch (const Error& error) {
      if (error.fault() != Fault::data) throw;
      block.corrupt.emplace_back(index, error.what());
      continue;
    }
    const Shape& shape = look.shape;
    block.turned += look.turned, block.alpha += look.alpha, block.transparent += look.transparent;
    block.coloured_as_grey += look.coloured_as_grey;
    hashes[static_cast<size_t>(index)] = std::max<uint64_t>(hash_of(values, shape), 1);
    const Moments moments = moments_of(values);
    block.not_finite += static_cast<int64_t>(values.size()) - static_cast<int64_t>(moments.count);
    block.moments.merge(moments);
    block.columns.resize(has_columns(data.info()) ? values.size() : 0);
    for (size_t i = 0; i < block.columns.size(); ++i) block.columns[i].merge(moments_of(std::vector<T>{values[i]}));
    if (!shape.is_vector() && is_blank(values, shape)) block.blank.push_back(index);
    if (shape.channels == 3 && !shape.is_vector() && !block.coloured) block.coloured = is_coloured(values, shape);
  }
  return block;
}

Reading read_all(const Dataset& data, int64_t examples, int threads) {
  Reading reading;
  reading.hashes.resize(static_cast<size_t>(examples));
  reading.blocks.resize(static_cast<size_t>((examples + kBlock - 1) / kBlock));
  const bool bytes = data.info().element == Element::uint8;
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < reading.blocks.size(); i = next++) {
      const int64_t first = static_cast<int64_t>(i) * kBlock, last = std::min(examples, first + kBlock);
      reading.blocks[i] = bytes ? read_block<uint8_t>(data, first, last, reading.hashes)
                                : read_block<float>(data, first, last, reading.hashes);
    }
  };
  std::vector<std::future<void>> workers;
  for (int i = 0; i < std::max(threads, 1); ++i) workers.push_back(std::async(std::launch::async, work));
  for (auto& worker : workers) worker.get();
  return reading;
}

void add(Faulty& named, const InspectOptions& options, const auto& name) {
  if (named.count++ < options.named) named.names.push_back(name());
}

/// Counts the sizes of the pictures, and those that differ from the set's.
void measure(const ImageSet& images, const InspectOptions& options, PartInspection& part) {
  std::map<std::pair<int64_t, int64_t>, int64_t> count;
  const PixelSize expected{part.info.shape.width, part.info.shape.height};
  for (size_t i = 0; i < images.sizes().size(); ++i) {
    const auto& size = images.sizes()[i];
    if (size == PixelSize{}) continue;
    ++count[{size.width, size.height}];
    if (size != expected)
      add(part.other_size, options,
          [&] { return fmt::format("{} {}x{}", images.where(static_cast<int64_t>(i)), size.width, size.height); });
  }
  if (part.other_size.count == 0) return;
  for (const auto& [size, pictures] : count) part.sizes.push_back({size.first, size.second, pictures});
  std::stable_sort(part.sizes.begin(), part.sizes.end(),
                   [](const SizeCount& a, const SizeCount& b) { return a.count > b.count; });
}

std::vector<ColumnSummary> sum_up_columns(const DatasetInfo& info, const Reading& reading) {
  std::vector<Moments> columns(has_columns(info) ? static_cast<size_t>(info.shape.numel()) : 0);
  for (const Block& block : reading.blocks)
    for (size_t i = 0; i < block.columns.size(); ++i) columns[i].merge(block.columns[i]);
  std::vector<ColumnSummary> all;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto& c = columns[i];
    if (c.count == 0) return {};
    const bool named = i < info.columns.size() && !info.columns[i].empty();
    all.push_back(
        {named ? info.columns[i] : std::to_string(i + 1), c.min, c.max, c.mean, std::sqrt(c.deviations / c.count)});
  }
  return all;
}

using FirstSeen = std::unordered_map<uint64_t, int64_t>;

PartInspection inspect_part(const Dataset& data, const InspectOptions& options, FirstSeen& seen, Reading& reading) {
  PartInspection part;
  part.info = data.info();
  part.examined = part.info.endless ? options.endless_examples : part.info.size;
  reading = read_all(data, part.examined, options.threads);
  Moments moments;
  bool coloured = false;
  for (const Block& block : reading.blocks) {
    moments.merge(block.moments);
    part.not_finite += block.not_finite;
    coloured |= block.coloured;
    part.turned += block.turned, part.alpha += block.alpha, part.transparent += block.transparent;
    part.coloured_as_grey += block.coloured_as_grey;
    for (const int64_t index : block.blank) add(part.blank, options, [&] { return data.where(index); });
    for (const auto& entry : block.corrupt) add(part.corrupt, options, [&] { return entry.second; });
  }
  if (moments.count > 0) {
    part.min = moments.min, part.max = moments.max, part.mean = moments.mean;
    part.stddev = std::sqrt(moments.deviations / moments.count);
    part.grey_as_rgb = part.info.shape.channels == 3 && !part.info.shape.is_vector() && !coloured;
  }
  part.columns = sum_up_columns(part.info, reading);
  for (int64_t index = 0; index < part.examined; ++index) {
    const uint64_t hash = reading.hashes[static_cast<size_t>(index)];
    if (hash == 0) continue;
    const auto entry = seen.emplace(hash, index);
    if (!entry.second)
      add(part.duplicates, options, [&] { return data.where(index) + " = " + data.where(entry.first->second); });
  }
  part.class_sizes.assign(part.info.classes.size(), 0);
  if (!part.info.classes.empty())
    for (int64_t index = 0; index < part.examined; ++index) {
      const int64_t label = data.label(index);
      if (label >= 0 && label < static_cast<int64_t>(part.class_sizes.size()))
        ++part.class_sizes[static_cast<size_t>(label)];
    }
  if (const auto* images = dynamic_cast<const ImageSet*>(&data)) measure(*images, options, part);
  return part;
}

}  // namespace

Inspection inspect(const Source& source, const InspectOptions& options) {
  Inspection inspection;
  FirstSeen in_train;
  Reading reading;
  inspection.train = inspect_part(*source.train, options, in_train, reading);
  if (source.test) {
    FirstSeen in_test;
    inspection.test = inspect_part(*source.test, options, in_test, reading);
    for (size_t i = 0; i < reading.hashes.size(); ++i) {
      const auto twin = in_train.find(reading.hashes[i]);
      if (twin == in_train.end()) continue;
      add(inspection.overlap, options,
          [&] { return source.test->where(static_cast<int64_t>(i)) + " = " + source.train->where(twin->second); });
    }
  }
  inspection.findings = find_mistakes(inspection, source);
  return inspection;
}

}  // namespace duet
