#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "duet/data/dataset.h"

namespace duet {

/// Examples that lie one after the other in memory, as IDX, CIFAR, .npy and .csv files hold them.
struct Array {
  DatasetInfo info;             ///< size and classes included
  std::string file;             ///< what `where` names: "file[index]"
  std::vector<std::byte> data;  ///< info.size * info.shape.numel() elements, each example in C, H, W order
  std::vector<int> labels;      ///< one per example, or empty
};

/// A dataset over `array`. Throws Error(internal) when its sizes disagree.
std::shared_ptr<const Dataset> array_dataset(Array array);

/// Pictures of 1 to 4 channels (alpha is the last of 2 and of 4) as 1 or 3, transparency laid over white.
void recolour(Array& array, int64_t channels);

/// Brings uint8 pictures to the size and channels that `options` asks for (fit_image); leaves vectors as they are, and
/// returns at once when nothing differs. Throws Error(data) for pictures that are neither grey nor RGB.
void fit_array(Array& array, const SourceOptions& options);

/// Names the classes of labels without names, "0" ... "max". Empty for no labels.
std::vector<std::string> number_classes(const std::vector<int>& labels);

/// Puts the training and the test part of one data set together: the test part takes over the training part's classes.
/// Throws Error(data) when shape or element differ or a test label is not among the classes.
Source join_parts(Array train, Array test);

}  // namespace duet
