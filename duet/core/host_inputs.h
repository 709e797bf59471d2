#pragma once

#include "duet/core/torch.h"

namespace duet {

/// What the host gives to a step: batches, random numbers, learning rates, and its own bookkeeping. A device that
/// replays a step as it was captured asks the host for nothing; so all of it goes through here, where it can be done
/// again, in the same order, before the step is replayed. Threads: not for several at once.
class HostInputs {
 public:
  enum class Mode {
    direct,     ///< made, done and forgotten
    recording,  ///< and kept, to be made and done again
    captured    ///< neither: the step is given what it was given while recording, which refresh() has renewed
  };

  /// What a step was given, and how to make it again.
  struct Recording {
    std::vector<std::function<void()>> acts;
    std::vector<Tensor> given;
  };
  HostInputs() = default;
  HostInputs(const HostInputs&) = delete;
  HostInputs& operator=(const HostInputs&) = delete;

  /// From now on steps of another kind are recorded and captured; `recording` is borrowed.
  void use(Recording& recording) { recording_ = &recording; }
  void use_own() { recording_ = &own_; }

  /// Begins a step. Forgets what was recorded of its kind where it is recorded anew.
  void set_mode(Mode mode) {
    if (mode == Mode::recording) *recording_ = {};
    mode_ = mode;
    next_ = 0;
  }
  Mode mode() const { return mode_; }

  /// What make() -> Tensor makes, on the device. `make` is copied and must not refer to what a step leaves behind.
  template <class Make>
  Tensor give(torch::Device device, const Make& make) {
    if (mode_ == Mode::captured) return recording_->given.at(next_++);
    auto value = make().to(device);
    if (mode_ == Mode::recording) {
      recording_->given.push_back(value);
      recording_->acts.emplace_back([value, make] { value.copy_(make()); });
    }
    return value;
  }

  /// Something that the host alone does in each step.
  template <class Act>
  void act(const Act& act) {
    if (mode_ == Mode::captured) return;
    act();
    if (mode_ == Mode::recording) recording_->acts.emplace_back(act);
  }

  /// Makes and does all that was recorded once more.
  void refresh() const {
    const torch::NoGradGuard no_grad;
    for (const auto& act : recording_->acts) act();
  }

 private:
  Mode mode_ = Mode::direct;
  Recording own_;
  Recording* recording_ = &own_;
  size_t next_ = 0;
};

/// Where a step's random numbers come from: a generator of the CPU, and what they are given to a device through, if
/// anything. Copies draw from the same generator, and are not for
/// several threads at once.
struct Noise {
  Generator generator;
  HostInputs* inputs = nullptr;

  Noise() = default;
  Noise(Generator from, HostInputs* through = nullptr) : generator(std::move(from)), inputs(through) {}
  bool defined() const { return generator.defined(); }
};

}  // namespace duet
