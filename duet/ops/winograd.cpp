#include "duet/ops/winograd.h"

#include <list>

#include "duet/ops/machine.h"

namespace duet {
namespace {

constexpr int64_t kStep = 8;  // places come in eights
// Bringing weights to the points and loading them takes as long as this many places' multiplications: few where the
// caches hold them (measured at 128 to 512 channels).
constexpr int64_t kPlacesForWeights = 100, kPlacesForCached = 35;
constexpr int64_t kBytesCached = int64_t{16} << 20;
// Bringing a number to a point or back takes as long as this many multiplications in float32, twice as many in
// bfloat16.
constexpr int64_t kSpreading = 20;
// A thread's block should do with so many places: enough for the weights' loading, few enough for the caches.
constexpr int64_t kPlacesOfBlock = 96;
constexpr int64_t kFloat = sizeof(float);
// What the weight's gradient holds at a time.
constexpr int64_t kBytesOfChunk = int64_t{8} << 20;
// What weights at the points may take up for longer than their product.
constexpr int64_t kBytesKept = int64_t{32} << 20;

int64_t round_up(int64_t n, int64_t step) { return (n + step - 1) / step * step; }

/// Room for arrays of these many bytes.
struct Room {
  explicit Room(const std::vector<int64_t>& bytes) {
    int64_t total = 0;
    for (const auto part : bytes) total += round_up(part, 64);
    block = torch::empty({total}, torch::kUInt8);
    auto* at = block.data_ptr<uint8_t>();
    for (const auto part : bytes) parts.push_back(at), at += round_up(part, 64);
  }
  float* floats(size_t part) const { return reinterpret_cast<float*>(parts[part]); }

  Tensor block;
  std::vector<uint8_t*> parts;
};

/// Whose weights at the points were used last. Beyond kBytesKept the oldest ones are dropped: most are used once
/// before their layer learns, and all together would weigh as much as the optimiser's slots.
class Recent {
 public:
  void used(const std::shared_ptr<WinogradWeights>& weights, int64_t bytes) {
    const std::lock_guard lock(mutex_);
    entries_.remove_if([&](const Entry& e) { return e.weights.expired() || e.weights.lock() == weights; });
    entries_.push_front({weights, bytes});
    int64_t total = 0;
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      total += entry->bytes;
      const auto old = entry->weights.lock();
      // Who is busy with its weights now keeps them.
      if (total <= kBytesKept || !old || old == weights || !old->mutex.try_lock()) {
        ++entry;
        continue;
      }
      old->values = Tensor();
      old->mutex.unlock();
      entry = entries_.erase(entry);
    }
  }

  static Recent& instance() {
    static Recent recent;
    return recent;
  }

 private:
  struct Entry {
    std::weak_ptr<WinogradWeights> weights;
    int64_t bytes;
  };
  std::mutex mutex_;
  std::list<Entry> entries_;
};

/// Of a square window.
WinogradShape shape(const Window& window, const std::vector<int64_t>& x, int64_t channels, int64_t side) {
  WinogradShape s{};
  s.n = x[0], s.c = x[1], s.height = x[2], s.width = x[3], s.k = channels;
  s.kernel = window.kernel.width, s.stride = window.stride.width, s.padding = window.padding.width;
  s.rows = window.rows(s.height), s.columns = window.columns(s.width);
  s.side = side, s.taps = (s.kernel + s.stride - 1) / s.stride;
  s.tile_rows = (s.rows + side - 1) / side, s.tile_columns = (s.columns + side - 1) / side;
  return s;
}

const WinogradKernels* kernels(int64_t side, int64_t taps, bool bf16) {
  // oneDNN's products on AMX are further ahead than fewer multiplications bring.
  if (bf16) return has_bfloat16() && !has_amx() ? winograd_kernels_bf16(side, taps) : nullptr;
  return has_avx512() ? winograd_kernels_fp32(side, taps) : nullptr;
}

/// What a product takes, in multiplications: those at the points, with what bringing the weights there and loading them
/// takes, and bringing pictures and maps to the points and back.
int64_t cost(const WinogradShape& s, bool bf16) {
  const int64_t places = s.n * s.tiles(), weights = s.depth() * s.k, numbers = s.depth() + s.k;
  const int64_t loading = s.points() * weights * kFloat <= kBytesCached ? kPlacesForCached : kPlacesForWeights;
  return s.points() * ((places + loading) * weights + (bf16 ? 2 : 1) * kSpreading * places * numbers);
}

}  // namespace

std::unique_ptr<Winograd> Winograd::make(const Window& window, const std::vector<int64_t>& x, int64_t channels,
                                         torch::ScalarType type, WinogradStore& store) {
  const bool bf16 = type == torch::kBFloat16;
  if (x[1] % 16 != 0 || channels % 16 != 0 || !window.is_square() || window.stride.width > 2) return nullptr;
  const WinogradKernels* best = nullptr;
  WinogradShape best_shape{};
  // In bfloat16 the larger tile's points lose two more bits.
  for (const int64_t side : bf16 ? std::vector<int64_t>{2} : std::vector<int64_t>{2, 4}) {
    const auto s = shape(window, x, channels, side);
    const auto* fitting = kernels(side, s.taps, bf16);
    // Where the estimate says equal, measured steps are some percent faster: oneDNN's own products of such shapes come
    // to 70 to 110 % of the machine.
    const int64_t direct = s.n * s.rows * s.columns * s.kernel * s.kernel * s.c * s.k;
    if (!fitting || cost(s, bf16) * 10 > direct * 11) continue;
    if (!best || cost(s, bf16) < cost(best_shape, bf16)) best = fitting, best_shape = s;
  }
  return best ? std::unique_ptr<Winograd>(new Winograd(best_shape, *best, type, store)) : nullptr;
}

Winograd::Winograd(const WinogradShape& shape, const WinogradKernels& kernels, torch::ScalarType type,
                   WinogradStore& store)
    : shape_(shape), kernels_(kernels), type_(type) {
  for (const bool adjoint : {false, true}) {
    auto& kept = store[{shape.side, adjoint}];
    if (!kept) kept = std::make_shared<WinogradWeights>();
    weights_[adjoint] = kept;
  }
}

Tensor Winograd::pack(const Tensor& weight, bool adjoint) {
  auto& packed = *weights_[adjoint];
  const auto& s = shape_;
  const std::lock_guard lock(packed.mutex);
  const bool fits = packed.values.defined() && packed.values.scalar_type() == type_;
  if (fits && packed.source.is(weight)) return packed.values;
  // Others may still read what is there.
  const auto size = s.points() * s.depth() * s.k;
  if (!fits || packed.values.use_count() > 1) packed.values = torch::empty({size}, type_);
  const auto plain = weight.contiguous();
  const int64_t parts = (adjoint ? s.c : s.k) / 16;
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part)
      kernels_.spread_weight(s, plain.data_ptr<float>(), packed.values.data_ptr(), adjoint, part, parts);
  });
  packed.source.set(weight);
  Recent::instance().used(weights_[adjoint], size * element_size());
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
  const int64_t bytes = round_up(places * numbers_per_place * element_size(), 64), count = places * sums_per_place;
  const Room room({threads * bytes, threads * count * kFloat});
  at::parallel_for(0, blocks, 1, [&](int64_t begin, int64_t end) {
    const int64_t thread = at::get_thread_num();
    for (int64_t block = begin; block < end; ++block)
      work({s.n * block / blocks, s.n * (block + 1) / blocks, places}, room.parts[0] + thread * bytes,
           room.floats(1) + thread * count);
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
  const int64_t bytes = s.points() * (s.depth() + s.k) * s.tiles() * element_size();
  const int64_t chunks = std::clamp<int64_t>((s.n * bytes + kBytesOfChunk - 1) / kBytesOfChunk, 1, s.n);
  const int64_t pictures = (s.n + chunks - 1) / chunks;
  const int64_t places = round_up(pictures * s.tiles(), kStep);
  const Room room({s.points() * s.depth() * places * element_size(), s.points() * s.k * places * element_size(),
                   s.points() * s.depth() * s.k * kFloat});
  auto *of_x = room.parts[0], *of_y = room.parts[1];
  auto* sums = room.floats(2);
  for (int64_t first = 0; first < s.n; first += pictures) {
    const WinogradBlock block{first, std::min(s.n, first + pictures), places};
    at::parallel_for(0, places / kStep, 1, [&](int64_t begin, int64_t end) {
      kernels_.spread_picture(s, x.data_ptr(), block, begin * kStep, end * kStep, of_x, /*by_place=*/true);
      kernels_.spread_map(s, y.data_ptr(), block, begin * kStep, end * kStep, of_y, /*by_place=*/true);
    });
    at::parallel_for(0, s.points() * s.depth() / 16, 1, [&](int64_t begin, int64_t end) {
      kernels_.multiply_places(s, of_x, of_y, sums, places, begin, end, first > 0);
    });
  }
  at::parallel_for(0, s.c, 1, [&](int64_t begin, int64_t end) {
    kernels_.gather_weight(s, sums, gradient.data_ptr<float>(), begin, end);
  });
}

}  // namespace duet
