#pragma once

#include <filesystem>

#include "duet/data/dataset.h"

namespace duet {

/// Opens numbers from a .npy, .npz or .csv file (told by extension, then by content), whole in memory.
/// - .npy: vectors or pictures by its dimensions (layout_of). Pictures become 8 bits by picture_range, with
/// transparency
///   laid over white; vectors become float32 as they are.
/// - .npz: one of its arrays is the examples, another may be labels, two more the test part (find_roles).
/// - .csv: vectors, see read_csv.
/// Pictures are fitted to `options`. What was understood stands in the info's `reading` and `doubts`.
/// Throws Error(data) with the file and what is wrong.
Source open_matrix(const std::filesystem::path& path, const SourceOptions& options);

}  // namespace duet
