#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "duet/score/diversity.h"
#include "duet/score/features.h"
#include "duet/score/frechet.h"
#include "duet/score/kernel_distance.h"

namespace duet {

/// Half of the held-out data. A number that decided when to stop is no fair report any more, so the training loop looks
/// at one half and reports are made on the other.
enum class Half { decide, report };

/// Fewer examples than this, generated or real, are refused. A covariance of 20 rows has rank 19 of 128, a class share
/// of one half an error of 11 points, and the kernel distance no standard error yet: of fewer, no number means
/// anything.
constexpr int64_t kLeastScored = 20;
/// Reports on fewer samples, or against fewer real examples, carry a note; and fewer do not decide. What pictures of
/// MNIST themselves score in frechet, where a fair generator scores 3 and 5,000 pictures 0.3: 2.3 of 200, 0.9 of 500,
/// 0.6 of 1,000. Below 500 the number of examples decides the score as much as the generator does.
constexpr int64_t kFewScored = 500;
/// The number that the note advises: as many as a half of the held-out data has by default, so that the floor is of the
/// same number.
constexpr int64_t kEnoughScored = 5'000;

/// Whether one can score against data of so many examples.
constexpr bool enough_to_score(int64_t train, int64_t held_out) {
  return train >= kLeastScored || held_out / 2 >= kLeastScored;
}

/// How far apart real examples of one class are, in every way in which samples may be asked.
struct RealSpread {
  std::optional<Spread> by_label;  ///< of the examples' own labels; none where they have none
  Spread otherwise;                ///< of classes as the classifier sees them; without one all are of one class
};

/// Real examples that are scored as samples are: what perfect samples would score.
struct Comparison {
  std::string who;   ///< "held-out examples of the other half"
  std::string whom;  ///< against whom, where it is not the reference: " against the other half of them"
  Tensor rows;       ///< float32 [M,D]
  Moments against;   ///< undefined when the Frechet distance is left out
};

/// What samples are compared with.
struct Reference {
  std::string name;                   ///< "the reporting half of held-out data (500 examples, cut with seed 0)"
  std::string called;                 ///< in a sentence, after a number: "held-out examples"
  std::string note;                   ///< a sentence about what it is where that is not to be expected; mostly empty
  std::string more;                   ///< what a user can do to have more of them: "hold out more (data.held_out)"
  int64_t count = 0;                  ///< examples
  Tensor rows;                        ///< float32 [M,D] of them, or of as many as pairs are made of
  Moments moments;                    ///< of all; undefined when the Frechet distance is left out
  RealSpread spread;                  ///< of the rows
  Comparison floor;                   ///< of real examples, as far as possible none of these
  RealSpread floor_spread;            ///< of the floor's
  Estimate kernel_floor;              ///< kernel distance of real examples to others
  std::string kernel_note;            ///< of which to which: "one half of held-out data against the other"
  std::optional<Comparison> trained;  ///< of training examples
};

/// How examples become references.
struct ReferenceOptions {
  int64_t held_out = 10'000;  ///< at most this many held-out examples, both halves together, spread over the set
  bool whole = false;         ///< reports compare with all of the data instead of a half of those held out
  uint64_t seed = 0;          ///< of the cut into halves
  Kernel kernel = Kernel::cubic;
  bool frechet = true;  ///< whether moments are wanted
};

/// At most `count` rows in a drawn choice: halves lie in the order of the data, and a beginning is not like the whole.
Tensor drawn_rows(const Tensor& rows, int64_t count, uint64_t seed);

/// The references for deciding and for reporting: the halves of the held-out data. Where a half has fewer than
/// kFewScored examples, training data decide: the checkpoint that is best by a few examples is best by chance. Where it
/// has fewer than kLeastScored, reports are made on training data too. Training never scores on the reporting half.
/// `held_out` may be null. Throws Error(data) where neither part is enough.
std::array<Reference, 2> make_references(const Dataset& train, const Dataset* held_out, const Features& features,
                                         const ReferenceOptions& options,
                                         const std::function<void(const std::string&)>& phase);

}  // namespace duet
