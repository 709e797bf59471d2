#pragma once

#include <cstdint>

namespace duet {

/// Bytes of memory that this process may take: the machine's, or less where a container sets a limit.
int64_t machine_memory_bytes();

}  // namespace duet
