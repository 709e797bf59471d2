#pragma once

#include <filesystem>

#include "duet/data/dataset.h"

namespace duet {

/// Opens the binary version of CIFAR-10 or CIFAR-100 (Krizhevsky 2009), loaded into memory, uint8 [3,32,32] fitted to
/// `options`. `folder` contains data_batch_1.bin ... data_batch_5.bin and optionally test_batch.bin (records of 3073
/// bytes: label, then the red, green and blue planes), or train.bin and optionally test.bin (3074 bytes: coarse label,
/// fine label, planes; the fine label is used); the folder inside the published archive is found too. Class names come
/// from batches.meta.txt or fine_label_names.txt if present. Throws Error(data) naming file and record.
Source open_cifar(const std::filesystem::path& folder, const SourceOptions& options);

/// True when `folder` contains CIFAR binaries by their names, directly or in the archive's own folder.
bool has_cifar_files(const std::filesystem::path& folder);

}  // namespace duet
