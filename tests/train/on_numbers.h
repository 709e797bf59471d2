#pragma once

#include "tests/train/tiny.h"
#include "tests/train/toy_game.h"

namespace duet {

/// A game without data: each player is a vector of numbers, and its loss a function of all of them.
class OnNumbers final : public Game {
 public:
  using Losses = std::function<Tensor(const std::string& player, const Named& numbers)>;
  OnNumbers(std::vector<std::string> players, int64_t size, Losses losses)
      : players_(std::move(players)), size_(size), losses_(std::move(losses)) {}

  GameSpec spec(const DataKind&, const LatentConfig&) const override {
    GameSpec spec;
    for (const auto& name : players_) {
      spec.players.push_back({name, {name}});
      spec.networks.push_back({.name = name, .input = {1, 1, 1}, .output = {size_, 1, 1}});
    }
    return spec;
  }
  Loss loss(const std::string& player, const Turn& turn) const override {
    // One weight for each number, times one.
    const auto one = turn.x().narrow(0, 0, 1) + 1;
    Named numbers;
    for (const auto& name : players_) numbers[name] = turn(name, one).flatten();
    Loss loss;
    loss.add("loss", losses_(player, numbers));
    return loss;
  }

 private:
  std::vector<std::string> players_;
  int64_t size_;
  Losses losses_;
};

/// A training of it in double precision, of the toy "numbers" that must be there.
struct NumbersTraining {
  NumbersTraining(const std::vector<std::string>& players, int64_t size, const std::vector<std::string>& overrides)
      : recipe(recipe_of(players, size, overrides)), training(recipe) {}
  static Recipe recipe_of(const std::vector<std::string>& players, int64_t size,
                          const std::vector<std::string>& overrides) {
    std::string text = "kimg = 10\nbatch = 1\nprecision = 'fp64'\n[data]\nspec = 'nothing'\n[game]\nkind = 'numbers'\n";
    for (const auto& name : players)
      text += fmt::format(
          "[network.{0}]\nkind = 'layers'\nlayers = ['dense({1}, bias=false)']\n[player.{0}]\noptimizer = 'sgd'\n"
          "lr = 0.1\n",
          name, size);
    return tiny(text.c_str(), overrides);
  }
  void set(const std::string& player, const std::vector<double>& values) {
    Tensor all = training.weights(player);
    all.copy_(torch::tensor(at::ArrayRef<double>(values), torch::kFloat64));
  }
  double at(const std::string& player, int64_t i = 0) { return training.weights(player)[i].item<double>(); }

  Recipe recipe;
  Training training;
};

}  // namespace duet
