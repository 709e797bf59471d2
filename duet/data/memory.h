#pragma once

#include <cstdint>
#include <memory>

#include "duet/data/dataset.h"

namespace duet {

/// A dataset that decodes each example once, on its first read, and copies it from memory afterwards. Reading from
/// several threads needs no lock; two threads that read the same new example at once may both decode it. Returns
/// `dataset` itself when it is endless, would take more than `limit_bytes`, or is in memory already (idx, cifar, npy,
/// csv).
std::shared_ptr<const Dataset> keep_in_memory(std::shared_ptr<const Dataset> dataset, int64_t limit_bytes);

}  // namespace duet
