#include "duet/ops/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <set>

#include "duet/core/torch.h"

namespace duet {
namespace {

constexpr size_t kAlignment = 64;            // of every tensor; also the room of a block's header
constexpr size_t kSmall = size_t{1} << 15;   // below this malloc keeps memory well enough
constexpr size_t kPage = size_t{1} << 21;    // a large one
constexpr size_t kRegion = size_t{1} << 28;  // asked of the system at a time; costs nothing before it is written

size_t round_up(size_t bytes, size_t step) { return (bytes + step - 1) / step * step; }

/// Lies before the tensor's data.
struct Header {
  size_t bytes;  // of the whole block
};

/// Blocks of memory that is never given back: a step asks for the same sizes again. Free neighbours are one, and the
/// smallest that suffices is cut, so that turns with batches of different sizes share what they use.
class Arena {
 public:
  char* take(size_t bytes) {
    auto found = by_size_.lower_bound({bytes, nullptr});
    if (found == by_size_.end()) {
      grow(bytes);
      found = by_size_.lower_bound({bytes, nullptr});
    }
    const auto [size, block] = *found;
    by_size_.erase(found);
    by_address_.erase(block);
    if (size > bytes) add(block + bytes, size - bytes);
    return block;
  }

  void give_back(char* block, size_t bytes) {
    auto next = by_address_.lower_bound(block);
    if (next != by_address_.end() && block + bytes == next->first) {
      bytes += next->second;
      next = remove(next);
    }
    if (next != by_address_.begin())
      if (const auto previous = std::prev(next); previous->first + previous->second == block) {
        block = previous->first;
        bytes += previous->second;
        remove(previous);
      }
    add(block, bytes);
  }

 private:
  using Blocks = std::map<char*, size_t>;

  void add(char* block, size_t bytes) {
    by_address_.emplace(block, bytes);
    by_size_.emplace(bytes, block);
  }
  Blocks::iterator remove(Blocks::iterator entry) {
    by_size_.erase({entry->second, entry->first});
    return by_address_.erase(entry);
  }
  void grow(size_t bytes) {
    const size_t size = std::max(kRegion, round_up(bytes, kPage));
    void* region = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) throw std::bad_alloc();
    ::madvise(region, size, MADV_HUGEPAGE);
    give_back(static_cast<char*>(region), size);
  }

  Blocks by_address_;
  std::set<std::pair<size_t, char*>> by_size_;
};

class ReusingAllocator final : public AllocatorBase {
 public:
  c10::DataPtr take(size_t bytes) const override {
    const c10::Device cpu(c10::DeviceType::CPU);
    if (bytes == 0) return {nullptr, nullptr, raw_deleter(), cpu};
    auto* data = block(round_up(bytes, kAlignment) + kAlignment) + kAlignment;
    return {data, data, raw_deleter(), cpu};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

  static ReusingAllocator& instance() {
    // Never destroyed: tensors of static lifetime may outlive everything else.
    static auto* allocator = new ReusingAllocator;
    return *allocator;
  }

 private:
  char* block(size_t bytes) const {
    char* fresh = nullptr;
    if (bytes < kSmall) {
      fresh = static_cast<char*>(std::aligned_alloc(kAlignment, bytes));
      if (!fresh) throw std::bad_alloc();
    } else {
      const std::lock_guard lock(mutex_);
      fresh = arena_.take(bytes);
    }
    reinterpret_cast<Header*>(fresh)->bytes = bytes;
    return fresh;
  }

  static void give_back(void* data) {
    if (!data) return;
    auto* block = static_cast<char*>(data) - kAlignment;
    const auto bytes = reinterpret_cast<Header*>(block)->bytes;
    if (bytes < kSmall) return std::free(block);
    auto& self = instance();
    const std::lock_guard lock(self.mutex_);
    self.arena_.give_back(block, bytes);
  }

  mutable std::mutex mutex_;
  mutable Arena arena_;
};

}  // namespace

void reuse_tensor_memory() { c10::SetAllocator(c10::DeviceType::CPU, &ReusingAllocator::instance(), /*priority=*/1); }

}  // namespace duet
