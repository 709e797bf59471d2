#pragma once

#include <string>
#include <vector>

#include "duet/data/inspect.h"

namespace duet {

/// The common mistakes that the numbers of an inspection show, gravest first. `source` is asked for names only.
std::vector<Finding> find_mistakes(const Inspection& inspection, const Source& source);

/// "50,000".
std::string grouped(int64_t number);

}  // namespace duet
