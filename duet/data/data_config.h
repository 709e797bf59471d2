#pragma once

#include <string>

#include "duet/config/fields.h"
#include "duet/core/range.h"

namespace duet {

/// [data], and each [stream.NAME] beside it: what to learn from.
struct DataConfig {
  std::string spec;             ///< data SPEC (see open_source); empty: asked for with --data
  int64_t resolution = 0;       ///< pictures are cropped and resized to this side; 0 keeps their size
  int64_t channels = 0;         ///< 1 grey, 3 colour; 0 keeps what the data have
  std::string range = "-1..1";  ///< what pixels 0..255 become: "-1..1" or "0..1"
  /// Columns of vectors are moved to mean 0 and deviation 1: "always", "never", or "auto" (see column_scale).
  std::string standardise = "auto";
  std::string order = "shuffled";  ///< in which examples come: see PickerOptions
  bool mirror = false;             ///< half of the pictures drawn are mirrored left to right
  int64_t held_out = -1;           ///< examples kept from training; -1: the official test part, else 10 %
  std::string split = "shuffled";  ///< which are held out: "shuffled" by seed, or the "tail" of the file
  int64_t limit = 0;               ///< train on this many examples only; 0: on all
  double memory_gib = 4;           ///< decoded pictures are kept in memory, and on a GPU, up to this size
  int64_t threads = 0;             ///< that prepare batches ahead of the step; 0: see FeedOptions
  void fields(Fields& f);
  Range value_range() const;
  int64_t memory_bytes() const;
};

}  // namespace duet
