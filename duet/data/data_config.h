#pragma once

#include <string>

#include "duet/config/fields.h"
#include "duet/core/range.h"
#include "duet/core/shape.h"
#include "duet/data/dataset.h"

namespace duet {

/// [data], and each further stream [stream.NAME]: the examples of a training.
struct DataConfig {
  /// Data SPEC (see open_source); empty: --data is required. "[data]" in [stream.NAME]: that of [data].
  std::string spec;
  int64_t resolution = 0;       ///< pictures are cropped and resized to this side; 0 keeps their size
  int64_t channels = 0;         ///< 1 grey, 3 colour; 0 keeps what the data have
  std::string part = "all";     ///< of the examples: see DomainOptions
  int64_t rotate = 0;           ///< pictures are rotated by so many degrees counter-clockwise: 0, 90, 180, 270
  std::string range = "-1..1";  ///< range to which pixels 0..255 are mapped: "-1..1" or "0..1"
  /// Global contrast normalisation: each picture is moved to mean 0 and to this norm over all its numbers; 0: off.
  /// Pictures of samples show it as contrast_range says.
  double contrast = 0;
  /// Pixels above this share of 255 become 255, others 0; 0: off.
  double binarise = 0;
  /// Standardise columns of vectors to mean 0 and deviation 1: "always", "never", or "auto" (see column_scale).
  std::string standardise = "auto";
  std::string order = "shuffled";  ///< order of the examples: see PickerOptions
  bool mirror = false;             ///< half of the pictures are mirrored left to right
  int64_t held_out = -1;           ///< examples not trained on; -1: the official test part, else 10 %
  std::string split = "shuffled";  ///< which are held out: "shuffled" by seed, the "head" of the file, or its "tail"
  int64_t limit = 0;               ///< train on this many examples only; 0: all
  double memory_gib = 4;           ///< decoded pictures are cached in memory, and on a GPU, up to this size
  int64_t threads = 0;             ///< threads that prepare batches ahead; 0: see FeedOptions
  void fields(Fields& f);
  /// Values of bytes 0 and 255 in pictures of this shape.
  Range value_range(const Shape& shape) const;
  /// How its source is opened; `seed` is that of drawn sets.
  SourceOptions source(uint64_t seed) const;
  int64_t memory_bytes() const;
};

}  // namespace duet
