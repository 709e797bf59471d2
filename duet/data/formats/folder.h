#pragma once

#include <filesystem>
#include <memory>

#include "duet/data/dataset.h"
#include "duet/data/formats/class_folders.h"

namespace duet {

/// A folder of pictures (no labels), or of class folders: each folder's name is a class, and every picture below it, at
/// any depth, an example. Classes are sorted by name, or by value if all names are numbers; files are sorted by name. A
/// file is a picture by its extension (left_out.h), or without one by its content; others are counted in
/// DatasetInfo::left_out, hidden ones ignored. Links to folders are followed, dead links counted. Reads only names, and
/// the pictures' headers if options.resolution is 0. Throws Error(data) when a folder cannot be read, when there are no
/// pictures, when pictures are both beside and inside folders, and when resolution is 0 and a picture differs in size
/// from the first.
std::shared_ptr<const Dataset> open_folder(const std::filesystem::path& path, const SourceOptions& options);

/// The same, but a folder "train" beside "test" (or val, valid, validation) gives the two parts of a Source. The test
/// part gets the training part's shape and labels.
Source open_folder_source(const std::filesystem::path& path, const SourceOptions& options);

/// The two steps of that: finding files below a folder, and making a data set of them.
std::shared_ptr<const FoundFiles> find_files(const std::filesystem::path& folder);
Source open_found(const std::filesystem::path& folder, const std::shared_ptr<const FoundFiles>& found,
                  const SourceOptions& options);

}  // namespace duet
