#include "duet/data/domain.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/data/counting_dataset.h"
#include "tests/data/damage.h"

namespace duet {
namespace {

/// The original numbers of a set's first examples, which CountingDataset gives as labels.
std::vector<int64_t> numbers(const Dataset& set, int64_t count = 100) {
  std::vector<int64_t> found;
  for (int64_t i = 0; i < std::min(count, set.info().size); ++i) {
    found.push_back(set.label(i));
    float value = 0;
    set.read(i, &value);
    EXPECT_EQ(value, static_cast<float>(found.back()));
  }
  return found;
}

std::vector<int64_t> part(int64_t size, const std::string& name, bool endless = false) {
  const auto source = domain_of({std::make_shared<CountingDataset>(size, endless), nullptr}, {.part = name});
  return numbers(*source.train, 4);
}

TEST(Domain, IsAHalfInTheOrderOfTheFileOrEveryOtherExample) {
  EXPECT_EQ(part(7, "first half"), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(part(7, "second half"), (std::vector<int64_t>{3, 4, 5, 6}));
  EXPECT_EQ(part(7, "even"), (std::vector<int64_t>{0, 2, 4, 6}));
  EXPECT_EQ(part(7, "odd"), (std::vector<int64_t>{1, 3, 5}));
  EXPECT_EQ(part(3, "all"), (std::vector<int64_t>{0, 1, 2}));
}

TEST(Domain, OfAnEndlessSetIsEveryOtherExampleBecauseItHasNoMiddle) {
  EXPECT_EQ(part(100, "first half", /*endless=*/true), (std::vector<int64_t>{0, 2, 4, 6}));
  EXPECT_EQ(part(100, "second half", /*endless=*/true), (std::vector<int64_t>{1, 3, 5, 7}));
  const auto odd = domain_of({std::make_shared<CountingDataset>(100, true), nullptr}, {.part = "odd"});
  EXPECT_TRUE(odd.train->info().endless);
  EXPECT_EQ(odd.train->info().size, 50);
  EXPECT_EQ(odd.train->label(1000), 2001);
}

TEST(Domain, IsTakenOfTheTestPartToo) {
  const Source whole{std::make_shared<CountingDataset>(8), std::make_shared<CountingDataset>(4)};
  const auto half = domain_of(whole, {.part = "second half"});
  EXPECT_EQ(numbers(*half.test), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(half.train->where(0), "counting[4]");
  EXPECT_EQ(half.train->info().reading, std::vector<std::string>{"part = \"second half\" of its examples"});
  EXPECT_EQ(domain_of(whole, {}).train, whole.train) << "the same object where nothing is asked for";
}

/// Pictures whose bytes, or floats, are 0, 1, 2 ... in their order.
class Ramp final : public Dataset {
 public:
  Ramp(const Shape& shape, Element element) {
    info_.name = "ramp";
    info_.shape = shape;
    info_.element = element;
    info_.size = 2;
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t, void* out) const override {
    const auto count = static_cast<size_t>(info_.shape.numel());
    if (info_.element == Element::uint8)
      std::iota(static_cast<uint8_t*>(out), static_cast<uint8_t*>(out) + count, uint8_t{0});
    else
      std::iota(static_cast<float*>(out), static_cast<float*>(out) + count, 0.F);
  }
  int64_t label(int64_t) const override { return -1; }
  std::string where(int64_t) const override { return "ramp"; }

 private:
  DatasetInfo info_;
};

template <class T>
std::vector<T> rotated(const Shape& shape, int64_t degrees) {
  const auto element = sizeof(T) == 1 ? Element::uint8 : Element::float32;
  const auto source = domain_of({std::make_shared<Ramp>(shape, element), nullptr}, {.rotate = degrees});
  const auto& made = source.train->info().shape;
  const bool lies = degrees == 90 || degrees == 270;
  EXPECT_EQ(made.height, lies ? shape.width : shape.height);
  EXPECT_EQ(made.width, lies ? shape.height : shape.width);
  std::vector<T> out(static_cast<size_t>(shape.numel()));
  source.train->read(1, out.data());
  return out;
}

TEST(Domain, RotatesEveryChannelOfItsPicturesCounterClockwise) {
  // 0 1 2
  // 3 4 5
  using Bytes = std::vector<uint8_t>;
  EXPECT_EQ(rotated<uint8_t>({1, 2, 3}, 90), (Bytes{2, 5, 1, 4, 0, 3}));
  EXPECT_EQ(rotated<uint8_t>({1, 2, 3}, 180), (Bytes{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(rotated<uint8_t>({1, 2, 3}, 270), (Bytes{3, 0, 4, 1, 5, 2}));
  EXPECT_EQ(rotated<uint8_t>({2, 1, 2}, 180), (Bytes{1, 0, 3, 2}));
  EXPECT_EQ(rotated<float>({1, 2, 2}, 90), (std::vector<float>{1, 3, 0, 2}));
}

TEST(Domain, IsRefusedWhereItMeansNothing) {
  const Source vectors{std::make_shared<CountingDataset>(1), nullptr};
  const auto refused = [&](const DomainOptions& options) {
    return error_of([&] { domain_of(vectors, options); }, Fault::recipe);
  };
  EXPECT_EQ(refused({.rotate = 90}),
            "rotate: counting holds vectors of 1 numbers, and only pictures can be rotated; leave it out");
  EXPECT_EQ(refused({.rotate = 45}), "rotate: is 45; expected 0, 90, 180 or 270 degrees");
  EXPECT_EQ(refused({.part = "first half"}), "part: \"first half\" of counting with 1 example has none; leave it out");
}

}  // namespace
}  // namespace duet
