#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "duet/data/dataset.h"

namespace duet {

class Trainer;

/// Where a number of a training was first not finite.
struct Divergence {
  int64_t round = 0;      ///< the step
  size_t move = 0;        ///< index of the move among those read together
  std::string player{};   ///< the player whose term or numbers they are
  std::string term{};     ///< of the player's loss; empty: the player's own numbers
  double value = 0;       ///< of the term
  std::string numbers{};  ///< which of the player's own numbers: "weights"
  std::string suspect{};  ///< the player that moved last before; empty if none had
  int64_t suspect_round = 0;

  /// "step 1: the discriminator's term 'adversarial' is nan"
  std::string what() const;
  /// Whether only gradients, and what an optimizer derives from them, are not finite.
  bool gradients() const { return numbers.find("gradients") != std::string::npos; }
};

/// The cause of a divergence.
struct Cause {
  Divergence first;      ///< the first number that was not finite, perhaps before any term showed it
  std::string player;    ///< empty: no player had moved yet
  std::string words;     ///< "the generator's weights had grown to 1e+20"; empty if nothing more is known
  bool at_once = false;  ///< the weights were already too large at the beginning of the search
};

/// Finds the cause by playing on: `again` stands where the training stood some rounds before, and is played up to the
/// step that is known to have gone wrong, at most, with a look at everybody's numbers after every move, which a
/// training cannot afford. The one who is named is the one whose weights are beyond measure at the first sign, or else
/// whose step it was. Empty where nothing is found, or `give_up` says so between rounds.
std::optional<Cause> find_cause(Trainer& again, const Divergence& divergence, const std::function<bool()>& give_up);

/// Advice on keeping the numbers finite next time. If no player had moved, the data or the initial weights are too
/// large.
std::string remedy(const Trainer& trainer, const Divergence& divergence, const Dataset& data);
std::string remedy(const Trainer& trainer, const Cause& cause, const Dataset& data);

/// Data for a run's message about a divergence.
struct Ending {
  Divergence divergence;
  std::optional<Cause> cause{};
  std::string remedy{};
  std::filesystem::path run{};
  std::optional<double> kimg{};  ///< of its newest checkpoint

  std::string text() const;
};

}  // namespace duet
