#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "duet/data/dataset.h"

namespace duet {

/// Writes the first `n` examples of a set as files, the back end of `duet data make`. `format` is
/// - "png" (pictures): OUT/<class>/000000.png, or OUT/000000.png when there are no classes; the number is the index,
///   with as many digits as n needs and at least six;
/// - "idx" (pictures): OUT/train-images-idx3-ubyte and, with classes, OUT/train-labels-idx1-ubyte, as MNIST has them;
/// - "npy": OUT/x.npy, float32 [n,D] or uint8 [n,C,H,W], and, with classes, OUT/y.npy, uint8 [n];
/// - "": png for pictures, npy for vectors.
/// Attributes of the examples (those of faces) go to OUT/attributes.csv, one line per index.
/// The folder appears completely or not at all (see write_folder). `between` is called before every example is written
/// and may throw.
/// Throws Error(usage) when `out` is a file or a folder that is not empty, when n is below 1 or above the size of a set
/// that is not endless, or when the format is unknown or does not suit the set; Error(device) when a file cannot be
/// written.
void make_dataset(const Dataset& dataset, int64_t n, const std::filesystem::path& out, const std::string& format,
                  const std::function<void()>& between = {});

}  // namespace duet
