#include "duet/score/nearest.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "duet/data/tensors.h"

namespace duet {
namespace {

constexpr int64_t kRowsAtOnce = 500, kOthersAtOnce = 10'000;
/// Candidates by products of float32, which round: the nearest is among these.
constexpr int64_t kCandidates = 4;

/// The nearest of `others` for a few rows. Row i is not compared with number `own` + i of the others, if own >= 0.
Nearest nearest_of(const Tensor& rows, const Tensor& others, const Tensor& squares, int64_t own) {
  auto distances = rows.mm(others.t()).mul_(-2).add_(squares);
  const auto n = rows.size(0);
  if (own >= 0) distances.narrow(1, own, n).diagonal().fill_(std::numeric_limits<float>::infinity());
  const auto usable = others.size(0) - (own >= 0 ? 1 : 0);
  const auto candidates = std::get<1>(distances.topk(std::min(kCandidates, usable), 1, /*largest=*/false));
  const auto some = others.index_select(0, candidates.flatten()).reshape({n, candidates.size(1), -1});
  const auto [exact, which] = (some - rows.unsqueeze(1)).square().sum(2).sqrt().min(1);
  return {candidates.gather(1, which.unsqueeze(1)).squeeze(1), exact};
}

Nearest joined(const std::vector<Nearest>& parts) {
  std::vector<Tensor> indices, distances;
  for (const auto& part : parts) indices.push_back(part.index), distances.push_back(part.distance);
  return {torch::cat(indices), torch::cat(distances)};
}

Nearest nearest(const Tensor& rows, const Tensor& others, bool same) {
  const auto squares = others.square().sum(1);
  std::vector<Nearest> parts;
  for (int64_t first = 0; first < rows.size(0); first += kRowsAtOnce)
    parts.push_back(nearest_of(rows.narrow(0, first, std::min(kRowsAtOnce, rows.size(0) - first)), others, squares,
                               same ? first : -1));
  return joined(parts);
}

}  // namespace

Tensor plain_rows(const Tensor& stored) {
  const auto rows = stored.flatten(1).to(torch::kFloat32);
  return stored.scalar_type() == torch::kUInt8 ? rows / 255 : rows;
}

Tensor plain_rows(const Dataset& dataset, const std::vector<int64_t>& indices) {
  return plain_rows(read_examples(dataset, indices));
}

Nearest nearest_rows(const Tensor& rows, const Tensor& others) { return nearest(rows, others, /*same=*/false); }

Nearest nearest_among(const Tensor& rows) { return nearest(rows, rows, /*same=*/true); }

Nearest nearest_examples(const Tensor& rows, const Dataset& dataset, int64_t count) {
  Nearest best;
  for (int64_t first = 0; first < count; first += kOthersAtOnce) {
    std::vector<int64_t> indices(static_cast<size_t>(std::min(kOthersAtOnce, count - first)));
    std::iota(indices.begin(), indices.end(), first);
    auto found = nearest_rows(rows, plain_rows(dataset, indices));
    found.index += first;
    if (!best.index.defined()) {
      best = found;
      continue;
    }
    const auto nearer = found.distance < best.distance;
    best = {torch::where(nearer, found.index, best.index), torch::where(nearer, found.distance, best.distance)};
  }
  return best;
}

double near_threshold(const Tensor& distances) {
  const auto sorted = std::get<0>(distances.to(torch::kFloat64).sort());
  return sorted[std::min(sorted.size(0) - 1, sorted.size(0) / 100)].item<double>();
}

double share_near(const Tensor& distances, double threshold) {
  const auto near = (distances < threshold).logical_or(distances == 0);
  return near.to(torch::kFloat64).mean().item<double>();
}

}  // namespace duet
