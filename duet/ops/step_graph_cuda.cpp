// Compiled only with a LibTorch that has CUDA, instead of step_graph_none.cpp.
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "duet/ops/device.h"
#include "duet/ops/step_graph.h"

namespace duet {
namespace {

class CudaStepGraph final : public StepGraph {
 public:
  // The default stream cannot be captured.
  explicit CudaStepGraph(torch::Device device)
      : device_(device), stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index())) {}

  void beside(const std::function<void()>& work) override {
    const auto outside = c10::cuda::getCurrentCUDAStream(device_.index());
    wait(stream_, outside);
    {
      const c10::cuda::CUDAStreamGuard guard(stream_);
      work();
    }
    wait(outside, stream_);
  }

  void capture(const std::function<void()>& work) override {
    beside([&] {
      synchronize(device_);
      graph_.capture_begin();
      try {
        work();
      } catch (...) {
        try {
          graph_.capture_end();
        } catch (const c10::Error&) {  // the first failure is the one to tell of
        }
        throw;
      }
      graph_.capture_end();
    });
  }

  void replay() override {
    beside([&] { graph_.replay(); });
  }

 private:
  static void wait(const c10::cuda::CUDAStream& waiting, const c10::cuda::CUDAStream& awaited) {
    at::cuda::CUDAEvent event;
    event.record(awaited);
    event.block(waiting);
  }

  torch::Device device_;
  c10::cuda::CUDAStream stream_;
  at::cuda::CUDAGraph graph_;
};

}  // namespace

std::unique_ptr<StepGraph> make_step_graph(torch::Device device) {
  return device.is_cuda() ? std::make_unique<CudaStepGraph>(device) : nullptr;
}

}  // namespace duet
