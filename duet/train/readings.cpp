// What a trainer logs of its moves, and how it finds out that numbers are not finite any more.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "duet/core/error.h"
#include "duet/train/trainer.h"

namespace duet {

void Trainer::keep(const Player& mover, const Loss& loss) {
  // Each replay writes over what the one before has left.
  const bool captured = inputs_.mode() == HostInputs::Mode::captured;
  const auto count = [this, name = mover.name()] { moves_.push_back({rounds_, name}); };
  captured ? after_replay_.emplace_back(count), void() : count();
  for (const auto* list : {&loss.terms, &loss.watched})
    for (const auto& term : *list) {
      const auto name = mover.name() + "/" + term.name;
      auto [slot, is_new] = terms_.try_emplace(name, Term{term.name, mover.name(), {}, {}});
      if (is_new) term_order_.push_back(name);
      const auto push = [this, &to = slot->second](const Tensor& value) {
        to.values.push_back(value);
        to.moves.push_back(moves_.size() - 1);
      };
      if (captured)
        after_replay_.emplace_back([push, value = term.value.detach()] { push(value.clone()); });
      else
        push(term.value.detach());
    }
}

std::optional<Trainer::Move> Trainer::mover_before(size_t move) const {
  if (move == 0) return move_before_;
  return moves_[move - 1];
}

/// Takes the first number of a term that is not finite for the divergence, where it came before what is known so far.
void Trainer::consider(const Term& term, const Tensor& values) {
  for (int64_t i = 0; i < values.size(0); ++i) {
    const double value = values[i].item<double>();
    if (std::isfinite(value)) continue;
    const auto move = term.moves[static_cast<size_t>(i)];
    if (divergence_ && divergence_->move <= move) return;
    const auto before = mover_before(move).value_or(Move{});
    divergence_ = {.round = moves_[move].round,
                   .move = move,
                   .player = term.player,
                   .term = term.name,
                   .value = value,
                   .suspect = before.player,
                   .suspect_round = before.round};
    return;
  }
}

/// A step may have been the last before a reading: no term tells of it yet.
void Trainer::check_players() {
  for (const auto& player : players_) {
    const auto numbers = player.not_finite();
    if (numbers.empty()) continue;
    const auto& name = player.name();
    const auto last = std::find_if(moves_.rbegin(), moves_.rend(), [&](const Move& m) { return m.player == name; });
    divergence_ = {.round = last == moves_.rend() ? rounds_ : last->round,
                   .player = name,
                   .numbers = numbers,
                   .suspect = name,
                   .suspect_round = last == moves_.rend() ? rounds_ : last->round};
    return;
  }
}

std::string Trainer::remedy(const std::string& player, bool gradients) const {
  const auto config = recipe_.player.find(player);
  const bool clips = config != recipe_.player.end() && config->second.clip_norm > 0;
  const auto calming = game_->calms(player);
  if (gradients && !clips)
    return fmt::format("limit its gradient (player.{}.clip_norm = 1), or weigh down what it is of", player);
  return fmt::format("lower player.{}.lr{}{}", player, calming.empty() ? "" : ", or ", calming);
}

Readings Trainer::read() {
  const auto begin = std::chrono::steady_clock::now();
  divergence_.reset();
  for (const auto& name : term_order_) {
    auto& term = terms_.at(name);
    if (term.values.empty()) continue;
    const auto values = torch::stack(term.values).to(torch::kCPU, torch::kFloat64);
    consider(term, values);
    readings_.means.emplace_back(name, values.mean().item<double>());
    term.values.clear();
    term.moves.clear();
  }
  if (!divergence_ && !moves_.empty()) check_players();
  if (divergence_) {
    moves_.clear();
    const auto& suspect = divergence_->suspect.empty() ? divergence_->player : divergence_->suspect;
    fail(Fault::diverged, "{}; {}", divergence_->what(), remedy(suspect, divergence_->gradients()));
  }
  if (!moves_.empty()) move_before_ = moves_.back();
  moves_.clear();
  // A GPU is still at work when a round returns; what was waited for here belongs to the rounds.
  readings_.seconds_total += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return std::exchange(readings_, Readings{});
}

}  // namespace duet
