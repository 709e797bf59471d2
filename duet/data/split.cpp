#include "duet/data/split.h"

#include <algorithm>
#include <numeric>

#include "duet/core/error.h"
#include "duet/core/random.h"

namespace duet {
namespace {

constexpr int64_t kMostAutomatic = 10'000;
constexpr int64_t kHeldOutOffset = int64_t{1} << 40;  // no training run reaches this index
constexpr uint64_t kSplitStream = 0x73706c6974;       // "split": separate from the streams of shuffling

/// A finite selection of another dataset's examples.
class Subset final : public Dataset {
 public:
  Subset(std::shared_ptr<const Dataset> dataset, std::vector<int64_t> indices)
      : dataset_(std::move(dataset)), indices_(std::move(indices)), info_(dataset_->info()) {
    info_.size = static_cast<int64_t>(indices_.size());
    info_.endless = false;
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t index, void* out) const override { dataset_->read(source_index(index), out); }
  int64_t label(int64_t index) const override { return dataset_->label(source_index(index)); }
  std::string where(int64_t index) const override { return dataset_->where(source_index(index)); }

 private:
  int64_t source_index(int64_t index) const {
    if (index < 0 || index >= info_.size)
      fail(Fault::internal, "{}: example {} of a part with {} was asked for", info_.name, index, info_.size);
    return indices_[static_cast<size_t>(index)];
  }

  std::shared_ptr<const Dataset> dataset_;
  std::vector<int64_t> indices_;
  DatasetInfo info_;
};

/// An endless dataset that begins at an offset.
class Shifted final : public Dataset {
 public:
  Shifted(std::shared_ptr<const Dataset> dataset, int64_t offset, int64_t size)
      : dataset_(std::move(dataset)), offset_(offset), info_(dataset_->info()) {
    info_.size = size;
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t index, void* out) const override { dataset_->read(index + offset_, out); }
  int64_t label(int64_t index) const override { return dataset_->label(index + offset_); }
  std::string where(int64_t index) const override { return dataset_->where(index + offset_); }

 private:
  std::shared_ptr<const Dataset> dataset_;
  int64_t offset_;
  DatasetInfo info_;
};

void check(const SplitOptions& options) {
  if (options.held_out < -1)
    fail(Fault::recipe, "held_out: {}; expected a count of examples, 0 for none or -1 for automatic", options.held_out);
  if (options.limit < 0)
    fail(Fault::recipe, "limit: {}; expected a count of training examples, or 0 for all", options.limit);
  if (options.how != "shuffled" && options.how != "head" && options.how != "tail")
    fail(Fault::recipe, "split: '{}'; expected \"shuffled\", \"head\" or \"tail\"", options.how);
}

std::vector<int64_t> sorted_part(const std::vector<int64_t>& order, size_t begin, size_t end) {
  std::vector<int64_t> part(order.begin() + static_cast<ptrdiff_t>(begin), order.begin() + static_cast<ptrdiff_t>(end));
  // Files are read faster in their own order, and the feed shuffles anyway.
  std::sort(part.begin(), part.end());
  return part;
}

/// Takes examples in turn until there are `limit`; with `balanced` each class has its share of them.
class Limited {
 public:
  Limited(const Dataset& dataset, const SplitOptions& options) : dataset_(dataset), limit_(options.limit) {
    const auto classes = std::ssize(dataset.info().classes);
    if (!options.balanced || classes == 0) return;
    for (int64_t c = 0; c < classes; ++c) left_.push_back(limit_ / classes + (c < limit_ % classes ? 1 : 0));
  }
  void offer(int64_t index) {
    if (!left_.empty()) {
      const auto label = dataset_.label(index);
      if (label < 0 || left_[static_cast<size_t>(label)]-- <= 0) return;
    }
    taken_.push_back(index);
  }
  bool is_full() const { return std::ssize(taken_) >= limit_; }
  const std::vector<int64_t>& taken() const { return taken_; }

 private:
  const Dataset& dataset_;
  int64_t limit_;
  std::vector<int64_t> left_{}, taken_{};
};

Split split_endless(const Source& source, const SplitOptions& options) {
  Split split;
  split.train = source.train;
  if (options.limit > 0) {
    Limited first(*source.train, options);
    // A class that is hardly ever drawn may stay short.
    const int64_t most = 1'000 * options.limit;
    for (int64_t i = 0; i < most && !first.is_full(); ++i) first.offer(i);
    split.train = subset(source.train, first.taken());
  }
  if (options.held_out == -1 && source.test)
    split.held_out = source.test;
  else
    split.test = source.test;
  if (!split.held_out && options.held_out != 0)
    split.held_out = shifted(source.train, kHeldOutOffset, options.held_out == -1 ? kMostAutomatic : options.held_out);
  return split;
}

/// How many of `size` training examples are held out.
int64_t set_aside(const Source& source, const SplitOptions& options) {
  const int64_t size = source.train->info().size;
  if (options.held_out == -1 && source.test) return 0;
  if (options.held_out == -1 && size < 2)
    fail(Fault::data, "{}: {} examples; at least 2 are needed to set one aside for measuring",
         source.train->info().name, size);
  if (options.held_out == -1) return std::clamp<int64_t>(size / 10, 1, kMostAutomatic);
  if (options.held_out >= size)
    fail(Fault::recipe, "held_out: {}, but {} has {} training examples; at least one must be left to train on",
         options.held_out, source.train->info().name, size);
  return options.held_out;
}

}  // namespace

std::shared_ptr<const Dataset> subset(std::shared_ptr<const Dataset> dataset, std::vector<int64_t> indices) {
  return std::make_shared<Subset>(std::move(dataset), std::move(indices));
}

std::shared_ptr<const Dataset> shifted(std::shared_ptr<const Dataset> dataset, int64_t offset, int64_t size) {
  return std::make_shared<Shifted>(std::move(dataset), offset, size);
}

Split split_source(const Source& source, const SplitOptions& options) {
  check(options);
  if (source.train->info().endless) return split_endless(source, options);
  const auto size = static_cast<size_t>(source.train->info().size);
  const auto aside = static_cast<size_t>(set_aside(source, options));
  Split split;
  if (options.held_out == -1)
    split.held_out = source.test;
  else
    split.test = source.test;
  const bool whole = aside == 0 && (options.limit == 0 || options.limit >= static_cast<int64_t>(size));
  if (whole) {
    split.train = source.train;
    return split;
  }
  // Held-out examples come first in the order, so that they do not depend on the limit.
  std::vector<int64_t> order;
  if (options.how != "shuffled") {
    const bool head = options.how == "head";
    order = permutation(static_cast<int64_t>(size - aside), Random(options.seed, kSplitStream));
    if (head)
      for (auto& index : order) index += static_cast<int64_t>(aside);
    std::vector<int64_t> end(aside);
    std::iota(end.begin(), end.end(), static_cast<int64_t>(head ? 0 : size - aside));
    order.insert(order.begin(), end.begin(), end.end());
  } else {
    order = permutation(static_cast<int64_t>(size), Random(options.seed, kSplitStream));
  }
  if (aside > 0) split.held_out = subset(source.train, sorted_part(order, 0, aside));
  if (options.limit > 0) {
    Limited some(*source.train, options);
    for (auto i = aside; i < size && !some.is_full(); ++i) some.offer(order[i]);
    split.train = subset(source.train, sorted_part(some.taken(), 0, some.taken().size()));
  } else {
    split.train = subset(source.train, sorted_part(order, aside, size));
  }
  return split;
}

}  // namespace duet
