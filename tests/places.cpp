#include "tests/places.h"

namespace duet {

const char* source_path() { return DUET_SOURCE_DIR; }
const char* program_path() { return DUET_PROGRAM; }

}  // namespace duet
