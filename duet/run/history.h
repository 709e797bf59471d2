#pragma once

#include <map>
#include <string>
#include <vector>

#include "duet/run/run_folder.h"

namespace duet {

/// A metric of a score, as events.jsonl holds it.
struct ScoredMetric {
  double value = 0;
  std::string better{};  ///< "lower", "higher", or "" for a number to compare others with
};

/// A score of a run.
struct ScoreRecord {
  double kimg = 0;
  bool best = false;  ///< the best so far when it was made
  std::string primary{}, protocol{};
  std::vector<std::string> names{};  ///< of the metrics, in the order of the report
  std::map<std::string, ScoredMetric> metrics{};
};

/// What a run's records say about its whole course.
struct History {
  double kimg = 0;              ///< reached
  double end_kimg = 0;          ///< where it is to end
  bool finished = false;        ///< the end was reached
  double training_seconds = 0;  ///< without scores, sheets and checkpoints
  std::vector<ScoreRecord> scores{};

  /// The score that "best" or "last" means; null if there is none.
  const ScoreRecord* score(const std::string& which) const;
};

/// Reads a run's records; what is missing or has another type is left out.
History history_of(const RunFolder& run);

}  // namespace duet
