#include "duet/data/tensors.h"

#include <gtest/gtest.h>

#include <set>

#include "duet/data/builtin.h"
#include "duet/data/prepared.h"
#include "tests/data/counting_dataset.h"
#include "tests/data/damage.h"

namespace duet {
namespace {

constexpr Range kRanges[] = {{-1, 1}, {0, 1}};

Tensor all_bytes() { return torch::arange(256, torch::kInt64).to(torch::kUInt8); }

TEST(Tensors, TurnEveryByteIntoAValueAndBack) {
  for (const auto range : kRanges) {
    const auto values = to_values(all_bytes(), range);
    EXPECT_EQ(values.scalar_type(), torch::kFloat32);
    EXPECT_TRUE(torch::equal(to_bytes(values, range), all_bytes())) << range.low;
    EXPECT_EQ(values[0].item<float>(), static_cast<float>(range.low));
    EXPECT_NEAR(values[255].item<float>(), range.high, 1e-6);
    EXPECT_TRUE((values.slice(0, 1) > values.slice(0, 0, 255)).all().item<bool>());
  }
}

TEST(Tensors, LoseAtMostHalfAByteOnAnyValueInRange) {
  for (const auto range : kRanges) {
    const auto values = torch::linspace(range.low, range.high, 100'001);
    const auto error = (to_values(to_bytes(values, range), range) - values).abs().max().item<double>();
    EXPECT_LE(error, (range.high - range.low) / 255 / 2 + 1e-6);
    EXPECT_LE(error, 1.0 / 255 + 1e-6);
  }
}

TEST(Tensors, ClampWhatIsOutsideTheRange) {
  for (const auto range : kRanges) {
    const auto values = torch::tensor({range.low - 5, range.low, range.high, range.high + 5, -1e30, 1e30});
    EXPECT_TRUE(torch::equal(to_bytes(values, range), torch::tensor({0, 0, 255, 255, 0, 255}, torch::kUInt8)));
  }
}

TEST(Tensors, NormaliseTheContrastOfEachPicture) {
  const auto pictures = torch::randint(0, 256, {20, 3, 32, 32}, make_generator(1)).to(torch::kUInt8);
  pictures[7].fill_(90);
  for (const auto& stored : {pictures, pictures.contiguous(torch::MemoryFormat::ChannelsLast)}) {
    const auto values = to_values(stored, {}, {}, 55).flatten(1).to(torch::kFloat64);
    EXPECT_LT(values.mean(1).abs().max().item<double>(), 1e-4);
    const auto norms = values.norm(2, 1);
    for (int64_t i = 0; i < 20; ++i) EXPECT_NEAR(norms[i].item<double>(), i == 7 ? 0 : 55, 1e-4) << i;
  }
  // Each pixel is where it was relative to the others of its picture.
  const auto x = pictures[0].to(torch::kFloat64), value = to_values(pictures, {}, {}, 55)[0].to(torch::kFloat64);
  const auto from_mean = x - x.mean();
  EXPECT_LT((from_mean - value * from_mean.norm() / 55).abs().max().item<double>(), 1e-3);
}

TEST(Tensors, ShowNormalisedPicturesAsTheirSetDoes) {
  const auto faces = open_builtin("faces", {}).train;
  const auto range = contrast_range(55, faces->info().shape);
  const auto shown = to_bytes(to_values(read_examples(*faces, 0, 20), {}, {}, 55), range);
  const auto difference = shown.to(torch::kInt64) - read_examples(*contrasted(faces, 55), 0, 20).to(torch::kInt64);
  EXPECT_LE(difference.abs().max().item<int64_t>(), 1);
  EXPECT_LT(difference.ne(0).to(torch::kFloat32).mean().item<double>(), 1e-3);
}

TEST(Tensors, LeaveNumbersAsTheyAre) {
  const auto numbers = torch::tensor({-7.5f, 0.0f, 300.0f});
  EXPECT_TRUE(torch::equal(to_values(numbers, {0, 1}), numbers));
}

TEST(Tensors, DoNotChangeWhatTheyAreGiven) {
  const auto values = torch::tensor({0.25f, 2.0f});
  const auto copy = values.clone();
  to_bytes(values, {0, 1});
  EXPECT_TRUE(torch::equal(values, copy));
}

TEST(ReadExamples, GivesTheIndicesAskedForInTheirOrder) {
  const CountingDataset set(1000);
  const std::vector<int64_t> indices{5, 999, 0, 5};
  EXPECT_TRUE(torch::equal(read_examples(set, indices).flatten(), torch::tensor({5.0f, 999.0f, 0.0f, 5.0f})));
  const auto some = read_examples(set, 100, 300);
  EXPECT_EQ(some.sizes(), (torch::IntArrayRef{300, 1, 1, 1}));
  EXPECT_TRUE(torch::equal(some.flatten(), torch::arange(100, 400, torch::kFloat32)));
  EXPECT_FALSE(read_labels(set, indices).defined());
  EXPECT_EQ(read_examples(set, 0, 0).size(0), 0);
}

/// Labelled examples of which some cannot be read.
class DamagedDataset final : public Dataset {
 public:
  explicit DamagedDataset(std::set<int64_t> damaged) : damaged_(std::move(damaged)) {
    info_.shape = {1, 1, 1};
    info_.size = 1000;
    info_.classes = {"even", "odd"};
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t index, void* out) const override {
    if (damaged_.contains(index)) fail(Fault::data, "{}: damaged", where(index));
    *static_cast<uint8_t*>(out) = static_cast<uint8_t>(index % 256);
  }
  int64_t label(int64_t index) const override { return index % 2; }
  std::string where(int64_t index) const override { return "example " + std::to_string(index); }

 private:
  DatasetInfo info_;
  std::set<int64_t> damaged_;
};

TEST(ReadExamples, NamesTheFirstDamagedExampleWhicheverThreadMetIt) {
  const DamagedDataset set({803, 317, 318, 950});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(error_of([&] { read_examples(set, 0, 1000); }), "example 317: damaged");
  EXPECT_TRUE(torch::equal(read_labels(set, 3, 4), torch::tensor({1, 0, 1, 0}, torch::kInt64)));
}

}  // namespace
}  // namespace duet
