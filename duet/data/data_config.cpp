#include "duet/data/data_config.h"

#include "duet/data/domain.h"
#include "duet/data/prepared.h"

namespace duet {

void DataConfig::fields(Fields& f) {
  f.text("spec", spec, "built-in set or path; empty: --data is required; of a stream also [data], for the same");
  f.integer("resolution", resolution, "side of the pictures; 0 as they are", {0, 4096});
  f.integer("channels", channels, "1 grey, 3 colour, 0 as they are", {0, 3});
  f.choice("part", part, data_parts(), "of the examples; even and odd are for files sorted by class");
  f.integer("rotate", rotate, "degrees by which pictures are rotated counter-clockwise: 0, 90, 180 or 270", {0, 270});
  f.choice("range", range, {"-1..1", "0..1"}, "range to which pixels 0..255 are mapped");
  f.real("contrast", contrast, "pictures: move each to mean 0 and this norm, in place of the range; 0 off", {0, 1e4});
  f.real("binarise", binarise, "pictures: pixels above this share of white become white, others black; 0 off", {0, 1});
  f.choice("standardise", standardise, {"auto", "always", "never"},
           "vectors: move every column to mean 0 and deviation 1, samples back; auto: where some are far from that");
  f.choice("order", order, {"shuffled", "balanced"},
           "shuffled: each example once per epoch; balanced: each class equally often");
  f.flag("mirror", mirror, "mirror half of the pictures");
  f.integer("held_out", held_out, "examples not trained on; -1 the official test part or 10 %", {-1, 1e9});
  f.choice("split", split, {"shuffled", "head", "tail"}, "which examples are held out");
  f.integer("limit", limit, "train on this many examples, in balanced order as many of each class; 0 all", {0, 1e12});
  f.real("memory_gib", memory_gib, "cache decoded pictures in memory, and on a GPU, up to this size", {0, 1e6});
  f.integer("threads", threads, "threads that prepare batches ahead; 0: one if files are decoded, else the step's own",
            {0, 256});
}

SourceOptions DataConfig::source(uint64_t seed) const {
  return {.resolution = resolution, .channels = channels, .seed = seed, .part = part, .rotate = rotate};
}

int64_t DataConfig::memory_bytes() const { return static_cast<int64_t>(memory_gib * (int64_t{1} << 30)); }

Range DataConfig::value_range(const Shape& shape) const {
  if (contrast > 0) return contrast_range(contrast, shape);
  return range == "0..1" ? Range{0, 1} : Range{-1, 1};
}

}  // namespace duet
