#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duet/data/left_out.h"

namespace duet {

/// Files below a root (a folder or an archive), by names relative to it with '/' between folders.
struct FoundFiles {
  std::vector<std::string> images;
  std::vector<std::string> folders;  ///< every folder, also those without images
  LeftOut left_out;

  /// Counts a file that is ignored.
  void leave_out(std::string_view name) { ++left_out.endings[ending_of(name)]; }
};

/// True when a part of the name begins with a dot or is __MACOSX: files of the system, not data.
bool is_hidden_name(std::string_view name);

/// Pictures in reading order (sorted by name) with their classes.
struct ClassedFiles {
  std::vector<std::string> classes;  ///< sorted names of the class folders, numbers as numbers; empty without labels.
                                     ///< UTF-8: other bytes of a folder's name stand as \xe9
  std::vector<size_t> files;         ///< positions in FoundFiles::images
  std::vector<int64_t> labels;       ///< of each file; empty without labels
};

/// Assigns classes below `prefix` ("" or "train/"): pictures directly there have no labels; otherwise the first folder
/// is the class, whatever folders lie between it and the picture, and a folder without pictures is a class without
/// examples. Throws Error(data) naming `place` when there are no pictures, or pictures both beside and inside folders.
ClassedFiles sort_into_classes(const FoundFiles& found, const std::string& prefix, const std::string& place);

/// The training and test part.
struct Parts {
  ClassedFiles train;
  std::optional<ClassedFiles> test;
};

/// Whether a single outermost folder is only packaging (in an archive) or may be a class (in a folder).
enum class TopFolder { keep, strip };

/// Recognises a folder "train" whose only siblings are test, val, valid or validation; the first of these that exists
/// is the test part and gets the training part's labels. Without it everything is the training part. Throws Error(data)
/// as sort_into_classes, and when the test part has a class that the training part lacks.
Parts sort_into_parts(const FoundFiles& found, TopFolder top, const std::string& place);

}  // namespace duet
