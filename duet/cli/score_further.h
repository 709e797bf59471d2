#pragma once

#include <functional>
#include <string>
#include <vector>

#include "duet/cli/phases.h"
#include "duet/cli/verbs.h"
#include "duet/core/range.h"
#include "duet/core/torch.h"
#include "duet/data/split.h"
#include "duet/score/report.h"

namespace duet {

/// What `duet score` computes beside the usual metrics.
struct FurtherChoice {
  std::vector<std::string> metrics;  ///< of further_metrics()
  std::string panel;                 ///< file for samples beside their nearest training examples; empty: none
  int64_t folds = 0;
  double error = 0;  ///< of parzen_streamed; 0: not computed

  void add_options(CLI::App& verb);
  /// Throws Error(usage) for choices that do not go together, before any work. `makes_more`: the target can make more
  /// samples than are scored.
  void check(bool makes_more) const;
  /// The same for choices that do not go with the data.
  void check(const DatasetInfo& data) const;
  bool wants(const std::string& metric) const;
};

/// Samples that further metrics are computed from.
struct FurtherSamples {
  Tensor values;  ///< [N,C,H,W] in `range`, or stored bytes
  Tensor labels;  ///< requested classes; undefined without
  Range range;
  std::function<Tensor(int64_t first, int64_t count)> more;  ///< further ones in the form of `values`; may be empty
};

/// Adds the chosen metrics to a report, and writes the panel.
void add_further(Report& report, const FurtherChoice& choice, const FurtherSamples& samples, const Split& split,
                 Phases& phases);

}  // namespace duet
