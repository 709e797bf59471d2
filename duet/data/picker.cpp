#include "duet/data/picker.h"

#include "duet/core/error.h"
#include "duet/core/random.h"

namespace duet {
namespace {

// Streams of the seed, so that shuffling and mirroring do not depend on each other.
constexpr uint64_t kOrderStream = 0x6f72646572;
constexpr uint64_t kMirrorStream = 0x6d6972726f72;
constexpr uint64_t kClassStream = 0x636c617373;     // order of classes
constexpr uint64_t kMemberStream = 0x6d656d626572;  // plus the class: order of its examples

}  // namespace

Picker::Picker(const Dataset& dataset, PickerOptions options)
    : options_(std::move(options)), size_(dataset.info().size), endless_(dataset.info().endless) {
  if (options_.order != "balanced") return;
  const auto& info = dataset.info();
  if (info.classes.empty() || endless_)
    fail(Fault::recipe, "order = \"balanced\": {} {}; expected labelled examples of a known number; leave it out",
         info.name, endless_ ? "is endless" : "has no labels");
  std::vector<std::vector<int64_t>> members(info.classes.size());
  for (int64_t i = 0; i < size_; ++i) members[static_cast<size_t>(dataset.label(i))].push_back(i);
  for (auto& one : members)
    if (!one.empty()) class_members_.push_back(std::move(one));
}

int64_t Picker::place(uint64_t stream, int64_t count, int64_t position) {
  const int64_t epoch = position / count;
  std::lock_guard lock(mutex_);
  auto& orders = orders_[stream];
  auto& order = orders[epoch];
  if (order.empty()) order = permutation(count, Random(options_.seed, stream, static_cast<uint64_t>(epoch)));
  const int64_t index = order[static_cast<size_t>(position % count)];
  while (orders.begin()->first < epoch - 1) orders.erase(orders.begin());
  return index;
}

int64_t Picker::index_at(int64_t position) {
  if (endless_) return position;
  if (class_members_.empty()) return place(kOrderStream, size_, position);
  const auto classes = static_cast<int64_t>(class_members_.size());
  const auto label = place(kClassStream, classes, position);
  const auto& members = class_members_[static_cast<size_t>(label)];
  const auto turn = position / classes;  // each class occurs once in every `classes` positions
  return members[static_cast<size_t>(
      place(kMemberStream + static_cast<uint64_t>(label), static_cast<int64_t>(members.size()), turn))];
}

bool Picker::mirrors(int64_t position) const {
  return options_.mirror && Random(options_.seed, kMirrorStream, static_cast<uint64_t>(position)).chance(0.5);
}

}  // namespace duet
