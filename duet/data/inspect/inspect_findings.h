#pragma once

#include <string>
#include <vector>

#include "duet/core/grouped.h"
#include "duet/data/inspect/inspect.h"

namespace duet {

/// Common mistakes that the results of an inspection show, most serious first. `source` is used for names only.
std::vector<Finding> find_mistakes(const Inspection& inspection, const Source& source);

}  // namespace duet
