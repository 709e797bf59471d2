#include "duet/score/reference.h"

#include <algorithm>
#include <numeric>

#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/core/random.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"
#include "duet/score/halves.h"

namespace duet {
namespace {

/// Number of examples that are read and converted to rows at a time.
constexpr int64_t kAtOnce = 5'000;
/// Maximum number of rows for metrics over all pairs; of more rows this many are drawn at random.
constexpr int64_t kMostPaired = 10'000;

/// Rows and the labels of their examples, int64 [M], undefined if unlabelled.
struct Labelled {
  Tensor rows, labels;
  int64_t count() const { return rows.size(0); }
};

Labelled joined(const std::vector<Labelled>& parts) {
  std::vector<Tensor> rows, labels;
  for (const auto& part : parts) {
    rows.push_back(part.rows);
    if (part.labels.defined()) labels.push_back(part.labels);
  }
  return {at::cat(rows), labels.empty() ? Tensor() : at::cat(labels)};
}

Labelled chosen(const Labelled& all, const std::vector<int64_t>& indices) {
  const auto index = torch::tensor(indices);
  return {all.rows.index_select(0, index), all.labels.defined() ? all.labels.index_select(0, index) : Tensor()};
}

/// At most `count` randomly chosen rows.
Labelled drawn(const Labelled& all, int64_t count, uint64_t seed) {
  if (count >= all.count()) return all;
  auto order = permutation(all.count(), Random(seed, 6));
  order.resize(static_cast<size_t>(count));
  return chosen(all, order);
}

std::string examples(int64_t count) { return fmt::format("{} example{}", count, count == 1 ? "" : "s"); }

class Maker {
 public:
  Maker(const Dataset& train, const Dataset* held_out, const Features& features, const ReferenceOptions& options,
        const std::function<void(const std::string&)>& phase)
      : train_(train), held_out_(held_out), features_(features), options_(options), phase_(phase) {
    held_out_count_ = held_out ? std::min(held_out->info().size, options.held_out) : 0;
    train_count_ = std::min(train.info().size, options.held_out / 2);
  }

  std::array<Reference, 2> make() {
    const auto all = train_.info().endless ? held_out_count_ : train_.info().size + held_out_count_;
    if (options_.all_data ? all < kLeastScored : !enough_to_score(train_count_, held_out_count_))
      fail(Fault::data, "{}: {} to train on and {} held out; scores need at least {}: take more of them",
           train_.info().name, examples(train_count_), held_out_count_, kLeastScored);
    say("computing features of real examples");
    if (options_.all_data) {
      const auto reference = of_all();
      return {reference, reference};
    }
    return of_parts();
  }

 private:
  void say(const std::string& what) const {
    if (phase_) phase_(what);
  }

  std::array<Reference, 2> of_parts() const {
    const auto half = held_out_count_ / 2;
    const bool decides = half >= std::min(kFewScored, train_count_),
               reports = half >= std::min(kLeastScored, train_count_);
    const auto held_out = read_all_of_held_out();
    const auto trained = read(train_, stratified_indices(train_.info().size, decides ? half : train_count_));
    say("comparing real examples with each other");
    const auto halves = halves_of(held_out_count_, options_.seed);
    const auto part = [&](size_t i) { return chosen(held_out, halves[i]); };
    return {decides ? of_half(part(0), part(1), trained, "deciding")
                    : of_training(trained, held_out, kFewScored, "to decide with"),
            options_.test ? of_test(held_out, trained)
            : reports     ? of_half(part(1), part(0), trained, "reporting")
                          : of_training(trained, held_out, kLeastScored, "to report on")};
  }

  Labelled read_all_of_held_out() const {
    if (held_out_count_ == 0) return {};
    return read(*held_out_, stratified_indices(held_out_->info().size, held_out_count_));
  }

  Labelled read(const Dataset& dataset, const std::vector<int64_t>& indices) const {
    std::vector<Labelled> parts;
    const std::span<const int64_t> all(indices);
    for (size_t first = 0; first < all.size(); first += kAtOnce) {
      const auto part = all.subspan(first, std::min<size_t>(kAtOnce, all.size() - first));
      parts.push_back({features_.of(features_.read(dataset, part)), read_labels(dataset, part)});
    }
    return parts.size() == 1 ? parts[0] : joined(parts);
  }

  Moments moments(const Tensor& rows) const { return options_.frechet ? moments_of(rows) : Moments(); }

  RealSpread spread(const Labelled& real) const {
    RealSpread spread;
    if (real.labels.defined())
      spread.by_label = spread_of(real.rows, real.labels, static_cast<int64_t>(train_.info().classes.size()));
    if (features_.classifier())
      spread.otherwise = spread_of(real.rows, features_.logits(real.rows).argmax(1),
                                   static_cast<int64_t>(train_.info().classes.size()));
    else
      spread.otherwise = spread_of(real.rows);
    return spread;
  }

  /// The part that all references have in common.
  Reference started(const Labelled& all) const {
    const auto paired = drawn(all, kMostPaired, options_.seed);
    Reference reference;
    reference.count = all.count();
    reference.rows = paired.rows;
    reference.moments = moments(all.rows);
    reference.spread = spread(paired);
    return reference;
  }

  /// One half against the other half.
  Comparison against_themselves(const Labelled& all, const std::string& who) const {
    const auto halves = halves_of(all.count(), options_.seed);
    return {who, " against the other half of them", chosen(all, halves[0]).rows, moments(chosen(all, halves[1]).rows)};
  }

  Reference of_half(const Labelled& half, const Labelled& other, const Labelled& trained,
                    const std::string& name) const {
    auto reference = started(half);
    reference.name =
        fmt::format("the {} half of held-out data ({}, cut with seed {})", name, examples(half.count()), options_.seed);
    reference.noun = "held-out examples";
    reference.remedy = "hold out more of the data (data.held_out), or compare with all of them (--all)";
    reference.floor = {"held-out examples of the other half", "", other.rows, reference.moments};
    reference.floor_spread = spread(other);
    reference.kernel_floor = kernel_distance(half.rows, other.rows, options_.kernel);
    reference.kernel_note = "one half of held-out data against the other";
    reference.training = {"training examples", "", trained.rows, reference.moments};
    return reference;
  }

  /// An official test part, which nothing has decided on.
  Reference of_test(const Labelled& held_out, const Labelled& trained) const {
    const auto& test = *options_.test;
    const auto all = read(test, stratified_indices(test.info().size, options_.held_out));
    auto reference = started(all);
    reference.name = fmt::format("the official test part ({})", examples(all.count()));
    reference.noun = "test examples";
    reference.remedy = "compare with all of the data (--all)";
    reference.training = {"training examples", "", trained.rows, reference.moments};
    const bool enough = held_out_count_ >= kLeastScored;
    const auto& unseen = enough ? held_out : trained;
    const auto who = enough ? "held-out examples" : "training examples";
    reference.floor = {who, "", unseen.rows, reference.moments};
    reference.floor_spread = spread(unseen);
    reference.kernel_floor = kernel_distance(reference.rows, unseen.rows, options_.kernel);
    reference.kernel_note = fmt::format("{} against the test part", who);
    return reference;
  }

  /// The floor uses held-out examples if there are enough.
  Reference of_training(const Labelled& trained, const Labelled& held_out, int64_t wanted,
                        const std::string& what_for) const {
    auto reference = started(trained);
    reference.name = fmt::format("training data ({})", examples(trained.count()));
    reference.noun = "training examples";
    reference.remedy = "use more pictures";
    const auto why =
        held_out_count_ == 0
            ? "no examples are held out"
            : fmt::format("{} held-out {} too few {} (a half of them has {}, and {} are needed)", held_out_count_,
                          held_out_count_ == 1 ? "example is" : "examples are", what_for, held_out_count_ / 2, wanted);
    reference.note = fmt::format(
        "{}: samples are compared with training data, so a generator that memorises them scores as well as one that "
        "generalises",
        why);
    reference.training = against_themselves(trained, "training examples");
    if (held_out_count_ >= kLeastScored) {
      reference.floor = {"held-out examples", "", held_out.rows, reference.moments};
      reference.floor_spread = spread(held_out);
      reference.kernel_floor = kernel_distance(reference.rows, held_out.rows, options_.kernel);
      reference.kernel_note = "held-out examples against training data";
    } else {
      themselves(reference, trained, "training examples");
    }
    return reference;
  }

  /// For an endless set, which has no "all", the held-out examples.
  Reference of_all() const {
    std::vector<Labelled> parts;
    const auto take = [&](const Dataset& dataset) {
      std::vector<int64_t> every(static_cast<size_t>(dataset.info().size));
      std::iota(every.begin(), every.end(), int64_t{0});
      parts.push_back(read(dataset, every));
    };
    if (train_.info().endless) {
      parts.push_back(read_all_of_held_out());
    } else {
      take(train_);
      if (held_out_) take(*held_out_);
    }
    const auto all = joined(parts);
    say("comparing real examples with each other");
    auto reference = started(all);
    reference.name = fmt::format("all of the data ({})", examples(all.count()));
    reference.noun = "examples";
    reference.remedy = "use more pictures";
    reference.note =
        "samples are compared with all of the data, including training data: a generator that repeats them scores "
        "well, "
        "and a set compared with itself has frechet 0 (and kernel_distance below 0, which is unbiased for independent "
        "sets)";
    themselves(reference, all, "examples");
    return reference;
  }

  /// A floor from one half against the other.
  void themselves(Reference& reference, const Labelled& all, const std::string& who) const {
    const auto halves = halves_of(all.count(), options_.seed);
    const auto one = drawn(chosen(all, halves[0]), kMostPaired, options_.seed),
               other = drawn(chosen(all, halves[1]), kMostPaired, options_.seed);
    reference.floor = against_themselves(all, who);
    reference.floor_spread = spread(one);
    reference.kernel_floor = kernel_distance(one.rows, other.rows, options_.kernel);
    reference.kernel_note = "one half of them against the other";
  }

  const Dataset& train_;
  const Dataset* held_out_;
  const Features& features_;
  const ReferenceOptions& options_;
  const std::function<void(const std::string&)>& phase_;
  int64_t held_out_count_ = 0, train_count_ = 0;
};

}  // namespace

Tensor random_rows(const Tensor& rows, int64_t count, uint64_t seed) { return drawn({rows, {}}, count, seed).rows; }

std::array<Reference, 2> make_references(const Dataset& train, const Dataset* held_out, const Features& features,
                                         const ReferenceOptions& options,
                                         const std::function<void(const std::string&)>& phase) {
  return Maker(train, held_out, features, options, phase).make();
}

}  // namespace duet
