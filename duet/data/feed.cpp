#include "duet/data/feed.h"

#include <sys/resource.h>

#include <algorithm>

#include "duet/core/random.h"
#include "duet/data/tensors.h"

namespace duet {
namespace {

// Streams of the seed, so that shuffling and mirroring do not depend on each other.
constexpr uint64_t kOrderStream = 0x6f72646572;
constexpr uint64_t kMirrorStream = 0x6d6972726f72;

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
    : dataset_(std::move(dataset)), options_(options), cursor_(cursor), next_position_(cursor) {
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
  // A failed batch stays where it is: asked again, it fails again instead of waiting for a batch that nobody prepares.
  if (const auto& error = slots_.at(cursor_).error) std::rethrow_exception(error);
  auto batch = std::move(slots_.extract(cursor_).mapped().batch);
  cursor_ += options_.batch;
  lock.unlock();
  wanted_.notify_all();
  return batch;
}

void Feed::work() {
  // Batches are prepared in the gaps that computing leaves: a thread of a product that waits for its core holds up all
  // the others. Linux counts this for the calling thread alone.
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
  const int64_t position = first + i, index = index_at(position);
  if (batch.labels.defined()) batch.labels.data_ptr<int64_t>()[i] = dataset_->label(index);
  if (!batch.stored.defined()) return;
  const auto& shape = dataset_->info().shape;
  const auto element = static_cast<int64_t>(batch.stored.element_size());
  auto* example = static_cast<std::byte*>(batch.stored.data_ptr()) + i * shape.numel() * element;
  dataset_->read(index, example);
  if (mirrors(position)) mirror_rows(example, shape, element);
}

bool Feed::mirrors(int64_t position) const {
  return options_.mirror && Random(options_.seed, kMirrorStream, static_cast<uint64_t>(position)).chance(0.5);
}

Feed::Picks Feed::picks(int64_t first) {
  Picks picks{torch::empty({options_.batch}, torch::kInt64), {}};
  if (options_.mirror) picks.mirrored = torch::empty({options_.batch}, torch::kBool);
  for (int64_t i = 0; i < options_.batch; ++i) {
    picks.indices.data_ptr<int64_t>()[i] = index_at(first + i);
    if (options_.mirror) picks.mirrored.data_ptr<bool>()[i] = mirrors(first + i);
  }
  return picks;
}

void Feed::give_once() {
  const int64_t size = dataset_->info().size;
  given_until_ = (cursor_ + size - 1) / size * size + size;
}

int64_t Feed::index_at(int64_t position) {
  const auto& info = dataset_->info();
  if (info.endless) return position;
  const int64_t epoch = position / info.size;
  std::lock_guard lock(order_mutex_);
  auto& order = orders_[epoch];
  if (!order)
    order = std::make_shared<std::vector<int64_t>>(
        permutation(info.size, Random(options_.seed, kOrderStream, static_cast<uint64_t>(epoch))));
  const int64_t index = (*order)[static_cast<size_t>(position % info.size)];
  while (orders_.begin()->first < epoch - 1) orders_.erase(orders_.begin());
  return index;
}

}  // namespace duet
