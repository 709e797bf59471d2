#pragma once

#include "duet/games/measures.h"
#include "duet/score/scorer.h"
#include "duet/train/network_calls.h"
#include "duet/train/training_data.h"

namespace duet {

/// Which examples a Measurer measures, and how much.
struct MeasureOptions {
  Half half = Half::report;  ///< of the held-out data; training data where it has fewer than kLeastScored examples
  bool all = false;          ///< both halves
  std::vector<std::string> requested{};             ///< measures that are only made on request
  std::function<void(const std::string&)> phase{};  ///< called with what begins; throws to give up
};

/// Computes what a game says about held-out examples (Measuring) with trained weights: EMA weights where there
/// are any, as for samples. The same checkpoint and data give the same numbers, whatever the number of threads.
/// Threads: not for several at once.
class Measurer {
 public:
  /// Networks with initial weights, for load(). `data` is borrowed.
  Measurer(const Recipe& recipe, const DataFacts& facts, const TrainingData& data, torch::Device device = torch::kCPU);
  /// Whether the game measures anything.
  bool has_any() const { return !measures_.list.empty(); }
  /// Throws Error(usage) for a measure that the game does not have.
  void check(const std::vector<std::string>& requested) const;
  void load(const TensorFile& checkpoint);
  /// Adds the measures to a report; `classifier` may be null. One that decides becomes the report's primary metric.
  void add_to(Report& report, const Classifier* classifier, const MeasureOptions& options = {});

 private:
  /// Examples of [data]; of streams paired with it those of the same numbers.
  struct Part {
    bool held_out;
    std::vector<int64_t> indices;
    std::string name;  ///< "held-out examples"
  };
  Part part(const MeasureOptions& options) const;
  Named given(const Part& part, int64_t first, int64_t count) const;
  Tensor measured(const MeasureSpec& measure, const Part& part) const;
  Tensor batch_of(const MeasureSpec& measure, const Part& part, int64_t first, const Pass& pass) const;
  void take_statistics();
  std::vector<Metric> metrics_of(const MeasureSpec& measure, const Part& part, const Classifier* classifier) const;

  Recipe recipe_;
  DataFacts facts_;
  const TrainingData& data_;
  torch::Device device_;
  std::unique_ptr<Game> game_;
  const Measuring* measuring_;  // the game, if it measures anything
  GameSpec spec_;
  Measures measures_;
  Networks networks_;
  std::set<std::string> incomplete_;  // those whose statistics are still to be taken
};

}  // namespace duet
