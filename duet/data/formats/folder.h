#pragma once

#include <filesystem>
#include <memory>

#include "duet/data/dataset.h"
#include "duet/data/formats/class_folders.h"

namespace duet {

/// A folder of pictures (no labels), or of class folders: each folder's name is a class, and every picture below it,
/// however deep, an example. Classes are sorted by name, or by value where all names are numbers; files are sorted by
/// name. A file is a picture by its ending (left_out.h), or where it has none by its content; others are counted in
/// DatasetInfo::left_out, hidden ones ignored; links to folders are followed, links that lead nowhere counted.
/// Reads nothing but names, and the pictures' headers where options.resolution is 0.
/// Throws Error(data) when a folder cannot be read, when there are no pictures, when pictures lie both beside and
/// inside folders, and when resolution is 0 and a picture has not the size of the first.
std::shared_ptr<const Dataset> open_folder(const std::filesystem::path& path, const SourceOptions& options);

/// The same, but a train folder beside a test (or val, valid, validation) folder makes the two parts of a Source. The
/// test part takes the training part's shape and labels.
Source open_folder_source(const std::filesystem::path& path, const SourceOptions& options);

/// The two steps of that: what lies below a folder, and the pictures of it as examples.
std::shared_ptr<const FoundFiles> find_files(const std::filesystem::path& folder);
Source open_found(const std::filesystem::path& folder, const std::shared_ptr<const FoundFiles>& found,
                  const SourceOptions& options);

}  // namespace duet
