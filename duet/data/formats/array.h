#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "duet/data/dataset.h"

namespace duet {

/// Examples stored one after another in memory, from IDX, CIFAR, .npy and .csv files.
struct Array {
  DatasetInfo info;             ///< size and classes included
  std::string file;             ///< for `where`: "file[index]"
  std::vector<std::byte> data;  ///< info.size * info.shape.numel() elements, each example in C, H, W order
  std::vector<int> labels;      ///< one per example, or empty
};

/// A dataset over `array`. Throws Error(internal) when its sizes are inconsistent.
std::shared_ptr<const Dataset> array_dataset(Array array);

/// Converts pictures of 1 to 4 channels (alpha is the last of 2 or 4) to 1 or 3 channels, transparency composited over
/// white.
void recolour(Array& array, int64_t channels);

/// Fits uint8 pictures to the size and channels in `options` (fit_image); vectors are unchanged. Throws Error(data) for
/// pictures that are neither grey nor RGB.
void fit_array(Array& array, const SourceOptions& options);

/// Class names for labels without names: "0" ... "max". Empty without labels.
std::vector<std::string> number_classes(const std::vector<int>& labels);

/// Combines the training and the test part of a data set: the test part gets the training part's classes. Throws
/// Error(data) when shape or element differ or a test label is not among the classes.
Source join_parts(Array train, Array test);

}  // namespace duet
