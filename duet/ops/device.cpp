#include "duet/ops/device.h"

#include <charconv>
#include <chrono>

#include "duet/core/error.h"
#include "duet/ops/machine.h"

namespace duet {
namespace {

/// "cuda" is 0, "cuda:1" is 1; -1 for what names no GPU.
int64_t gpu_index(const std::string& name) {
  const std::string kind = "cuda";
  if (name == kind) return 0;
  if (!name.starts_with(kind + ":")) return -1;
  int64_t index = -1;
  const auto* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + kind.size() + 1, end, index);
  return parsed.ec == std::errc() && parsed.ptr == end ? index : -1;
}

}  // namespace

torch::Device find_device(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  const auto count = static_cast<int64_t>(torch::cuda::device_count());
  if (name == "auto") return count > 0 ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU);
  const auto index = gpu_index(name);
  if (index < 0) fail(Fault::usage, "--device is '{}'; expected auto, cpu, cuda or cuda:N", name);
  if (index >= count)
    fail(Fault::device, "--device {}: {}; use --device cpu, or build with a LibTorch and a driver for your GPU", name,
         count == 0 ? "this LibTorch sees no GPU" : fmt::format("the GPUs are cuda:0 to cuda:{}", count - 1));
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

void allow_tf32(bool allowed) {
  at::globalContext().setAllowTF32CuBLAS(allowed);
  at::globalContext().setAllowTF32CuDNN(allowed);
}

void synchronize(torch::Device device) {
  if (!device.is_cpu()) torch::cuda::synchronize(device.index());
}

double matrix_product_limit(torch::Device device, bool bfloat16) {
  if (device.is_cpu()) return matrix_product_limit(bfloat16);
  constexpr int64_t kSide = 4096;
  constexpr int kTries = 15;
  const auto a = torch::zeros({kSide, kSide}, device).to(bfloat16 ? torch::kBFloat16 : torch::kFloat32);
  double best = 1e9;
  for (int i = 0; i < kTries; ++i) {
    synchronize(device);
    const auto begin = std::chrono::steady_clock::now();
    const auto product = torch::mm(a, a);
    synchronize(device);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return 2.0 * kSide * kSide * kSide / best;
}

}  // namespace duet
