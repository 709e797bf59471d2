#pragma once

#include <filesystem>

#include "duet/data/dataset.h"

namespace duet {

/// Opens numbers from a .npy, .npz or .csv file (told by extension, then by content), whole in memory.
/// - .npy: [N] and [N,D] are vectors, [N,H,W] grey pictures, [N,C,H,W] and [N,H,W,C] pictures; the last when the last
///   dimension is 1 or 3 and the second is not. uint8 is an image in 0..255, everything else becomes float32 as it is.
/// - .npz: examples are the array x, images or data (x_train, train_images), otherwise the first; labels y or labels
///   (y_train, train_labels); x_test, test_images with y_test, test_labels are the test part.
/// - .csv: vectors, see read_csv.
/// uint8 pictures are fitted to `options`. Throws Error(data) with the file and what is wrong.
Source open_matrix(const std::filesystem::path& path, const SourceOptions& options);

}  // namespace duet
