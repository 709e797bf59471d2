#include "duet/core/memory_size.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>

namespace duet {

int64_t machine_memory_bytes() {
  int64_t bytes = int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGE_SIZE);
  if (bytes <= 0) bytes = std::numeric_limits<int64_t>::max();
  // Limits of control groups, versions 2 and 1, as seen inside a container; "max" does not parse as a number.
  for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
    if (int64_t limit = 0; std::ifstream(file) >> limit && limit > 0) bytes = std::min(bytes, limit);
  return bytes;
}

}  // namespace duet
