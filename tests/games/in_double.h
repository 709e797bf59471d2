#pragma once

#include "duet/train/given.h"
#include "duet/train/network_calls.h"
#include "tests/train/tiny.h"

namespace duet {

/// A game with its networks in double precision, on a batch of three vectors that a test may look at and change.
/// Values that a turn makes once are made anew, with a graph to all networks.
struct InDouble {
  /// `text` is a recipe, whose data these facts replace.
  InDouble(const std::string& text, const DataFacts& facts, const std::vector<std::string>& overrides = {})
      : recipe(tiny(text.c_str(), overrides)), spec(game_spec(recipe, facts)), game(make_game(recipe.game)) {
    const auto generator = make_generator(1);
    auto init = make_generator(2);
    turn.noise = make_generator(3);
    const auto batch = [&](const DataFacts& of, const std::string& x, const std::string& label) {
      turn.given[x] = torch::empty({3, of.shape.numel()}, torch::kFloat64).normal_(0, 1, generator).requires_grad_();
      if (!of.classes.empty()) turn.given[label] = torch::arange(3) % std::ssize(of.classes);
    };
    batch(facts, "x", "label");
    for (const auto& [name, of] : facts.streams) batch(of, name, name + "_label");
    for (const auto& latent : spec.latents)
      turn.given[latent.name] = draw_latent(latent.how, 3, generator).to(torch::kFloat64).requires_grad_();
    for (const auto& one : spec.networks) {
      const auto& network = networks[one.name] = build_network(recipe, one.name, facts, init);
      network->to(torch::kFloat64);
      network->requires_grad(true);
      turn.nets[one.name] = net_of(*network, one, [this] { return Pass{.training = true, .noise = turn.noise}; });
    }
    for (const auto& [name, value] : game->state()) value.fill_(0.3);
  }
  Loss loss(const std::string& player) const { return game->loss(player, turn); }
  /// The weights of a player's networks.
  std::vector<Tensor> weights(const PlayerSpec& player) const {
    std::vector<Tensor> all;
    for (const auto& name : player.networks)
      for (const auto& [part, value] : networks.at(name)->parameters()) all.push_back(value);
    return all;
  }
  /// All weights of all players, and all inputs that are no classes.
  std::vector<Tensor> inputs() const {
    std::vector<Tensor> all;
    for (const auto& [name, network] : networks)
      for (const auto& [part, value] : network->parameters()) all.push_back(value);
    for (const auto& [name, value] : turn.given)
      if (value.is_floating_point()) all.push_back(value);
    return all;
  }

  Recipe recipe;
  GameSpec spec;
  std::unique_ptr<Game> game;
  Networks networks;
  Turn turn;
};

/// Vectors of two numbers in three classes.
inline DataFacts points_of_three_classes() {
  return {.shape = {2, 1, 1}, .pictures = false, .classes = {"a", "b", "c"}, .class_share = {0.4, 0.3, 0.3}};
}

/// A value that a loss minimises or only logs, before its weight.
inline Tensor named(const Loss& loss, const std::string& name) {
  for (const auto* list : {&loss.terms, &loss.watched})
    for (const auto& term : *list)
      if (term.name == name) return term.value;
  ADD_FAILURE() << "no term " << name;
  return torch::zeros({});
}

}  // namespace duet
