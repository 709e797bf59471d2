#include "duet/train/players.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"

namespace duet {

const DataFacts& DataFacts::stream(const std::string& name) const {
  if (name == "x") return *this;
  const auto found = streams.find(name);
  if (found == streams.end())
    fail(Fault::checkpoint, "stream \"{}\": what was known of its examples is missing; restore run.json from a copy",
         name);
  return found->second;
}

DataKind kind_of(const Recipe& recipe, const DataFacts& facts, const std::string& stream) {
  DataKind data{.shape = facts.shape, .classes = static_cast<int64_t>(facts.classes.size())};
  if (facts.pictures) data.range = recipe.data_of(stream).value_range(facts.shape);
  for (const auto& [name, further] : facts.streams) data.streams.emplace(name, kind_of(recipe, further, name));
  return data;
}

GameSpec game_spec(const Recipe& recipe, const DataFacts& facts) {
  return make_game(recipe.game)->spec(kind_of(recipe, facts), recipe.latent);
}

std::unique_ptr<Network> build_network(const Recipe& recipe, const std::string& name, const DataFacts& facts,
                                       Generator& init, DataMean data_mean, bool trained) {
  const auto whole = game_spec(recipe, facts);
  const auto& spec = whole.network(name);
  const auto found = recipe.network.find(spec.keys());
  if (found == recipe.network.end())
    fail(Fault::recipe, "{}: has no section [network.{}], which game \"{}\" needs", recipe.name, spec.keys(),
         recipe.game.kind);
  NetworkContext context{
      .name = spec.keys(), .input = spec.input, .output = spec.output, .output_range = spec.range, .trained = trained};
  context.with = spec.with;
  if (!facts.classes.empty()) context.with.try_emplace("label", static_cast<int64_t>(facts.classes.size()), 1, 1);
  if (!spec.makes.empty() && data_mean)
    context.data_mean = [data_mean = std::move(data_mean), stream = spec.makes] { return data_mean(stream); };
  for (const auto& player : whole.players) context.players.push_back(player.name);
  return std::make_unique<Network>(dynamic_cast<const NetworkConfig&>(*found->second.config), context, init);
}

namespace {

/// One that has nothing to learn would wait for a gradient that never comes.
void check_learns(const std::string& player, const std::vector<Moved>& networks) {
  if (networks.empty()) return;
  std::vector<std::string> sections;
  for (const auto& moved : networks) {
    if (moved.network->parameter_count() > 0) return;
    sections.push_back(fmt::format("[network.{}]", moved.network->name()));
  }
  fail(Fault::recipe,
       "{}: none of {} layers has parameters, so there is nothing to learn{}; expected at least one that has, such as "
       "dense or conv",
       fmt::join(sections, ", "), sections.size() > 1 ? "their" : "its",
       sections.size() > 1 ? " for player " + player : "");
}

}  // namespace

Player::Player(std::string name, const PlayerConfig& config, const std::vector<Moved>& networks)
    : name_(std::move(name)), config_(config), networks_(networks) {
  check_learns(name_, networks_);
  for (const auto& moved : networks_) {
    optimizers_.emplace_back(*moved.weights, config);
    if (config_.ema_kimg > 0) moved.weights->start_ema();
  }
}

void Player::zero_grad() {
  for (const auto& moved : networks_) moved.weights->zero_grad();
}

bool Player::owns(const std::string& network) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Moved& moved) { return moved.name == network; });
}

std::vector<std::vector<Tensor>> Player::take_gradients() {
  std::vector<std::vector<Tensor>> all;
  for (const auto& moved : networks_) {
    all.emplace_back();
    for (const auto& [name, value] : moved.weights->parameters())
      all.back().push_back(std::exchange(value.mutable_grad(), Tensor()));
  }
  return all;
}

void Player::give_gradients(const std::vector<std::vector<Tensor>>& gradients) {
  for (size_t i = 0; i < networks_.size(); ++i)
    for (size_t k = 0; k < gradients[i].size(); ++k)
      networks_[i].weights->parameters()[k].value.mutable_grad() = gradients[i][k];
}

Tensor Player::prepare(Clock clock, int64_t cursor, double rate) {
  clock.updates = updates_++;
  std::vector<Tensor> rates;
  for (size_t i = 0; i < networks_.size(); ++i)
    rates.push_back(
        optimizers_[i].prepare(clock, networks_[i].weights->ema_rate(config_.ema_kimg, clock.kimg, cursor), rate));
  return torch::stack(rates);
}

Tensor Player::rates(const Clock& clock, double rate) const {
  std::vector<Tensor> all;
  for (const auto& optimizer : optimizers_) all.push_back(optimizer.rates(clock, /*ema_rate=*/0, rate));
  return torch::stack(all);
}

void Player::step(const Tensor& rates) {
  std::vector<Weights*> all;
  for (const auto& moved : networks_) all.push_back(moved.weights);
  const auto scale = gradient_scale(all, config_.clip_norm);
  for (size_t i = 0; i < optimizers_.size(); ++i) optimizers_[i].apply(rates[static_cast<int64_t>(i)], scale);
}

namespace {

/// Without copying the numbers, which may be many.
double largest_of(const Tensor& values) {
  if (values.numel() == 0) return 0;
  const auto [low, high] = torch::aminmax(values);
  return torch::stack({low, high}).to(torch::kCPU, torch::kFloat64).abs().max().item<double>();
}

}  // namespace

double Player::largest_weight() const {
  double largest = 0;
  for (const auto& moved : networks_) {
    const double size = largest_of(moved.weights->values());
    if (!(size <= largest)) largest = size;  // NaN, too
    if (std::isnan(largest)) break;
  }
  return largest;
}

std::string Player::not_finite() const {
  if (!std::isfinite(largest_weight())) return "weights";
  for (const auto& optimizer : optimizers_)
    for (const auto& [name, slot] : optimizer.slots())
      if (!std::isfinite(largest_of(slot))) return name == "square" ? "squared gradients" : "gradients";
  for (const auto& moved : networks_) {
    const auto& ema = moved.weights->ema();
    if (ema.defined() && !std::isfinite(largest_of(ema))) return "EMA weights";
  }
  return "";
}

void Player::save(TensorFile& file) const {
  for (size_t i = 0; i < networks_.size(); ++i)
    for (const auto& [slot, value] : optimizers_[i].slots())
      file.tensors[fmt::format("optimizer/{}/{}/{}", name_, networks_[i].name, slot)] = value;
  file.texts["updates." + name_] = std::to_string(updates_);
}

void Player::load(const TensorFile& file) {
  torch::NoGradGuard no_grad;
  for (size_t i = 0; i < networks_.size(); ++i)
    for (const auto& [slot, value] : optimizers_[i].slots()) {
      auto here = value;
      here.copy_(file.at(fmt::format("optimizer/{}/{}/{}", name_, networks_[i].name, slot), value.sizes()));
    }
  updates_ = file.whole("updates." + name_);
}

}  // namespace duet
