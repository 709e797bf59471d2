#pragma once

#include "duet/core/host_inputs.h"
#include "duet/ops/step_graph.h"

namespace duet {

using MakeStepGraph = std::function<std::unique_ptr<StepGraph>()>;

/// Rounds of a training that a device replays: each kind of round, of the same operations in the same order, is played
/// some times, captured as one graph, and replayed from then on. Threads: not for several at once.
class CapturedSteps {
 public:
  /// Without `make`, or where it gives null, every round is played. `inputs` is borrowed, and is what every round
  /// gets from the host.
  CapturedSteps(MakeStepGraph make, HostInputs& inputs);

  /// A round of this kind. Seconds that the host has spent on a replay's inputs.
  double round(const std::string& kind, const std::function<void()>& play);
  /// In a round that is being captured: to be done after each replay of it. In any other it is done at once.
  void after_replay(const std::function<void()>& act);
  /// Whether this round is captured: its tensors hold nothing yet, and will hold something else after each replay.
  bool capturing() const { return inputs_.mode() == HostInputs::Mode::captured; }
  /// Whether rounds are replayed, in words with the reason where they are not; empty as long as it is not decided.
  const std::string& note() const { return note_; }

 private:
  struct Kind {
    std::unique_ptr<StepGraph> graph;
    HostInputs::Recording recording;
    std::vector<std::function<void()>> after;
    int64_t played = 0;
    bool captured = false;
  };
  void give_up(const std::string& reason);
  void play_as_captured(Kind& kind, const std::function<void()>& play);

  MakeStepGraph make_;
  HostInputs& inputs_;
  std::map<std::string, Kind> kinds_;
  Kind* capturing_ = nullptr;
  std::string note_;
};

}  // namespace duet
