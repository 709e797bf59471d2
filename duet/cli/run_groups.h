#pragma once

#include <string>
#include <vector>

#include "duet/run/history.h"

namespace duet {

/// A run whose scores are compared.
struct ComparedRun {
  std::filesystem::path path;
  History history;
};

/// Runs that differ by chance alone, or a single one: what `duet train --seeds` makes.
struct RunGroup {
  std::string name;
  std::vector<ComparedRun> runs;

  /// Whether any of its runs has a score.
  bool has_scores() const;
  /// The values of a metric, or of "training_seconds", by run; runs without it are left out. `which` is "best" or
  /// "last".
  std::vector<double> values(const std::string& metric, const std::string& which) const;
};

/// The runs directly in a folder, in the order of their numbers (seed-2 before seed-10); none if there are none.
std::vector<std::filesystem::path> runs_in(const std::filesystem::path& folder);

/// The run at a path, or all runs directly in that folder. Throws Error(usage) if there are none, Error(checkpoint)
/// for a damaged one.
RunGroup find_group(const std::string& path);

/// Groups named by the last parts of their paths where these tell them apart. Throws as find_group does, and
/// Error(data) if none of a group's runs has a score.
std::vector<RunGroup> open_groups(const std::vector<std::string>& paths);

}  // namespace duet
