// For a LibTorch without CUDA.
#include "duet/ops/step_graph.h"

namespace duet {

std::unique_ptr<StepGraph> make_step_graph(torch::Device) { return nullptr; }

}  // namespace duet
