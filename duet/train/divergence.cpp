#include "duet/train/divergence.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "duet/core/error.h"
#include "duet/train/trainer.h"

namespace duet {
namespace {

/// Weights that learn are far below it.
constexpr double kBeyondMeasure = 1e3;

/// Watches a training move by move until something is not finite.
class Witness {
 public:
  explicit Witness(Trainer& trainer) : trainer_(trainer) {
    for (const auto& player : trainer.players()) sizes_[player.spec().name] = player.largest_weight();
    begin_ = sizes_;
    trainer.watch_moves([this](const std::string& mover) { look(mover); });
  }
  ~Witness() { trainer_.watch_moves({}); }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  const std::optional<Cause>& cause() const { return cause_; }

 private:
  void look(const std::string& mover) {
    if (cause_) return;  // what follows is its consequence
    try {
      trainer_.read();
      sizes_[mover] = trainer_.player(mover).largest_weight();
    } catch (const Error& error) {
      if (error.fault() != Fault::diverged) throw;
      cause_ = judge(*trainer_.divergence());
    }
  }

  /// From the weights as they were when the move's loss was computed.
  Cause judge(const Divergence& found) const {
    const auto largest =
        std::max_element(sizes_.begin(), sizes_.end(), [](auto& a, auto& b) { return a.second < b.second; });
    const auto& [name, size] = *largest;
    const bool large = size > kBeyondMeasure;
    if (found.suspect.empty() && trainer_.rounds() == 0)
      return {found, "", large ? fmt::format("the {}'s weights begin at {:.2g}", name, size) : "", large};
    if (large)
      return {found, name, fmt::format("the {}'s weights had grown to {:.2g}", name, size),
              begin_.at(name) > kBeyondMeasure};
    return {found, found.suspect, "", false};
  }

  Trainer& trainer_;
  std::map<std::string, double> begin_, sizes_;
  std::optional<Cause> cause_;
};

}  // namespace

std::string Divergence::what() const {
  if (term.empty()) return fmt::format("step {}: the {}'s {} are not finite any more", round, player, numbers);
  const auto shown = std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  return fmt::format("step {}: the {}'s term '{}' is {}", round, player, term, shown);
}

std::optional<Cause> find_cause(Trainer& again, const Divergence& divergence, const std::function<bool()>& give_up) {
  Witness witness(again);
  while (!witness.cause() && again.rounds() <= divergence.round && !give_up()) again.round();
  return witness.cause();
}

}  // namespace duet
