#include "duet/train/weights.h"

#include <cmath>

namespace duet {
namespace {

// The EMA's half-life is at most this share of the run so far.
constexpr double kEmaRamp = 0.05;

std::string images_of(const std::string& network) { return "images." + network; }

}  // namespace

Weights::Weights(const std::vector<NamedTensor>& parameters, const torch::TensorOptions& options)
    : parameters_(parameters) {
  torch::NoGradGuard no_grad;
  std::vector<Tensor> flat;
  for (const auto& [name, value] : parameters_) flat.push_back(value.detach().flatten());
  values_ = flat.empty() ? torch::empty({0}, options) : torch::cat(flat).clone();
  int64_t offset = 0;
  for (auto& [name, value] : parameters_) {
    value.set_data(values_.narrow(0, offset, value.numel()).view(value.sizes()));
    offset += value.numel();
  }
}

std::vector<Tensor> Weights::parts_of(const Tensor& flat) const {
  std::vector<Tensor> parts;
  int64_t offset = 0;
  for (const auto& [name, value] : parameters_) {
    parts.push_back(flat.narrow(0, offset, value.numel()).view(value.sizes()));
    offset += value.numel();
  }
  return parts;
}

std::vector<NamedTensor> Weights::named_ema() const {
  std::vector<NamedTensor> all;
  if (!ema_.defined()) return all;
  const auto parts = parts_of(ema_);
  for (size_t i = 0; i < parts.size(); ++i) all.push_back({parameters_[i].name, parts[i]});
  return all;
}

void Weights::start_ema() { ema_ = values_.clone(); }

double Weights::ema_rate(double half_life, double kimg, int64_t cursor) {
  if (!ema_.defined() || half_life <= 0) return 0;
  const auto images = cursor - std::exchange(cursor_, cursor);
  // The half-life grows with the run (Karras et al. 2020, arXiv:2006.06676), or early samples would show the initial
  // weights.
  const double settled = std::min(half_life, kEmaRamp * kimg);
  return settled > 0 ? 1 - std::exp2(-static_cast<double>(images) / 1000 / settled) : 1;
}

void Weights::zero_grad() {
  for (auto& [name, value] : parameters_) value.mutable_grad() = Tensor();
}

void Weights::changed() {
  for (const auto& [name, value] : parameters_) value.unsafeGetTensorImpl()->bump_version();
}

void Weights::save(const std::string& network, TensorFile& file) const {
  for (const auto& [name, value] : named_ema()) file.tensors["ema/" + network + "/" + name] = value;
  file.texts[images_of(network)] = std::to_string(cursor_);
}

void Weights::load(const std::string& network, const TensorFile& file) {
  torch::NoGradGuard no_grad;
  for (auto& [name, value] : named_ema()) value.copy_(file.at("ema/" + network + "/" + name, value.sizes()));
  cursor_ = file.whole(images_of(network));
}

Tensor gradient_scale(const std::vector<Weights*>& networks, double most) {
  if (most <= 0) return {};
  std::vector<Tensor> gradients;
  for (const auto* network : networks)
    for (const auto& [name, value] : network->parameters())
      if (value.grad().defined()) gradients.push_back(value.grad());
  if (gradients.empty()) return torch::ones({}, networks.front()->values().options().dtype(torch::kFloat64));
  return gradient_scale(gradients, most);
}

Tensor gradient_scale(const std::vector<Tensor>& gradients, double most) {
  if (most <= 0) return {};
  auto square = torch::zeros({}, gradients.front().options().dtype(torch::kFloat64));
  for (const auto& gradient : gradients) square = square + gradient.norm().to(torch::kFloat64).square();
  return (most / (square.sqrt() + 1e-12)).clamp_max(1);
}

}  // namespace duet
