#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "duet/data/dataset.h"

namespace duet {

class Trainer;

/// Where a number of a training ceased to be finite.
struct Divergence {
  int64_t round = 0;      ///< the step
  size_t move = 0;        ///< which move of those that were read together
  std::string player{};   ///< whose term, or whose own numbers
  std::string term{};     ///< of the player's loss; empty: own numbers
  double value = 0;       ///< of the term
  std::string numbers{};  ///< which own ones: "weights"
  std::string suspect{};  ///< who moved last before; empty where nobody had
  int64_t suspect_round = 0;

  /// "step 1: the discriminator's term 'adversarial' is nan"
  std::string what() const;
  /// Whether only gradients are not finite, and what an optimizer keeps of them.
  bool gradients() const { return numbers.find("gradients") != std::string::npos; }
};

/// Who made it so.
struct Cause {
  Divergence first;      ///< what was seen first, perhaps before any term told of it
  std::string player;    ///< empty: nobody had moved yet
  std::string words;     ///< "the generator's weights had grown to 1e+20"; empty where there is no more to say
  bool at_once = false;  ///< where the playing began these weights were beyond measure already
};

/// Finds the cause by playing on: `again` stands where the training stood some rounds before, and is played up to the
/// step that is known to have gone wrong, at most, with a look at everybody's numbers after every move, which a
/// training cannot afford. The one who is named is the one whose weights are beyond measure at the first sign, or else
/// whose step it was. Empty where nothing is found, or `give_up` says so between rounds.
std::optional<Cause> find_cause(Trainer& again, const Divergence& divergence, const std::function<bool()>& give_up);

/// What would keep the numbers finite next time, in words. Where nobody had moved the data or the first weights are too
/// large.
std::string remedy(const Trainer& trainer, const Divergence& divergence, const Dataset& data);
std::string remedy(const Trainer& trainer, const Cause& cause, const Dataset& data);

/// What a run says at such an end.
struct Ending {
  Divergence divergence;
  std::optional<Cause> cause{};
  std::string remedy{};
  std::filesystem::path run{};
  std::optional<double> kimg{};  ///< of its newest checkpoint

  std::string text() const;
};

}  // namespace duet
