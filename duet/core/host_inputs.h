#pragma once

#include "duet/core/torch.h"

namespace duet {

/// Everything that the host does for a training step: batches, random numbers, learning rates, and its own bookkeeping.
/// A device that replays a captured step does not run host code, so all host work goes through this class, which
/// records it and repeats it in the same order before each replay. Threads: not for several at once.
class HostInputs {
 public:
  enum class Mode {
    direct,     ///< execute only
    recording,  ///< execute, and record for refresh()
    captured    ///< execute nothing: the step gets the recorded tensors, which refresh() has updated
  };

  /// The recorded host work of a step: `acts` repeats it, `given` are the tensors that the step uses.
  struct Recording {
    std::vector<std::function<void()>> acts;
    std::vector<Tensor> given;
  };
  HostInputs() = default;
  HostInputs(const HostInputs&) = delete;
  HostInputs& operator=(const HostInputs&) = delete;

  /// From now on uses `recording`, which is borrowed: steps of another kind have another recording.
  void use(Recording& recording) { recording_ = &recording; }
  void use_own() { recording_ = &own_; }

  /// Begins a step. In mode `recording` the earlier recording is discarded.
  void set_mode(Mode mode) {
    if (mode == Mode::recording) *recording_ = {};
    mode_ = mode;
    next_ = 0;
  }
  Mode mode() const { return mode_; }

  /// Returns the tensor that make() returns, on the device. `make` is copied and must not refer to temporaries of the
  /// step.
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

  /// Work of the host alone in each step.
  template <class Act>
  void act(const Act& act) {
    if (mode_ == Mode::captured) return;
    act();
    if (mode_ == Mode::recording) recording_->acts.emplace_back(act);
  }

  /// Repeats everything recorded: new values in the same tensors.
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

/// Source of a step's random numbers: a CPU generator, and the HostInputs that passes the numbers to a device, if any.
/// Copies share the generator; not for several threads at once.
struct Noise {
  Generator generator;
  HostInputs* inputs = nullptr;

  Noise() = default;
  Noise(Generator from, HostInputs* through = nullptr) : generator(std::move(from)), inputs(through) {}
  bool defined() const { return generator.defined(); }
};

}  // namespace duet
