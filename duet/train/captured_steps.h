#pragma once

#include "duet/core/host_inputs.h"
#include "duet/ops/step_graph.h"

namespace duet {

using MakeStepGraph = std::function<std::unique_ptr<StepGraph>()>;

/// Rounds of a training that a device replays: each kind of round (the same operations in the same order) runs a few
/// times, is captured as one graph, and is replayed from then on. Threads: not for several at once.
class CapturedSteps {
 public:
  /// Without `make`, or if it returns null, every round runs directly. `inputs` is borrowed; it carries what every
  /// round gets from the host.
  CapturedSteps(MakeStepGraph make, HostInputs& inputs);

  /// Runs a round of this kind. Returns the seconds that the host spent on a replay's inputs.
  double round(const std::string& kind, const std::function<void()>& play);
  /// In a round that is being captured: call `act` after each replay of it. In any other round: call it at once.
  void after_replay(const std::function<void()>& act);
  /// Whether this round is being captured: its tensors have no values yet, and will have new ones after each replay.
  bool capturing() const { return inputs_.mode() == HostInputs::Mode::captured; }
  /// Whether rounds are replayed, in words with the reason if they are not; empty while undecided.
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
