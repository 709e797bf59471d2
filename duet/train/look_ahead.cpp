#include "duet/train/look_ahead.h"

namespace duet {

LookAhead::LookAhead(std::vector<Player*> players, bool differentiable) : differentiable_(differentiable) {
  for (auto* player : players) {
    Ahead ahead{player, {}, {}};
    for (size_t i = 0; i < player->networks().size(); ++i) {
      ahead.states.push_back(player->optimizer(i).state());
      ahead.weights.emplace_back();
      for (const auto& [name, value] : player->networks()[i].weights->parameters())
        ahead.weights.back().push_back(value);
    }
    players_.push_back(std::move(ahead));
  }
}

LookAhead::~LookAhead() {
  for (const auto& ahead : players_)
    for (const auto& moved : ahead.player->networks()) moved.network->use_own_parameters();
}

std::set<std::string> LookAhead::networks() const {
  std::set<std::string> names;
  for (const auto& ahead : players_)
    for (const auto& moved : ahead.player->networks()) names.insert(moved.name);
  return names;
}

/// Gradient of the loss in all the weights of a player's networks, a flat tensor for each network.
std::vector<Tensor> LookAhead::gradients_of(const Ahead& ahead, const Tensor& loss) const {
  std::vector<Tensor> all;
  for (const auto& weights : ahead.weights) all.insert(all.end(), weights.begin(), weights.end());
  const auto gradients = torch::autograd::grad({loss}, all, {}, /*retain_graph=*/differentiable_,
                                               /*create_graph=*/differentiable_, /*allow_unused=*/true);
  std::vector<Tensor> flat;
  size_t next = 0;
  for (const auto& weights : ahead.weights) {
    std::vector<Tensor> parts;
    for (const auto& weight : weights) {
      const auto& gradient = gradients[next++];
      parts.push_back((gradient.defined() ? gradient : torch::zeros_like(weight)).flatten());
    }
    flat.push_back(parts.empty() ? torch::empty({0}, loss.options()) : torch::cat(parts));
  }
  return flat;
}

void LookAhead::step(const std::function<Tensor(Player&)>& loss, const std::function<Tensor(Player&)>& rates) {
  std::vector<std::vector<Tensor>> gradients;
  for (const auto& ahead : players_) gradients.push_back(gradients_of(ahead, loss(*ahead.player)));
  for (size_t k = 0; k < players_.size(); ++k) {
    auto& ahead = players_[k];
    const auto scale = gradient_scale(gradients[k], ahead.player->config().clip_norm);
    const auto now = rates(*ahead.player);
    for (size_t i = 0; i < ahead.states.size(); ++i) {
      auto& state = ahead.states[i];
      state = ahead.player->optimizer(i).stepped(state, gradients[k][i], now[static_cast<int64_t>(i)], scale);
      if (!differentiable_) {
        state.values = state.values.detach().requires_grad_();
        for (auto* slot : {&state.first, &state.second})
          if (slot->defined()) *slot = slot->detach();
      } else if (!state.values.requires_grad()) {
        state.values.requires_grad_();  // the gradient of a linear loss is a constant, which carries no graph
      }
      const auto& moved = ahead.player->networks()[i];
      ahead.weights[i] = moved.weights->parts_of(state.values);
      moved.network->use_parameters(ahead.weights[i]);
    }
  }
}

}  // namespace duet
