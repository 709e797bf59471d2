#pragma once

#include <filesystem>

#include "duet/data/dataset.h"

namespace duet {

/// Opens numbers from a .npy, .npz or .csv file (by extension, then by content), loaded into memory.
/// - .npy: vectors or pictures, depending on its dimensions (layout_of). Pictures become 8 bits (picture_range), with
///   transparency composited over white; vectors become float32.
/// - .npz: one of its arrays is the examples, another may be labels, two more the test part (find_roles).
/// - .csv: vectors, see read_csv.
/// Pictures are fitted to `options`. The info's `reading` and `doubts` say how the file was interpreted.
/// Throws Error(data) with the file and what is wrong.
Source open_matrix(const std::filesystem::path& path, const SourceOptions& options);

}  // namespace duet
