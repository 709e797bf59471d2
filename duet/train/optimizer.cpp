// SGD with classical and Nesterov momentum (Sutskever et al. 2013), RMSprop (Tieleman & Hinton 2012), Adam and Adamax
// (Kingma & Ba 2014, arXiv:1412.6980).
#include "duet/train/optimizer.h"

#include <array>
#include <cmath>

namespace duet {

Optimizer::Optimizer(const std::vector<NamedTensor>& parameters, const PlayerConfig& config)
    : config_(config), parameters_(parameters) {
  torch::NoGradGuard no_grad;
  std::vector<Tensor> flat;
  for (const auto& [name, value] : parameters_) flat.push_back(value.detach().flatten());
  values_ = torch::cat(flat).clone();
  int64_t offset = 0;
  for (auto& [name, value] : parameters_) {
    value.set_data(values_.narrow(0, offset, value.numel()).view(value.sizes()));
    offset += value.numel();
  }
  const auto slot = [&](const char* name) { slots_[name] = torch::zeros_like(values_); };
  if (config_.optimizer == "sgd") slot("velocity");
  if (config_.optimizer == "adam" || config_.optimizer == "adamax") slot("mean");
  if (config_.optimizer != "sgd") slot("square");
}

void Optimizer::zero_grad() {
  for (auto& [name, value] : parameters_) value.mutable_grad() = Tensor();
}

Update Optimizer::update_at(const Clock& clock) const {
  const auto narrow = [](double x) { return static_cast<float>(x); };
  const auto updates = static_cast<double>(clock.updates + 1);
  Update how{.lr = narrow(config_.lr.at(clock)),
             .beta1 = narrow(config_.beta1),
             .beta2 = narrow(config_.beta2),
             .eps = narrow(config_.eps),
             .clip = narrow(config_.clip_value),
             .weight_decay = narrow(config_.weight_decay),
             .weight_clip = narrow(config_.weight_clip)};
  if (config_.optimizer == "sgd") {
    how.rule = config_.nesterov ? Update::Rule::nesterov : Update::Rule::sgd;
    how.beta1 = narrow(config_.momentum.at(clock));
  } else if (config_.optimizer == "rmsprop") {
    how.rule = Update::Rule::rmsprop;
    how.beta2 = narrow(config_.alpha);
  } else {
    how.rule = config_.optimizer == "adam" ? Update::Rule::adam : Update::Rule::adamax;
    how.lr = narrow(config_.lr.at(clock) / (1 - std::pow(config_.beta1, updates)));
    how.correction = narrow(1 / std::sqrt(1 - std::pow(config_.beta2, updates)));
  }
  return how;
}

Tensor Optimizer::prepare(const Clock& clock, double average_rate) {
  how_ = update_at(clock);
  how_.average_rate = static_cast<float>(average_rate);
  const std::array rates = {how_.lr, how_.beta1, how_.correction, how_.average_rate};
  return torch::tensor(at::ArrayRef<float>(rates));
}

void Optimizer::apply(const Tensor& rates, const Tensor& average) {
  torch::NoGradGuard no_grad;
  // The average follows what the limit on columns leaves.
  const bool limited = config_.max_column_norm > 0;
  const bool one_pass = values_.device().is_cpu() && values_.scalar_type() == torch::kFloat32;
  if (one_pass)
    step_in_one_pass(limited ? Tensor() : average);
  else
    step_by_operations(rates.to(values_.scalar_type()), limited ? Tensor() : average);
  zero_grad();
  if (limited) {
    limit_columns();
    if (average.defined()) average.add_((values_ - average) * rates[3]);
  }
  // The parameters' memory changed behind their back; who keeps something made of them must see it.
  for (const auto& [name, value] : parameters_) value.unsafeGetTensorImpl()->bump_version();
}

void Optimizer::step_in_one_pass(const Tensor& average) {
  auto how = how_;
  // Gradients stay where backward has put them; a parameter that it did not reach has one of zeros.
  std::vector<Tensor> gradients;
  std::vector<int64_t> ends;
  double square = 0;
  for (const auto& [name, value] : parameters_) {
    const auto& gradient = value.grad();
    gradients.push_back(gradient.defined() ? gradient.contiguous() : torch::zeros_like(value));
    ends.push_back((ends.empty() ? 0 : ends.back()) + value.numel());
    if (config_.clip_norm > 0) square += std::pow(gradients.back().norm().item<double>(), 2);
  }
  if (config_.clip_norm > 0)
    how.gradient_scale = static_cast<float>(std::min(1.0, config_.clip_norm / (std::sqrt(square) + 1e-12)));
  const auto slot = [&](const char* name) {
    const auto found = slots_.find(name);
    return found == slots_.end() ? nullptr : found->second.data_ptr<float>();
  };
  const FlatBuffers buffers{values_.data_ptr<float>(), config_.optimizer == "sgd" ? slot("velocity") : slot("mean"),
                            slot("square"), average.defined() ? average.data_ptr<float>() : nullptr};
  at::parallel_for(0, values_.numel(), 16'384, [&](int64_t begin, int64_t end) {
    int64_t first = 0;
    for (size_t i = 0; i < gradients.size(); first = ends[i++]) {
      const auto from = std::max(begin, first), to = std::min(end, ends[i]);
      if (from < to) duet::update(how, buffers, gradients[i].data_ptr<float>() - first, from, to);
    }
  });
}

/// What duet::update does, for other devices and types: what changes from step to step comes from the rates alone, and
/// nothing is looked at on the host.
void Optimizer::step_by_operations(const Tensor& rates, const Tensor& average) {
  const auto lr = rates[0], momentum = rates[1], correction = rates[2];
  std::vector<Tensor> parts;
  for (const auto& [name, value] : parameters_)
    parts.push_back((value.grad().defined() ? value.grad() : torch::zeros_like(value)).flatten());
  auto gradients = torch::cat(parts);
  if (config_.clip_norm > 0) gradients.mul_((config_.clip_norm / (gradients.norm() + 1e-12)).clamp_max(1));
  if (config_.clip_value > 0) gradients.clamp_(-config_.clip_value, config_.clip_value);
  if (config_.weight_decay > 0) gradients.add_(values_, config_.weight_decay);
  if (config_.optimizer == "sgd") {
    auto& velocity = slots_["velocity"];
    velocity.mul_(momentum).sub_(gradients * lr);
    values_.add_(config_.nesterov ? velocity * momentum : velocity);
    if (config_.nesterov) values_.sub_(gradients * lr);
  } else if (config_.optimizer == "rmsprop") {
    auto& square = slots_["square"];
    square.mul_(config_.alpha).addcmul_(gradients, gradients, 1 - config_.alpha);
    values_.sub_(gradients.mul_(lr).div_(square.sqrt().add_(config_.eps)));
  } else {
    auto& mean = slots_["mean"];
    auto& square = slots_["square"];
    mean.mul_(config_.beta1).add_(gradients, 1 - config_.beta1);
    if (config_.optimizer == "adam") {
      square.mul_(config_.beta2).addcmul_(gradients, gradients, 1 - config_.beta2);
      values_.sub_((mean * lr).div_(square.sqrt().mul_(correction).add_(config_.eps)));
    } else {
      torch::maximum_out(square, square.mul_(config_.beta2), gradients.abs().add_(config_.eps));
      values_.sub_((mean * lr).div_(square));
    }
  }
  if (config_.weight_clip > 0) values_.clamp_(-config_.weight_clip, config_.weight_clip);
  if (average.defined()) average.add_((values_ - average) * rates[3]);
}

void Optimizer::limit_columns() {
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
