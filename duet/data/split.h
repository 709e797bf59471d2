#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "duet/data/dataset.h"

namespace duet {

/// How examples are divided into training and held-out ones.
struct SplitOptions {
  /// Examples that are never trained on. -1: the official test part if there is one, otherwise 10 % of the training
  /// part, at least 1 and at most 10,000 (10,000 drawn ones of an endless set). A number is taken out of the training
  /// part, so that an official test part stays unused for final reports. 0: none.
  int64_t held_out = -1;
  /// Which examples of a finite set: "shuffled", a random choice by `seed`, "head", the first of the file, or
  /// "tail", its last.
  std::string how = "shuffled";
  uint64_t seed = 0;  ///< of the choice; the same seed always gives the same parts
  /// Train on at most this many examples: a random choice by `seed`, of which a smaller limit is a subset (of an
  /// endless set: its first); 0: all. Held-out examples do not depend on the limit.
  int64_t limit = 0;
  /// Of labelled examples the limit takes as many of each class, or one more of the first classes where it does not
  /// divide; all of a class that has fewer.
  bool balanced = false;
};

/// Disjoint parts of a source.
struct Split {
  std::shared_ptr<const Dataset> train;
  std::shared_ptr<const Dataset> held_out;  ///< null when SplitOptions::held_out is 0
  /// The official test part where it is not what is held out: for reports alone. Null if there is none.
  std::shared_ptr<const Dataset> test{};
};

/// Splits a source, the same way for the same options. Throws Error(recipe) for options that do not fit the data,
/// Error(data) when there is nothing to split.
Split split_source(const Source& source, const SplitOptions& options);

/// The examples `indices` of a finite or endless set, in that order, as a finite set.
std::shared_ptr<const Dataset> subset(std::shared_ptr<const Dataset> dataset, std::vector<int64_t> indices);

/// An endless set from example `offset` on, with nominal size `size`.
std::shared_ptr<const Dataset> shifted(std::shared_ptr<const Dataset> dataset, int64_t offset, int64_t size);

}  // namespace duet
