#pragma once

#include "duet/core/torch.h"

namespace duet {

/// A step of training that a device keeps, and does again without being told each of its operations: a CUDA graph. The
/// operations' tensors stay where they were while it was captured; new inputs are written into the old ones.
/// Threads: not for several at once.
class StepGraph {
 public:
  virtual ~StepGraph() = default;
  /// Does the work where it can be captured: after all that was asked of the device before, before all that is asked
  /// later. Whatever will be captured must have been done so at least once.
  virtual void beside(const std::function<void()>& work) = 0;
  /// Notes the operations of `work`, without doing them. Throws what it threw, or c10::Error where one of them cannot
  /// be captured: then nothing was done, and nothing can be replayed.
  virtual void capture(const std::function<void()>& work) = 0;
  /// Does them.
  virtual void replay() = 0;
};

/// Null where the device has none: on a CPU, and without CUDA.
std::unique_ptr<StepGraph> make_step_graph(torch::Device device);

}  // namespace duet
