#include "duet/train/captured_steps.h"

#include <fmt/format.h>

#include "duet/core/seconds.h"

namespace duet {
namespace {

// Warm-up rounds, in which libraries choose algorithms and allocate memory; the next round is recorded, the one after
// it captured.
constexpr int64_t kWarmUp = 3;
// Each kind's graph has separate memory.
constexpr size_t kMostKinds = 8;

}  // namespace

CapturedSteps::CapturedSteps(MakeStepGraph make, HostInputs& inputs) : make_(std::move(make)), inputs_(inputs) {}

double CapturedSteps::round(const std::string& name, const std::function<void()>& play) {
  if (make_ && !kinds_.contains(name) && kinds_.size() < kMostKinds) kinds_[name].graph = make_();
  const auto found = kinds_.find(name);
  if (found == kinds_.end() || !found->second.graph) {
    inputs_.set_mode(HostInputs::Mode::direct);
    play();
    return 0;
  }
  auto& kind = found->second;
  inputs_.use(kind.recording);
  if (kind.played <= kWarmUp) {
    inputs_.set_mode(kind.played++ == kWarmUp ? HostInputs::Mode::recording : HostInputs::Mode::direct);
    kind.graph->beside(play);
    return 0;
  }
  const auto begin = Steady::now();
  inputs_.refresh();
  const double seconds = seconds_since(begin);
  if (!kind.captured) try {
      kind.graph->capture([&] { play_as_captured(kind, play); });
      kind.captured = true;
      note_ = "steps are replayed from one CUDA graph";
      if (kinds_.size() > 1) note_ = "steps are replayed from CUDA graphs, one for each kind of round";
    } catch (const c10::Error& error) {
      // This round's inputs have been made already.
      play_as_captured(kind, play);
      for (const auto& act : kind.after) act();
      give_up(error.what_without_backtrace());
      return seconds;
    }
  kind.graph->replay();
  for (const auto& act : kind.after) act();
  return seconds;
}

void CapturedSteps::play_as_captured(Kind& kind, const std::function<void()>& play) {
  kind.after.clear();
  inputs_.set_mode(HostInputs::Mode::captured);
  capturing_ = &kind;
  try {
    play();
  } catch (...) {
    capturing_ = nullptr;
    throw;
  }
  capturing_ = nullptr;
}

void CapturedSteps::after_replay(const std::function<void()>& act) {
  if (capturing_)
    capturing_->after.push_back(act);
  else
    act();
}

void CapturedSteps::give_up(const std::string& reason) {
  note_ = fmt::format("steps are not captured as a CUDA graph: {}", reason.substr(0, reason.find('\n')));
  inputs_.set_mode(HostInputs::Mode::direct);
  inputs_.use_own();
  make_ = nullptr;
  kinds_.clear();
}

}  // namespace duet
