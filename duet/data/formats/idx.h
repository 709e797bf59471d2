#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "duet/data/dataset.h"

namespace duet {

/// Opens pictures in the IDX format of MNIST (LeCun, Cortes, Burges 1998), plain or gzip-compressed, loaded into
/// memory. `path` is a folder with train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz] and optionally t10k-*
/// (names with a dot, train-images.idx3-ubyte, and EMNIST's emnist-letters-train-* and -test-* are accepted too), or
/// one images file, which becomes the training part. Labels are optional and are beside the images, with "images"
/// replaced by "labels" and the dimension by 1. Examples are uint8 [1,H,W], or [C,H,W] from a file with four
/// dimensions, fitted to `options`. Throws Error(data) with the file and what is wrong: type, size, counts.
Source open_idx(const std::filesystem::path& path, const SourceOptions& options);

/// True when `folder` contains an IDX images file by its name.
bool has_idx_files(const std::filesystem::path& folder);

/// True when a file is named like an IDX images file.
bool is_idx_name(const std::string& file_name);

/// Name of the labels file that belongs to an images file, without .gz ("train-labels-idx1-ubyte"); "" if the images
/// file is not named like an IDX file.
std::string idx_labels_name(const std::string& images_name);

/// One part of a data set to be written as IDX.
struct IdxPart {
  std::string name = "train";       ///< "train" or "t10k": beginning of the file names
  Shape shape;                      ///< of every picture; one channel gives idx3, several give idx4
  std::span<const uint8_t> images;  ///< count * shape.numel() bytes
  std::span<const uint8_t> labels;  ///< count bytes, or empty: no labels file
};

/// Writes NAME-images-idx3-ubyte (idx4 for several channels) and NAME-labels-idx1-ubyte, plain, into `folder`.
/// Throws Error(device) when they cannot be written, Error(internal) when the sizes disagree.
void write_idx(const std::filesystem::path& folder, const IdxPart& part);

}  // namespace duet
