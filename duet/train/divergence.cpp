#include "duet/train/divergence.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "duet/core/error.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"
#include "duet/train/trainer.h"

namespace duet {
namespace {

/// Weights of a training that works are far below this.
constexpr double kBeyondMeasure = 1e3;

/// Watches a training move by move until something is not finite.
class Witness {
 public:
  explicit Witness(Trainer& trainer) : trainer_(trainer) {
    for (const auto& player : trainer.players()) sizes_[player.name()] = player.largest_weight();
    begin_ = sizes_;
    trainer.watch_moves([this](const std::string& mover) { look(mover); });
  }
  ~Witness() { trainer_.watch_moves({}); }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  const std::optional<Cause>& cause() const { return cause_; }

 private:
  void look(const std::string& mover) {
    if (cause_) return;  // what follows is a consequence
    try {
      trainer_.read();
      sizes_[mover] = trainer_.player(mover).largest_weight();
    } catch (const Error& error) {
      if (error.fault() != Fault::diverged) throw;
      cause_ = judge(*trainer_.divergence());
    }
  }

  /// From the weights with which the move's loss was computed.
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

namespace {

std::string remedy_for(const Trainer& trainer, const std::string& player, bool gradients, const Dataset& data) {
  if (!player.empty()) return trainer.remedy(player, gradients);
  constexpr double kLarge = 1e3;
  const auto some = read_examples(data, stratified_indices(data.info().size, 1'000));
  const auto largest = data.info().element == Element::float32 ? some.abs().max().item<double>() : 0;
  if (largest > kLarge) return fmt::format("the data reach {:.2g}: scale them to about -1..1", largest);
  return "give the networks smaller initial weights (network.NAME.init)";
}

}  // namespace

std::string remedy(const Trainer& trainer, const Divergence& divergence, const Dataset& data) {
  return remedy_for(trainer, divergence.suspect, divergence.gradients(), data);
}

std::string remedy(const Trainer& trainer, const Cause& cause, const Dataset& data) {
  return remedy_for(trainer, cause.player, cause.first.gradients(), data);
}

std::string Ending::text() const {
  const auto path = run.string();
  const bool hopeless = cause && cause->at_once;
  return fmt::format(
      "{}{}; training stopped, nothing after the last checkpoint is kept; {}, and {}",
      (cause ? cause->first : divergence).what(), cause && !cause->words.empty() ? ", because " + cause->words : "",
      remedy,
      !kimg      ? fmt::format("start again in another --out; {} holds no checkpoint yet", path)
      : hopeless ? fmt::format("start again in another --out; the newest checkpoint of {} has such weights", path)
                 : fmt::format("continue from {:g} kimg with `duet train {} --resume --accept-changes` and that change",
                               *kimg, path));
}

}  // namespace duet
