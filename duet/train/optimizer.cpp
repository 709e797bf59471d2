// SGD with classical and Nesterov momentum (Sutskever et al. 2013), RMSprop (Tieleman & Hinton 2012), Adam and Adamax
// (Kingma & Ba 2014, arXiv:1412.6980).
#include "duet/train/optimizer.h"

#include <cmath>

namespace duet {

Optimizer::Optimizer(const std::vector<NamedTensor>& parameters, const PlayerConfig& config)
    : config_(config), parameters_(parameters) {
  torch::NoGradGuard no_grad;
  std::vector<Tensor> flat;
  for (const auto& [name, value] : parameters_) flat.push_back(value.detach().flatten());
  values_ = torch::cat(flat).clone();
  gradients_ = torch::zeros_like(values_);
  int64_t offset = 0;
  for (auto& [name, value] : parameters_) {
    const auto sizes = value.sizes().vec();
    const auto count = value.numel();
    value.set_data(values_.narrow(0, offset, count).view(sizes));
    value.mutable_grad() = gradients_.narrow(0, offset, count).view(sizes);
    offset += count;
  }
  const auto slot = [&](const char* name) { slots_[name] = torch::zeros_like(values_); };
  if (config_.optimizer == "sgd") slot("velocity");
  if (config_.optimizer == "adam" || config_.optimizer == "adamax") slot("mean");
  if (config_.optimizer != "sgd") slot("square");
}

void Optimizer::prepare_gradient() {
  if (config_.clip_value > 0) gradients_.clamp_(-config_.clip_value, config_.clip_value);
  // Without looking at the norm on the host: the factor stays on the device.
  if (config_.clip_norm > 0) gradients_.mul_((config_.clip_norm / (gradients_.norm() + 1e-12)).clamp_max(1));
  if (config_.weight_decay > 0) gradients_.add_(values_, config_.weight_decay);
}

void Optimizer::step(const Clock& clock) {
  torch::NoGradGuard no_grad;
  prepare_gradient();
  const double lr = config_.lr.at(clock), beta1 = config_.beta1, beta2 = config_.beta2;
  const auto updates = static_cast<double>(clock.updates + 1);
  if (config_.optimizer == "sgd") {
    const double momentum = config_.momentum.at(clock);
    auto& velocity = slots_["velocity"];
    velocity.mul_(momentum).sub_(gradients_, lr);
    values_.add_(velocity, config_.nesterov ? momentum : 1);
    if (config_.nesterov) values_.sub_(gradients_, lr);
  } else if (config_.optimizer == "rmsprop") {
    auto& square = slots_["square"];
    square.mul_(config_.alpha).addcmul_(gradients_, gradients_, 1 - config_.alpha);
    values_.addcdiv_(gradients_, square.sqrt().add_(config_.eps), -lr);
  } else {
    auto& mean = slots_["mean"];
    auto& square = slots_["square"];
    mean.mul_(beta1).add_(gradients_, 1 - beta1);
    const double rate = lr / (1 - std::pow(beta1, updates));
    if (config_.optimizer == "adam") {
      square.mul_(beta2).addcmul_(gradients_, gradients_, 1 - beta2);
      const double correction = std::sqrt(1 - std::pow(beta2, updates));
      values_.addcdiv_(mean, square.sqrt().div_(correction).add_(config_.eps), -rate);
    } else {
      torch::maximum_out(square, square.mul_(beta2), gradients_.abs().add_(config_.eps));
      values_.addcdiv_(mean, square, -rate);
    }
  }
  constrain();
}

void Optimizer::constrain() {
  if (config_.weight_clip > 0) values_.clamp_(-config_.weight_clip, config_.weight_clip);
  if (config_.max_column_norm <= 0) return;
  for (auto& [name, value] : parameters_) {
    if (!name.ends_with(".weight")) continue;
    // Weights are [units, inputs, ...], a transposed convolution's [inputs, units, ...].
    const int64_t units = name.ends_with("conv_transpose.weight") ? 1 : 0;
    std::vector<int64_t> incoming;
    for (int64_t d = 0; d < value.dim(); ++d)
      if (d != units) incoming.push_back(d);
    value.mul_((config_.max_column_norm / value.norm(2, incoming, /*keepdim=*/true).clamp_min(1e-12)).clamp_max(1));
  }
}

}  // namespace duet
