#include "duet/ops/memory.h"

#include <sys/mman.h>

#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <unordered_map>

#include "duet/core/torch.h"

namespace duet {
namespace {

constexpr size_t kAlignment = 64;           // of every tensor; also the room of a block's header
constexpr size_t kSmall = size_t{1} << 15;  // below this malloc keeps memory well enough
constexpr size_t kPage = size_t{1} << 21;   // large blocks lie on large pages
constexpr size_t kAllowance = size_t{1} << 27;

/// Lies before the tensor's data.
struct Header {
  size_t bytes;  // of the whole block
};

/// At most an eighth more than asked for, so that few sizes occur.
size_t rounded(size_t bytes) {
  if (bytes < kSmall) return bytes;
  const size_t step = std::bit_floor(bytes) / 8;
  return (bytes + step - 1) / step * step;
}

class ReusingAllocator final : public AllocatorBase {
 public:
  c10::DataPtr take(size_t bytes) const override {
    const c10::Device cpu(c10::DeviceType::CPU);
    if (bytes == 0) return {nullptr, nullptr, raw_deleter(), cpu};
    auto* data = static_cast<char*>(block(rounded(bytes + kAlignment))) + kAlignment;
    return {data, data, raw_deleter(), cpu};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

  static ReusingAllocator& instance() {
    // Never destroyed: tensors of static lifetime may outlive everything else.
    static auto* allocator = new ReusingAllocator;
    return *allocator;
  }

 private:
  void* block(size_t bytes) const {
    if (bytes >= kSmall) {
      const std::lock_guard lock(mutex_);
      used_ += bytes;
      if (auto& spare = spare_[bytes]; !spare.empty()) {
        auto* found = spare.back();
        spare.pop_back();
        kept_ -= bytes;
        return found;
      }
      // What no one of the present sizes wants goes back to the system.
      for (auto entry = spare_.begin(); entry != spare_.end() && kept_ > used_ + kAllowance; ++entry)
        while (!entry->second.empty()) {
          std::free(entry->second.back());
          entry->second.pop_back();
          kept_ -= entry->first;
        }
    }
    const bool large = bytes >= kPage;
    auto* fresh =
        std::aligned_alloc(large ? kPage : kAlignment, large ? (bytes + kPage - 1) / kPage * kPage
                                                             : (bytes + kAlignment - 1) / kAlignment * kAlignment);
    if (!fresh) throw std::bad_alloc();
    if (large) ::madvise(fresh, bytes, MADV_HUGEPAGE);
    static_cast<Header*>(fresh)->bytes = bytes;
    return fresh;
  }

  static void give_back(void* data) {
    if (!data) return;
    auto* block = static_cast<char*>(data) - kAlignment;
    const auto bytes = reinterpret_cast<Header*>(block)->bytes;
    if (bytes < kSmall) return std::free(block);
    auto& self = instance();
    const std::lock_guard lock(self.mutex_);
    self.used_ -= bytes;
    self.kept_ += bytes;
    self.spare_[bytes].push_back(block);
  }

  mutable std::mutex mutex_;
  mutable std::unordered_map<size_t, std::vector<void*>> spare_;  // by size
  mutable size_t used_ = 0, kept_ = 0;
};

}  // namespace

void reuse_tensor_memory() { c10::SetAllocator(c10::DeviceType::CPU, &ReusingAllocator::instance(), /*priority=*/1); }

}  // namespace duet
