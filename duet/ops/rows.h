#pragma once

// Tensors as rows of channels, and how rows are split among threads.
#include <algorithm>
#include <cstdint>
#include <utility>

#include "duet/core/torch.h"

namespace duet {

/// x as rows of channels: channels-last pictures, or plain rows.
inline Tensor in_rows(const Tensor& x) {
  return x.contiguous(x.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous);
}

/// Memory for rows like those of `like`.
inline Tensor empty_rows(const Tensor& like) {
  return torch::empty(like.sizes(),
                      like.options().requires_grad(false).memory_format(
                          like.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous));
}

/// Calls f with what gives a tensor's numbers: as float, or bfloat16 as uint16_t.
template <class Function>
void with_type(const Tensor& x, Function f) {
  if (x.scalar_type() == torch::kBFloat16)
    f([](const Tensor& t) { return reinterpret_cast<uint16_t*>(t.data_ptr()); });
  else
    f([](const Tensor& t) { return t.data_ptr<float>(); });
}

/// Splits rows into parts, the same for a given number of threads; f(part, first row, number of rows).
template <class Function>
int64_t in_parts(int64_t rows, int64_t channels, Function f) {
  constexpr int64_t kGrain = 32'768;  // numbers that one thread should have at least
  const int64_t parts =
      std::max<int64_t>(1, std::min<int64_t>({at::get_num_threads(), rows * channels / kGrain, rows}));
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) f(p, rows * p / parts, rows * (p + 1) / parts - rows * p / parts);
  });
  return parts;
}

/// `size` sums, added over the parts in their order. f(first row, rows, sums) adds to a part's sums.
template <class Function>
std::vector<double> add_up(int64_t rows, int64_t channels, size_t size, Function f) {
  std::vector<double> room(size * static_cast<size_t>(at::get_num_threads()));
  const auto parts = in_parts(rows, channels, [&](int64_t part, int64_t first, int64_t count) {
    f(first, count, room.data() + size * static_cast<size_t>(part));
  });
  for (size_t p = 1; p < static_cast<size_t>(parts); ++p)
    for (size_t i = 0; i < size; ++i) room[i] += room[size * p + i];
  room.resize(size);
  return room;
}

}  // namespace duet
