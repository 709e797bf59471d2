#include "duet/train/term_log.h"

#include <cmath>

namespace duet {

void TermLog::add(const std::string& player, const Loss& loss, const int64_t& round, CapturedSteps& steps) {
  steps.after_replay([this, player, &round] { moves_.push_back({round, player}); });
  // Each replay overwrites the tensors of the one before.
  const bool copied = steps.capturing();
  for (const auto* list : {&loss.terms, &loss.watched})
    for (const auto& term : *list) {
      const auto name = player + "/" + term.name;
      auto [slot, is_new] = terms_.try_emplace(name, Term{term.name, player, {}, {}});
      if (is_new) order_.push_back(name);
      steps.after_replay([this, &to = slot->second, copied, value = term.value.detach()] {
        to.values.push_back(copied ? value.clone() : value);
        to.moves.push_back(moves_.size() - 1);
      });
    }
}

std::optional<TermLog::Move> TermLog::mover_before(size_t move) const {
  if (move == 0) return before_;
  return moves_[move - 1];
}

/// Uses the first number of a term that is not finite as the divergence if it came before what is known so far.
void TermLog::consider(const Term& term, const Tensor& values, std::optional<Divergence>& found) const {
  for (int64_t i = 0; i < values.size(0); ++i) {
    const double value = values[i].item<double>();
    if (std::isfinite(value)) continue;
    const auto move = term.moves[static_cast<size_t>(i)];
    if (found && found->move <= move) return;
    const auto before = mover_before(move).value_or(Move{});
    found = {.round = moves_[move].round,
             .move = move,
             .player = term.player,
             .term = term.name,
             .value = value,
             .suspect = before.player,
             .suspect_round = before.round};
    return;
  }
}

std::vector<std::pair<std::string, double>> TermLog::take_means(std::optional<Divergence>& found) {
  std::vector<std::pair<std::string, double>> means;
  for (const auto& name : order_) {
    auto& term = terms_.at(name);
    if (term.values.empty()) continue;
    const auto values = torch::stack(term.values).to(torch::kCPU, torch::kFloat64);
    consider(term, values, found);
    means.emplace_back(name, values.mean().item<double>());
    term.values.clear();
    term.moves.clear();
  }
  return means;
}

void TermLog::forget_moves(bool diverged) {
  if (!moves_.empty() && !diverged) before_ = moves_.back();
  moves_.clear();
}

}  // namespace duet
