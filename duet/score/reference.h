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

/// The two halves of the held-out data. A score that decided when to stop is biased, so the training loop uses one
/// half, and reports use the other.
enum class Half { decide, report };

/// Minimum number of examples, generated or real; fewer are refused. A covariance of 20 rows has rank 19 of 128, a
/// class share of one half an error of 11 points, and the kernel distance has no standard error yet: no metric means
/// anything with fewer.
constexpr int64_t kLeastScored = 20;
/// With fewer samples or real examples a report has a note, and training data decide. The frechet of MNIST's own
/// pictures, where a fair generator scores 3 and 5,000 pictures 0.3, is 2.3 with 200, 0.9 with 500 and 0.6 with 1,000:
/// below 500 the number of examples influences the score as much as the generator does.
constexpr int64_t kFewScored = 500;
/// The number that the note advises: the default size of a half of the held-out data, so that the floor has the same
/// number.
constexpr int64_t kEnoughScored = 5'000;

/// Whether this many examples are enough to compute scores.
constexpr bool enough_to_score(int64_t train, int64_t held_out) {
  return train >= kLeastScored || held_out / 2 >= kLeastScored;
}

/// Distances between real examples of one class, for both ways in which samples may be grouped.
struct RealSpread {
  std::optional<Spread> by_label;  ///< by the examples' labels; none if they have none
  Spread otherwise;                ///< by the classifier's classes; without a classifier all are one class
};

/// Real examples that are scored in place of samples: the score of perfect samples.
struct Comparison {
  std::string description;  ///< "held-out examples of the other half"
  std::string counterpart;  ///< what they are compared with if not the reference: " against the other half of them"
  Tensor rows;              ///< float32 [M,D]
  Moments against;          ///< undefined when the Frechet distance is not computed
};

/// Real examples that samples are compared with.
struct Reference {
  std::string name;                    ///< "the reporting half of held-out data (500 examples, cut with seed 0)"
  std::string noun;                    ///< in a sentence, after a number: "held-out examples"
  std::string note;                    ///< a sentence for the user if this is not the usual reference; mostly empty
  std::string remedy;                  ///< how a user can get more of them: "hold out more (data.held_out)"
  int64_t count = 0;                   ///< examples
  Tensor rows;                         ///< float32 [M,D]: all, or a random choice for metrics over all pairs
  Moments moments;                     ///< of all; undefined when the Frechet distance is not computed
  RealSpread spread;                   ///< of the rows
  Comparison floor;                    ///< of real examples, if possible others than these
  RealSpread floor_spread;             ///< of the floor's rows
  Estimate kernel_floor;               ///< kernel distance of real examples to others
  std::string kernel_note;             ///< what it compares: "one half of held-out data against the other"
  std::optional<Comparison> training;  ///< of training examples
};

/// Options of make_references().
struct ReferenceOptions {
  int64_t held_out = 10'000;  ///< at most this many held-out examples, both halves together, spread over the set
  bool all_data = false;      ///< reports compare with all of the data instead of half of the held-out data
  uint64_t seed = 0;          ///< of the division into halves
  Kernel kernel = Kernel::cubic;
  const Dataset* test = nullptr;  ///< an official test part that is not held out: reports compare with it
  bool frechet = true;            ///< whether to compute moments
};

/// At most `count` randomly chosen rows: halves are in the order of the data, whose beginning is not representative.
Tensor random_rows(const Tensor& rows, int64_t count, uint64_t seed);

/// The references for deciding and for reporting: the halves of the held-out data. If a half has fewer than kFewScored
/// examples, training data decide, because the best checkpoint by a few examples is best by chance. If it has fewer
/// than kLeastScored, reports use training data, too. Where there is an official test part besides the held-out
/// examples, reports use that. Training never scores on the reporting half. `held_out` may be
/// null. Throws Error(data) if there are too few examples of both.
std::array<Reference, 2> make_references(const Dataset& train, const Dataset* held_out, const Features& features,
                                         const ReferenceOptions& options,
                                         const std::function<void(const std::string&)>& phase);

}  // namespace duet
