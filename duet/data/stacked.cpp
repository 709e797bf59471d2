#include "duet/data/stacked.h"

#include <algorithm>
#include <vector>

#include "duet/core/error.h"
#include "duet/core/random.h"

namespace duet {
namespace {

constexpr int64_t kChannels = 3;
constexpr int64_t kMostClasses = 20;  // of the grey set: 8,000 of the stacked one
constexpr int64_t kNominal = 60'000;
constexpr uint64_t kStackStream = 0x737461636b;  // "stack"

/// "314", or "cat-dog-cat" where names are longer.
std::vector<std::string> stacked_names(const std::vector<std::string>& names) {
  const bool letters = std::all_of(names.begin(), names.end(), [](const auto& name) { return name.size() == 1; });
  const std::string between = letters ? "" : "-";
  std::vector<std::string> all;
  for (const auto& a : names)
    for (const auto& b : names)
      for (const auto& c : names) all.push_back(a + between + b + between + c);
  return all;
}

class Stacked final : public Dataset {
 public:
  Stacked(std::shared_ptr<const Dataset> grey, uint64_t seed, int64_t nominal)
      : grey_(std::move(grey)), seed_(seed), info_(grey_->info()) {
    const auto& own = grey_->info();
    if (own.element != Element::uint8 || own.shape.channels != 1)
      fail(Fault::data,
           "stacked: {} has examples of {}; expected grey pictures, of which three become the channels of "
           "one",
           own.name, to_string(own.shape));
    if (std::ssize(own.classes) > kMostClasses)
      fail(Fault::data, "stacked: {} has {} classes, whose triples are too many to count; expected at most {}",
           own.name, own.classes.size(), kMostClasses);
    info_.name = "stacked:" + own.name;
    info_.format = "stacked";
    info_.shape.channels = kChannels;
    info_.size = nominal;
    info_.endless = true;
    info_.channel_classes = own.classes;
    info_.classes = stacked_names(own.classes);
    info_.original = {};
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t index, void* out) const override {
    const auto bytes = grey_->info().shape.numel();
    for (int64_t c = 0; c < kChannels; ++c) grey_->read(grey_index(index, c), static_cast<uint8_t*>(out) + c * bytes);
  }
  int64_t label(int64_t index) const override {
    if (info_.classes.empty()) return -1;
    int64_t label = 0;
    for (int64_t c = 0; c < kChannels; ++c)
      label = label * std::ssize(info_.channel_classes) + grey_->label(grey_index(index, c));
    return label;
  }
  std::string where(int64_t index) const override {
    return fmt::format("{}[{}] (channels {}, {}, {})", info_.name, index, grey_->where(grey_index(index, 0)),
                       grey_->where(grey_index(index, 1)), grey_->where(grey_index(index, 2)));
  }

 private:
  int64_t grey_index(int64_t index, int64_t channel) const {
    const auto number = index * kChannels + channel;
    if (grey_->info().endless) return number;
    return Random(seed_, kStackStream, static_cast<uint64_t>(number)).below(grey_->info().size);
  }

  std::shared_ptr<const Dataset> grey_;
  uint64_t seed_;
  DatasetInfo info_;
};

class Channels final : public Dataset {
 public:
  explicit Channels(const Dataset& stacked) : stacked_(stacked), info_(stacked.info()) {
    info_.name = "channels of " + info_.name;
    info_.classes = info_.channel_classes;
    info_.channel_classes.clear();
    info_.shape.channels = 1;
    info_.size *= kChannels;
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t index, void* out) const override {
    std::vector<uint8_t> whole(static_cast<size_t>(stacked_.info().shape.numel()));
    stacked_.read(index / kChannels, whole.data());
    const auto bytes = info_.shape.numel();
    std::copy_n(whole.begin() + index % kChannels * bytes, bytes, static_cast<uint8_t*>(out));
  }
  int64_t label(int64_t index) const override {
    auto label = stacked_.label(index / kChannels);
    for (auto c = index % kChannels; c < kChannels - 1; ++c) label /= std::ssize(info_.classes);
    return label % std::ssize(info_.classes);
  }
  std::string where(int64_t index) const override {
    return fmt::format("{}, channel {}", stacked_.where(index / kChannels), index % kChannels);
  }

 private:
  const Dataset& stacked_;
  DatasetInfo info_;
};

}  // namespace

Source stacked_source(const Source& grey, uint64_t seed) {
  Source stacked{std::make_shared<Stacked>(grey.train, seed, kNominal), nullptr};
  if (grey.test) stacked.test = std::make_shared<Stacked>(grey.test, seed, grey.test->info().size);
  return stacked;
}

std::shared_ptr<const Dataset> channels_of(const Dataset& stacked) { return std::make_shared<Channels>(stacked); }

}  // namespace duet
