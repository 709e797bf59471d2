#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "duet/data/dataset.h"

namespace duet {

/// Opens pictures in the IDX format of MNIST (LeCun, Cortes, Burges 1998), plain or gzip-compressed, whole in memory.
/// `path` is a folder with train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz] and perhaps t10k-* (names with a
/// dot, train-images.idx3-ubyte, and EMNIST's emnist-letters-train-* and -test-* are known too), or one images file,
/// which becomes the training part. Labels are optional and lie beside the images: "images" becomes "labels", the
/// dimension 1. Examples are uint8 [1,H,W], or [C,H,W] from a file of four dimensions, fitted to `options`.
/// Throws Error(data) with the file and what is wrong: type, size, counts.
Source open_idx(const std::filesystem::path& path, const SourceOptions& options);

/// True when `folder` holds an IDX images file by its name.
bool has_idx_files(const std::filesystem::path& folder);

/// True when a file is named like an IDX images file.
bool is_idx_name(const std::string& file_name);

/// Name of the labels file that belongs to an images file, without .gz ("train-labels-idx1-ubyte"); "" when the images
/// file's own name is none of IDX, so that no labels can be told.
std::string idx_labels_name(const std::string& images_name);

/// One part of a data set to be written as IDX.
struct IdxPart {
  std::string name = "train";       ///< "train" or "t10k": how the files begin
  Shape shape;                      ///< of every picture; one channel gives idx3, several give idx4
  std::span<const uint8_t> images;  ///< count * shape.numel() bytes
  std::span<const uint8_t> labels;  ///< count bytes, or empty: no labels file
};

/// Writes NAME-images-idx3-ubyte (idx4 for several channels) and NAME-labels-idx1-ubyte, plain, into `folder`.
/// Throws Error(device) when they cannot be written, Error(internal) when the sizes disagree.
void write_idx(const std::filesystem::path& folder, const IdxPart& part);

}  // namespace duet
