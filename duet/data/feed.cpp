#include "duet/data/feed.h"

#include <sys/resource.h>

#include <algorithm>

#include "duet/data/tensors.h"

namespace duet {
namespace {

constexpr int kNiceness = 10;

/// Reverses every row of one example in place.
void mirror_rows(std::byte* data, const Shape& shape, int64_t element_size) {
  const int64_t row = shape.width * element_size;
  for (int64_t y = 0; y < shape.channels * shape.height; ++y) {
    auto* left = data + y * row;
    for (int64_t a = 0, b = shape.width - 1; a < b; ++a, --b)
      std::swap_ranges(left + a * element_size, left + (a + 1) * element_size, left + b * element_size);
  }
}

}  // namespace

Feed::Feed(std::shared_ptr<const Dataset> dataset, FeedOptions options, int64_t cursor)
    : Feed(dataset, options, cursor,
           std::make_shared<Picker>(
               *dataset, PickerOptions{.seed = options.seed, .order = options.order, .mirror = options.mirror})) {}

Feed::Feed(std::shared_ptr<const Dataset> dataset, FeedOptions options, int64_t cursor, std::shared_ptr<Picker> picker)
    : dataset_(std::move(dataset)),
      options_(std::move(options)),
      picker_(std::move(picker)),
      cursor_(cursor),
      next_position_(cursor) {
  const bool decodes = dataset_->info().is_picture_files();
  const int64_t threads = options_.threads == 0 && decodes ? 1 : options_.threads;
  for (int64_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Feed::~Feed() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  for (auto& thread : threads_) thread.join();
}

double Feed::epoch() const { return static_cast<double>(cursor_) / static_cast<double>(dataset_->info().size); }

Batch Feed::next() {
  if (threads_.empty()) {
    auto batch = empty_batch(cursor_);
    for_each_example(options_.batch, [&](int64_t i) { put(batch, cursor_, i); });
    cursor_ += options_.batch;
    return batch;
  }
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [&] { return slots_.contains(cursor_); });
  // A failed batch stays in place: requested again, it fails again instead of waiting for a batch that no thread
  // prepares.
  if (const auto& error = slots_.at(cursor_).error) std::rethrow_exception(error);
  auto batch = std::move(slots_.extract(cursor_).mapped().batch);
  cursor_ += options_.batch;
  lock.unlock();
  wanted_.notify_all();
  return batch;
}

void Feed::work() {
  // Batches are prepared while the cores are idle: a thread of a product that waits for its core delays all the others.
  // Linux applies this to the calling thread only.
  ::setpriority(PRIO_PROCESS, 0, kNiceness);
  for (;;) {
    std::unique_lock lock(mutex_);
    wanted_.wait(lock, [&] { return stopping_ || next_position_ < cursor_ + options_.ahead * options_.batch; });
    if (stopping_) return;
    const int64_t first = next_position_;
    next_position_ += options_.batch;
    lock.unlock();
    Slot slot;
    try {
      slot.batch = prepare(first);
    } catch (...) {
      slot.error = std::current_exception();
    }
    lock.lock();
    slots_[first] = std::move(slot);
    lock.unlock();
    ready_.notify_all();
  }
}

Batch Feed::empty_batch(int64_t first) const {
  Batch batch;
  if (first < given_until_) batch.stored = empty_examples(*dataset_, options_.batch);
  if (!dataset_->info().classes.empty()) batch.labels = torch::empty({options_.batch}, torch::kInt64);
  return batch;
}

Batch Feed::prepare(int64_t first) {
  auto batch = empty_batch(first);
  for (int64_t i = 0; i < options_.batch; ++i) put(batch, first, i);
  return batch;
}

void Feed::put(Batch& batch, int64_t first, int64_t i) {
  const int64_t position = first + i, index = picker_->index_at(position);
  if (batch.labels.defined()) batch.labels.data_ptr<int64_t>()[i] = dataset_->label(index);
  if (!batch.stored.defined()) return;
  const auto& shape = dataset_->info().shape;
  const auto element = static_cast<int64_t>(batch.stored.element_size());
  auto* example = static_cast<std::byte*>(batch.stored.data_ptr()) + i * shape.numel() * element;
  dataset_->read(index, example);
  if (picker_->mirrors(position)) mirror_rows(example, shape, element);
}

Feed::Picks Feed::picks(int64_t first) {
  Picks picks{torch::empty({options_.batch}, torch::kInt64), {}};
  if (picker_->mirrors_any()) picks.mirrored = torch::empty({options_.batch}, torch::kBool);
  for (int64_t i = 0; i < options_.batch; ++i) {
    picks.indices.data_ptr<int64_t>()[i] = picker_->index_at(first + i);
    if (picker_->mirrors_any()) picks.mirrored.data_ptr<bool>()[i] = picker_->mirrors(first + i);
  }
  return picks;
}

void Feed::give_once() {
  const int64_t size = dataset_->info().size;
  given_until_ = (cursor_ + size - 1) / size * size + size;
}

}  // namespace duet
