#pragma once

#include <cstdint>

namespace duet {

/// Bytes of memory available to this process: the machine's, or less where a container sets a limit.
int64_t machine_memory_bytes();

}  // namespace duet
