#include "duet/train/players.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"

namespace duet {
namespace {

// The average's half-life is at most this share of the run so far.
constexpr double kAverageRamp = 0.05;

std::vector<NamedTensor> parameters_of(const std::vector<Network*>& networks) {
  std::vector<NamedTensor> all;
  for (const auto* network : networks)
    all.insert(all.end(), network->parameters().begin(), network->parameters().end());
  return all;
}

}  // namespace

std::unique_ptr<Network> build_network(const Recipe& recipe, const std::string& name, const DataFacts& facts,
                                       Generator& init, std::function<Tensor()> data_mean, bool trained) {
  const auto found = recipe.network.find(name);
  if (found == recipe.network.end())
    fail(Fault::recipe, "{}: has no section [network.{}], which game \"{}\" needs", recipe.name, name,
         recipe.game.kind);
  NetworkContext context;
  context.name = name;
  context.trained = trained;
  context.classes = static_cast<int64_t>(facts.classes.size());
  if (name == "generator") {
    context.input = {recipe.latent.size, 1, 1};
    context.output = facts.shape;
    if (facts.pictures) context.output_range = recipe.data.value_range();
    context.data_mean = std::move(data_mean);
  } else {
    context.input = facts.shape;
    context.output = {1, 1, 1};
  }
  auto network = std::make_unique<Network>(dynamic_cast<const NetworkConfig&>(*found->second.config), context, init);
  if (network->parameter_count() == 0)
    fail(Fault::recipe,
         "[network.{}]: none of its layers has parameters, so there is nothing to learn; expected at least one that "
         "has, such as dense or conv",
         name);
  return network;
}

Tensor draw_latent(const LatentConfig& latent, int64_t n, const Generator& generator) {
  auto z = torch::empty({n, latent.size});
  if (latent.kind == "uniform") return z.uniform_(latent.low, latent.high, generator);
  z.normal_(0, 1, generator);
  return latent.kind == "spherical" ? z / z.norm(2, 1, true) : z;
}

Player::Player(PlayerSpec spec, const PlayerConfig& config, std::vector<Network*> networks)
    : spec_(std::move(spec)),
      config_(config),
      networks_(std::move(networks)),
      optimizer_(parameters_of(networks_), config) {
  if (config_.average > 0) average_ = optimizer_.values().clone();
}

bool Player::owns(const std::string& network) const {
  return std::find(spec_.networks.begin(), spec_.networks.end(), network) != spec_.networks.end();
}

void Player::requires_grad(bool wanted) {
  for (auto* network : networks_) network->requires_grad(wanted);
}

Tensor Player::prepare(Clock clock, int64_t images) {
  clock.updates = updates_;
  ++updates_;
  if (!average_.defined()) return optimizer_.prepare(clock, 0);
  // The half-life grows with the run (Karras et al. 2020, arXiv:2006.06676), or early samples would show the beginning.
  const double half_life = std::min(config_.average, kAverageRamp * clock.kimg);
  const double keep = half_life > 0 ? std::exp2(-static_cast<double>(images) / 1000 / half_life) : 0;
  return optimizer_.prepare(clock, 1 - keep);
}

std::vector<NamedTensor> Player::named_average() const {
  std::vector<NamedTensor> all;
  int64_t offset = 0;
  for (size_t i = 0; average_.defined() && i < networks_.size(); ++i)
    for (const auto& [name, value] : networks_[i]->parameters()) {
      all.push_back({fmt::format("average/{}/{}", spec_.networks[i], name),
                     average_.narrow(0, offset, value.numel()).view(value.sizes())});
      offset += value.numel();
    }
  return all;
}

namespace {

/// Without a copy of the numbers, which may be many.
double largest_of(const Tensor& values) {
  if (values.numel() == 0) return 0;
  const auto [low, high] = torch::aminmax(values);
  return torch::stack({low, high}).to(torch::kCPU, torch::kFloat64).abs().max().item<double>();
}

}  // namespace

double Player::largest_weight() const { return largest_of(optimizer_.values()); }

std::string Player::not_finite() const {
  if (!std::isfinite(largest_weight())) return "weights";
  for (const auto& [name, slot] : optimizer_.slots())
    if (!std::isfinite(largest_of(slot))) return name == "square" ? "squared gradients" : "gradients";
  return average_.defined() && !std::isfinite(largest_of(average_)) ? "averaged weights" : "";
}

void Player::save(TensorFile& file) const {
  for (size_t i = 0; i < networks_.size(); ++i)
    for (const auto* list : {&networks_[i]->parameters(), &networks_[i]->buffers()})
      for (const auto& [name, value] : *list) file.tensors[spec_.networks[i] + "/" + name] = value;
  for (const auto& [name, value] : optimizer_.slots()) file.tensors["optimizer/" + spec_.name + "/" + name] = value;
  for (const auto& [name, value] : named_average()) file.tensors[name] = value;
  file.texts["updates." + spec_.name] = std::to_string(updates_);
}

void Player::load(const TensorFile& file) {
  torch::NoGradGuard no_grad;
  for (size_t i = 0; i < networks_.size(); ++i)
    for (const auto* list : {&networks_[i]->parameters(), &networks_[i]->buffers()})
      for (const auto& [name, value] : *list) value.copy_(file.at(spec_.networks[i] + "/" + name, value.sizes()));
  for (const auto& [name, value] : optimizer_.slots())
    value.copy_(file.at("optimizer/" + spec_.name + "/" + name, value.sizes()));
  const auto flat = "average/" + spec_.name;
  if (average_.defined() && file.tensors.contains(flat))  // format 1
    average_.copy_(file.at(flat, average_.sizes()));
  else
    for (auto& [name, value] : named_average()) value.copy_(file.at(name, value.sizes()));
  updates_ = file.whole("updates." + spec_.name);
}

}  // namespace duet
