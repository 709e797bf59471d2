#include "duet/ops/winograd.h"

#include "duet/ops/machine.h"

namespace duet {
namespace {

constexpr int64_t kStep = 8;  // places come in eights
// Spreading weights and loading them takes as long as this many places' multiplications (measured at 128 to 512
// channels).
constexpr int64_t kPlacesForWeights = 100;
// A thread's block should do with so many places: enough for the weights' loading, few enough for the caches.
constexpr int64_t kPlacesOfBlock = 96;
// What the weight's gradient holds at a time.
constexpr int64_t kBytesOfChunk = int64_t{16} << 20;

int64_t round_up(int64_t n, int64_t step) { return (n + step - 1) / step * step; }

WinogradShape shape(const Window& window, const std::vector<int64_t>& x, int64_t channels, int64_t side) {
  WinogradShape s{};
  s.n = x[0], s.c = x[1], s.height = x[2], s.width = x[3], s.k = channels;
  s.kernel = window.kernel, s.stride = window.stride, s.padding = window.padding;
  s.rows = (s.height + 2 * s.padding - s.kernel) / s.stride + 1;
  s.columns = (s.width + 2 * s.padding - s.kernel) / s.stride + 1;
  s.side = side, s.taps = (s.kernel + s.stride - 1) / s.stride;
  s.tile_rows = (s.rows + side - 1) / side, s.tile_columns = (s.columns + side - 1) / side;
  return s;
}

const WinogradKernels* kernels(int64_t side, int64_t taps, bool bf16) {
  // oneDNN's products on AMX are further ahead than fewer multiplications bring.
  if (bf16) return has_bfloat16() && !has_amx() ? winograd_kernels_bf16(side, taps) : nullptr;
  return has_avx512() ? winograd_kernels_fp32(side, taps) : nullptr;
}

/// Multiplications per channel of x and of y, and what it costs to bring the weights to the points and to load them.
int64_t cost(const WinogradShape& s) { return (s.n * s.tiles() + kPlacesForWeights) * s.points() * s.phases(); }

}  // namespace

std::unique_ptr<Winograd> Winograd::make(const Window& window, const std::vector<int64_t>& x, int64_t channels,
                                         torch::ScalarType type) {
  const bool bf16 = type == torch::kBFloat16;
  if (x[1] % 16 != 0 || channels % 16 != 0 || window.stride > 2) return nullptr;
  const WinogradKernels* best = nullptr;
  WinogradShape best_shape{};
  // In bfloat16 the larger tile's points lose two more bits.
  for (const int64_t side : bf16 ? std::vector<int64_t>{2} : std::vector<int64_t>{2, 4}) {
    const auto s = shape(window, x, channels, side);
    const auto* fitting = kernels(side, s.taps, bf16);
    // What is left must pay for going to the points and back, too.
    const int64_t direct = s.n * s.rows * s.columns * s.kernel * s.kernel;
    if (!fitting || cost(s) * 5 > direct * 4) continue;
    if (!best || cost(s) < cost(best_shape)) best = fitting, best_shape = s;
  }
  return best ? std::unique_ptr<Winograd>(new Winograd(best_shape, *best, type)) : nullptr;
}

Tensor Winograd::pack(const Tensor& weight, bool adjoint) {
  const std::lock_guard lock(mutex_);
  auto& packed = adjoint ? adjoint_ : plain_;
  if (packed.source.is(weight)) return packed.values;
  const auto& s = shape_;
  // Others may still read the values of an earlier version.
  if (!packed.values.defined() || packed.values.use_count() > 1)
    packed.values = torch::empty({s.points() * s.depth() * s.k}, type_);
  const auto plain = weight.contiguous();
  const int64_t parts = (adjoint ? s.c : s.k) / 16;
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part)
      kernels_.spread_weight(s, plain.data_ptr<float>(), packed.values.data_ptr(), adjoint, part, parts);
  });
  packed.source.set(weight);
  return packed.values;
}

void Winograd::in_blocks(int64_t numbers_per_place, int64_t sums_per_place,
                         const std::function<void(const WinogradBlock&, void*, float*)>& work) const {
  const auto& s = shape_;
  // As many blocks as threads, or a multiple, so that none waits.
  const int64_t threads = at::get_num_threads();
  const int64_t rounds = std::max<int64_t>(1, s.n * s.tiles() / (threads * kPlacesOfBlock));
  const int64_t blocks = std::min(threads * rounds, s.n);
  const int64_t places = round_up((s.n + blocks - 1) / blocks * s.tiles(), kStep);
  const auto planes = torch::empty({threads, places * numbers_per_place}, type_);
  const auto sums = torch::empty({threads, places * sums_per_place}, torch::kFloat32);
  at::parallel_for(0, blocks, 1, [&](int64_t begin, int64_t end) {
    const int64_t thread = at::get_thread_num();
    auto* room = static_cast<char*>(planes.data_ptr()) + thread * planes.size(1) * planes.element_size();
    for (int64_t block = begin; block < end; ++block)
      work({s.n * block / blocks, s.n * (block + 1) / blocks, places}, room,
           sums.data_ptr<float>() + thread * sums.size(1));
  });
}

void Winograd::output(const Tensor& x, const Tensor& weight, const Tensor& bias, double slope, const Tensor& y) {
  const auto packed = pack(weight, /*adjoint=*/false);
  const auto& s = shape_;
  in_blocks(s.points() * s.depth(), s.points() * s.k, [&](const WinogradBlock& block, void* planes, float* sums) {
    kernels_.spread_picture(s, x.data_ptr(), block, 0, block.places, planes, /*by_place=*/false);
    kernels_.multiply(s, planes, packed.data_ptr(), sums, block.places, /*adjoint=*/false);
    kernels_.gather_map(s, sums, block, y.data_ptr(), bias.defined() ? bias.data_ptr<float>() : nullptr,
                        static_cast<float>(slope));
  });
}

void Winograd::input(const Tensor& y, const Tensor& weight, const Tensor& x) {
  const auto packed = pack(weight, /*adjoint=*/true);
  const auto& s = shape_;
  in_blocks(s.points() * s.k, s.points() * s.depth(), [&](const WinogradBlock& block, void* planes, float* sums) {
    kernels_.spread_map(s, y.data_ptr(), block, 0, block.places, planes, /*by_place=*/false);
    kernels_.multiply(s, planes, packed.data_ptr(), sums, block.places, /*adjoint=*/true);
    kernels_.gather_picture(s, sums, block, x.data_ptr());
  });
}

void Winograd::weight(const Tensor& x, const Tensor& y, const Tensor& gradient) const {
  const auto& s = shape_;
  const int64_t bytes = s.points() * (s.depth() + s.k) * s.tiles() * static_cast<int64_t>(x.element_size());
  const int64_t chunks = std::clamp<int64_t>((s.n * bytes + kBytesOfChunk - 1) / kBytesOfChunk, 1, s.n);
  const int64_t pictures = (s.n + chunks - 1) / chunks;
  const int64_t places = round_up(pictures * s.tiles(), kStep);
  const auto of_x = torch::empty({s.points() * s.depth() * places}, type_);
  const auto of_y = torch::empty({s.points() * s.k * places}, type_);
  const auto sums = torch::empty({s.points() * s.depth() * s.k}, torch::kFloat32);
  for (int64_t first = 0; first < s.n; first += pictures) {
    const WinogradBlock block{first, std::min(s.n, first + pictures), places};
    at::parallel_for(0, places / kStep, 1, [&](int64_t begin, int64_t end) {
      kernels_.spread_picture(s, x.data_ptr(), block, begin * kStep, end * kStep, of_x.data_ptr(), /*by_place=*/true);
      kernels_.spread_map(s, y.data_ptr(), block, begin * kStep, end * kStep, of_y.data_ptr(), /*by_place=*/true);
    });
    at::parallel_for(0, s.points() * s.depth() / 16, 1, [&](int64_t begin, int64_t end) {
      kernels_.multiply_places(s, of_x.data_ptr(), of_y.data_ptr(), sums.data_ptr<float>(), places, begin, end,
                               first > 0);
    });
  }
  at::parallel_for(0, s.c, 1, [&](int64_t begin, int64_t end) {
    kernels_.gather_weight(s, sums.data_ptr<float>(), gradient.data_ptr<float>(), begin, end);
  });
}

}  // namespace duet
