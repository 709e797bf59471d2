#include "duet/games/replay.h"

#include <algorithm>

#include "duet/core/draw.h"

namespace duet {
namespace {

/// bool [n] beside examples [n, ...].
Tensor beside(const Tensor& chosen, const Tensor& examples) {
  std::vector<int64_t> sizes(static_cast<size_t>(examples.dim()), 1);
  sizes[0] = -1;
  return chosen.view(sizes);
}

}  // namespace

void Replay::begin(const Shape& shape) {
  if (size_ == 0) return;
  fakes_ = shape.is_vector() ? torch::zeros({size_, shape.numel()})
                             : torch::zeros({size_, shape.channels, shape.height, shape.width});
  filled_ = torch::zeros({size_});
}

Replay::Meeting Replay::meet(const Tensor& fakes, const Turn& turn) const {
  const auto n = std::min(fakes.size(0), size_);
  const auto drawn = turn.once("replay " + name_, [&] {
    return draw_uniform({size_ + n}, fakes.options().requires_grad(false), 0, 1, turn.noise);
  });
  Meeting meeting;
  meeting.places = drawn.narrow(0, 0, size_).argsort().narrow(0, 0, n);
  meeting.exchanged = torch::logical_and(filled_.index_select(0, meeting.places) > 0, drawn.narrow(0, size_, n) < 0.5);
  meeting.kept = fakes_.index_select(0, meeting.places).to(fakes.scalar_type());
  return meeting;
}

Tensor Replay::shown(const Tensor& fakes, const Turn& turn) const {
  if (size_ == 0) return fakes;
  const auto meeting = meet(fakes, turn);
  const auto n = meeting.places.size(0);
  const auto first = torch::where(beside(meeting.exchanged, fakes), meeting.kept, fakes.narrow(0, 0, n));
  return n == fakes.size(0) ? first : torch::cat({first, fakes.narrow(0, n, fakes.size(0) - n)});
}

void Replay::keep(const Tensor& fakes, const Turn& turn) {
  if (size_ == 0) return;
  const auto meeting = meet(fakes, turn);
  const auto empty = filled_.index_select(0, meeting.places) == 0;
  const auto taken = torch::logical_or(empty, meeting.exchanged);
  const auto put = torch::where(beside(taken, fakes), fakes.narrow(0, 0, meeting.places.size(0)), meeting.kept);
  fakes_.index_copy_(0, meeting.places, put.to(fakes_.scalar_type()));
  filled_.index_fill_(0, meeting.places, 1);
}

void Replay::add_state(std::vector<std::pair<std::string, Tensor>>& state) const {
  if (!fakes_.defined()) return;
  state.emplace_back("replay/" + name_, fakes_);
  state.emplace_back("replay_filled/" + name_, filled_);
}

}  // namespace duet
