#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duet/data/left_out.h"

namespace duet {

/// What lies below a root (a folder or an archive), by names relative to it with '/' between folders.
struct FoundFiles {
  std::vector<std::string> images;
  std::vector<std::string> folders;  ///< every folder, also those without images
  LeftOut left_out;

  /// Counts a file that is not read.
  void leave_out(std::string_view name) { ++left_out.endings[ending_of(name)]; }
};

/// True when a part of the name begins with a dot or is __MACOSX: what systems leave behind and nobody means as data.
bool is_hidden_name(std::string_view name);

/// Pictures in reading order (sorted by name) with their classes.
struct ClassedFiles {
  std::vector<std::string> classes;  ///< sorted names of the class folders, numbers as numbers; empty without labels.
                                     ///< UTF-8: other bytes of a folder's name stand as \xe9
  std::vector<size_t> files;         ///< positions in FoundFiles::images
  std::vector<int64_t> labels;       ///< of each file; empty without labels
};

/// Below `prefix` ("" or "train/"): pictures alone have no labels; otherwise the first folder is the class, whatever
/// lies between it and the picture, and a folder without pictures is a class without examples.
/// Throws Error(data) naming `place` when there are no pictures, or pictures both beside and inside folders.
ClassedFiles sort_into_classes(const FoundFiles& found, const std::string& prefix, const std::string& place);

/// The training and test part of what was found.
struct Parts {
  ClassedFiles train;
  std::optional<ClassedFiles> test;
};

/// Whether one folder around everything else is only packaging (an archive) or may be a class (a folder).
enum class TopFolder { keep, strip };

/// Recognises a train folder beside nothing but test, val, valid or validation; the test part is the first of these
/// that exists and takes the training part's labels. Without a train folder all is the training part.
/// Throws Error(data) as sort_into_classes, and when the test part has a class that the training part has not.
Parts sort_into_parts(const FoundFiles& found, TopFolder top, const std::string& place);

}  // namespace duet
