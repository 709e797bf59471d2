#pragma once

#include <cstdint>
#include <memory>

#include "duet/data/dataset.h"

namespace duet {

/// A dataset that decodes each example once, when it is first read, and copies it from memory afterwards. Reading from
/// several threads needs no lock; two that ask for the same new example at once may both decode it. Returns `dataset`
/// itself when it is endless, would take more than `limit_bytes`, or comes from memory already (idx, cifar, npy, csv).
std::shared_ptr<const Dataset> keep_in_memory(std::shared_ptr<const Dataset> dataset, int64_t limit_bytes);

}  // namespace duet
