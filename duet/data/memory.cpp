#include "duet/data/memory.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "duet/core/error.h"

namespace duet {
namespace {

enum class State : uint8_t { missing, decoding, ready };

int64_t example_bytes(const DatasetInfo& info) {
  return info.shape.numel() * (info.element == Element::uint8 ? 1 : static_cast<int64_t>(sizeof(float)));
}

class MemoryDataset final : public Dataset {
 public:
  explicit MemoryDataset(std::shared_ptr<const Dataset> dataset)
      : dataset_(std::move(dataset)),
        stride_(static_cast<size_t>(example_bytes(dataset_->info()))),
        states_(std::make_unique<std::atomic<State>[]>(static_cast<size_t>(dataset_->info().size))),
        // Not initialised: a page uses memory only once an example is written to it.
        examples_(std::make_unique_for_overwrite<std::byte[]>(static_cast<size_t>(dataset_->info().size) * stride_)) {}

  const DatasetInfo& info() const override { return dataset_->info(); }
  int64_t label(int64_t index) const override { return dataset_->label(index); }
  std::string where(int64_t index) const override { return dataset_->where(index); }

  void read(int64_t index, void* out) const override {
    if (index < 0 || index >= info().size)
      fail(Fault::internal, "{}: example {} was asked for; there are {}", info().name, index, info().size);
    std::atomic<State>& state = states_[static_cast<size_t>(index)];
    std::byte* example = examples_.get() + static_cast<size_t>(index) * stride_;
    if (state.load(std::memory_order_acquire) == State::ready) {
      std::memcpy(out, example, stride_);
      return;
    }
    dataset_->read(index, out);
    State expected = State::missing;
    // The loser of the race has its own copy in `out` already and leaves storing to the other.
    if (!state.compare_exchange_strong(expected, State::decoding, std::memory_order_relaxed)) return;
    std::memcpy(example, out, stride_);
    state.store(State::ready, std::memory_order_release);
  }

 private:
  std::shared_ptr<const Dataset> dataset_;
  size_t stride_;
  std::unique_ptr<std::atomic<State>[]> states_;
  std::unique_ptr<std::byte[]> examples_;
};

}  // namespace

std::shared_ptr<const Dataset> keep_in_memory(std::shared_ptr<const Dataset> dataset, int64_t limit_bytes) {
  const DatasetInfo& info = dataset->info();
  const bool kept = info.format == "idx" || info.format == "cifar" || info.format == "npy" || info.format == "csv";
  if (kept || info.endless || example_bytes(info) > limit_bytes / std::max<int64_t>(info.size, 1)) return dataset;
  return std::make_shared<MemoryDataset>(std::move(dataset));
}

}  // namespace duet
