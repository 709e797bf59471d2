#pragma once

#include <string>
#include <vector>

#include "duet/core/grouped.h"
#include "duet/data/inspect/inspect.h"

namespace duet {

/// The common mistakes that the numbers of an inspection show, gravest first. `source` is asked for names only.
std::vector<Finding> find_mistakes(const Inspection& inspection, const Source& source);

}  // namespace duet
