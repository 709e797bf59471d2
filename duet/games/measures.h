#pragma once

#include "duet/games/game.h"

namespace duet {

/// Something about held-out examples that samples do not show: how likely they are, how well a game makes them anew.
struct MeasureSpec {
  enum class Kind {
    number,          ///< a number for each example [N], whose mean is reported
    reconstruction,  ///< [N, data shape], what becomes of each: its distance is reported, and whether the class is kept
    code,            ///< codes [N, size], whose prior is the latent "z": their distance from it is reported
  };
  std::string name;    ///< in reports: "negative_elbo"
  std::string note{};  ///< how to read it
  Kind kind = Kind::number;
  std::string better = "lower";  ///< or "higher", or "" for a number to compare others with
  int64_t examples = 5'000;      ///< at most this many
  bool decides = false;          ///< the best checkpoint is the one where it, a number, is lowest
  bool on_request = false;       ///< takes minutes: only for `duet score --measure NAME`
};

/// Measures of games with an encoder: what becomes of an example by way of its code, and how its code follows the
/// prior.
inline MeasureSpec reconstruction_measure() {
  return {.name = "reconstruction",
          .note = "mean square of the differences, per number",
          .kind = MeasureSpec::Kind::reconstruction};
}
inline MeasureSpec code_measure() { return {.name = "code", .kind = MeasureSpec::Kind::code}; }

/// What a game measures, and the networks that it needs.
struct Measures {
  std::vector<MeasureSpec> list;
  std::vector<std::string> networks;
};

/// What a game also is if it says something about held-out examples. Scores report it (train/measurer.h).
class Measuring {
 public:
  virtual ~Measuring() = default;
  virtual Measures measures() const = 0;
  /// The measure of this name, of the examples in `given`, which is as in Turn; see MeasureSpec::Kind. Called from
  /// several threads at once.
  virtual Tensor measure(const std::string& name, const Nets& nets, const Named& given, const Noise& noise) const = 0;
};

}  // namespace duet
