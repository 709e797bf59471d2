#include "duet/data/formats/array_roles.h"

#include <gtest/gtest.h>

#include "duet/data/formats/matrix.h"
#include "tests/data/damage.h"
#include "tests/data/formats/sample_arrays.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

using sample::counting;
using sample::npy;
using sample::raw;
using Arrays = std::vector<std::pair<std::string, std::string>>;

constexpr int64_t kCount = 24;

std::string pictures() { return npy("|u1", {kCount, 5, 5, 3}, counting(kCount * 75)); }

/// Labels 0, 1, 2, 0, 1, 2 ... of a type.
template <class T>
std::string labels(const std::string& type) {
  std::vector<T> values;
  for (int64_t i = 0; i < kCount; ++i) values.push_back(static_cast<T>(i % 3));
  return npy(type, {kCount}, raw(values));
}

class Roles : public testing::Test {
 protected:
  DatasetInfo open(const Arrays& arrays) {
    sample::write_npz(folder_ / "a.npz", arrays);
    source_ = open_matrix(folder_ / "a.npz", {});
    return source_.train->info();
  }
  std::string refusal(const Arrays& arrays) {
    return error_of([&] { open(arrays); });
  }
  void expect_pictures_with_labels(const Arrays& arrays) {
    const auto info = open(arrays);
    EXPECT_EQ(info.shape, (Shape{3, 5, 5})) << arrays[0].first;
    EXPECT_EQ(info.classes.size(), 3u) << arrays[0].first << " " << arrays[1].first;
    EXPECT_EQ(source_.train->label(4), info.classes.empty() ? -1 : 1);
  }
  void expect_without_labels(const Arrays& arrays, const std::string& advice) {
    const auto info = open(arrays);
    EXPECT_EQ(info.shape, (Shape{3, 5, 5}));
    EXPECT_TRUE(info.classes.empty());
    ASSERT_EQ(info.doubts.size(), 1u);
    EXPECT_NE(info.doubts[0].text.find(advice), std::string::npos) << info.doubts[0].text;
  }
  FreshFolder folder_;
  Source source_;
};

TEST_F(Roles, AreToldByNamesOrByShapes) {
  const auto x = pictures(), y = labels<int64_t>("<i8");
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{{"x", "y"},
                                                                             {"X", "Y"},
                                                                             {"images", "labels"},
                                                                             {"X_train", "y_train"},
                                                                             {"samples", "label"},
                                                                             {"data", "targets"},
                                                                             {"arr_0", "arr_1"},
                                                                             {"arr_1", "arr_0"},
                                                                             {"faces", "who"},
                                                                             {"trainImages", "train_labels"}}) {
    expect_pictures_with_labels({{a, x}, {b, y}});
    expect_pictures_with_labels({{b, y}, {a, x}});
  }
}

TEST_F(Roles, AreToldAndWhatIsLeftOutIsListed) {
  const auto info = open({{"mu", npy("<f8", {64}, raw(std::vector<double>(64)))},
                          {"sigma", npy("<f8", {64, 64}, raw(std::vector<double>(64 * 64)))},
                          {"arr_0", pictures()},
                          {"arr_1", labels<int32_t>("<i4")}});
  EXPECT_EQ(info.shape, (Shape{3, 5, 5}));
  EXPECT_EQ(info.reading[0], "examples: arr_0 (uint8 [24,5,5,3]); labels: arr_1 (int32 [24])");
  EXPECT_EQ(info.reading[1], "left out: mu (float64 [64]), sigma (float64 [64,64])");
}

TEST_F(Roles, RefuseStatisticsOfAnFidByName) {
  const auto text = refusal({{"mu", npy("<f8", {64}, raw(std::vector<double>(64)))},
                             {"sigma", npy("<f8", {64, 64}, raw(std::vector<double>(64 * 64)))}});
  EXPECT_NE(text.find("holds the statistics of an FID (mu float64 [64], sigma float64 [64,64])"), std::string::npos);
  EXPECT_NE(text.find("give those from which it was computed"), std::string::npos);
}

TEST_F(Roles, AreNotSpoiltByAnArrayThatIsNotUsed) {
  for (const auto& other :
       {npy("|O", {1}, "pickle"), npy("<f2", {kCount, 4}, counting(kCount * 8)), npy("<U3", {2}, counting(24)),
        npy("<c8", {2}, counting(16)), npy("[('shape', '<f4'), ('b', '<i4')]", {2}, counting(16)),
        npy("<f4", {3}, raw<float>({1, NAN, 3})), std::string("no array at all")}) {
    const auto info = open({{"meta", other}, {"x", pictures()}, {"y", labels<uint8_t>("|u1")}});
    EXPECT_EQ(info.shape, (Shape{3, 5, 5}));
    EXPECT_EQ(info.classes.size(), 3u);
    EXPECT_NE(info.reading[1].find("left out: meta"), std::string::npos);
  }
}

TEST_F(Roles, TakeLabelsOfEveryTypeThatHoldsWholeNumbers) {
  for (const auto& y : {labels<int8_t>("|i1"), labels<uint8_t>("|u1"), labels<int16_t>("<i2"), labels<uint16_t>("<u2"),
                        labels<int32_t>("<i4"), labels<uint32_t>("<u4"), labels<int64_t>("<i8"),
                        labels<uint64_t>("<u8"), labels<float>("<f4"), labels<double>("<f8")})
    expect_pictures_with_labels({{"x", pictures()}, {"y", y}});
}

TEST_F(Roles, SayWhyAnArrayNamedLikeLabelsIsNone) {
  std::vector<double> halves(kCount, 0.5);
  expect_without_labels({{"x", pictures()}, {"y", npy("<f8", {kCount}, raw(halves))}}, "its numbers are not whole");
  expect_without_labels({{"x", pictures()}, {"y", npy("<U1", {kCount}, counting(kCount * 4))}},
                        "save np.unique(y, return_inverse=True)[1]");
  expect_without_labels({{"x", pictures()}, {"y", npy("<f8", {kCount, 3}, raw(std::vector<double>(kCount * 3)))}},
                        "save y.argmax(1)");
  EXPECT_NE(refusal({{"x", pictures()}, {"y", npy("|u1", {3}, "\1\2\3")}}).find("a.npz:y: 3 labels, but"),
            std::string::npos);
}

TEST_F(Roles, LeaveOutNumbersThatNameEveryExample) {
  std::vector<int32_t> numbers;
  for (int i = 0; i < kCount; ++i) numbers.push_back(i);
  const auto ids = npy("<i4", {kCount}, raw(numbers));
  EXPECT_TRUE(open({{"x", pictures()}, {"id", ids}}).classes.empty());
  expect_pictures_with_labels({{"x", pictures()}, {"id", ids}, {"kind", labels<int32_t>("<i4")}});
}

TEST_F(Roles, TakeClassNumbersBeyondAByteButNoFloatsThatNothingNames) {
  std::vector<int32_t> far;
  std::vector<float> grades;
  for (int i = 0; i < kCount; ++i) far.push_back(i % 3 == 0 ? 300 : 2), grades.push_back(static_cast<float>(i % 3));
  EXPECT_EQ(open({{"x", pictures()}, {"kind", npy("<i4", {kCount}, raw(far))}}).classes.size(), 301u);
  // A measurement may be whole by chance.
  const auto info = open({{"x", pictures()}, {"grade", npy("<f4", {kCount}, raw(grades))}});
  EXPECT_TRUE(info.classes.empty());
  EXPECT_EQ(info.reading[1], "left out: grade (float32 [24])");
}

TEST_F(Roles, GiveATestPartOfAnotherLengthWithItsOwnLabels) {
  open({{"x_train", pictures()},
        {"y_train", labels<uint8_t>("|u1")},
        {"x_test", npy("|u1", {2, 5, 5, 3}, counting(150))},
        {"y_test", npy("|u1", {2}, "\1\2")}});
  ASSERT_TRUE(source_.test);
  EXPECT_EQ(source_.test->info().size, 2);
  EXPECT_EQ(source_.test->label(1), 2);
}

TEST_F(Roles, GiveATestPart) {
  open({{"X_test", pictures()},
        {"X_train", pictures()},
        {"y_train", labels<uint8_t>("|u1")},
        {"y_test", labels<uint8_t>("|u1")}});
  ASSERT_TRUE(source_.test);
  EXPECT_EQ(source_.test->label(2), 2);
  EXPECT_EQ(source_.test->where(0), "a.npz:X_test[0]");
}

TEST_F(Roles, RefuseExamplesOfATypeThatIsNotReadWithAWayToConvertThem) {
  EXPECT_NE(refusal({{"x", npy("|O", {2}, "pickle")}, {"z", pictures()}}).find("np.stack"), std::string::npos);
  EXPECT_NE(refusal({{"a", npy("<c8", {2}, counting(16))}}).find("np.abs(array)"), std::string::npos);
  EXPECT_NE(refusal({{"a", npy("<U3", {2}, counting(24))}, {"b", npy("|O", {2}, "pickle")}})
                .find("no examples among its arrays: a (text [2]), b (object [2])"),
            std::string::npos);
}

TEST_F(Roles, AreReadFromCompressedFiles) {
  sample::write_npz(folder_ / "c.npz", {{"x", pictures()}, {"y", labels<uint8_t>("|u1")}}, /*deflated=*/true);
  EXPECT_EQ(open_matrix(folder_ / "c.npz", {}).train->info().classes.size(), 3u);
}

TEST_F(Roles, RefuseAnArrayThatSwellsBeyondItsFile) {
  // The headers claim what does not follow: memory is asked for by what they say, and then there is none.
  EXPECT_NE(refusal({{"x", npy("|u1", {2'000'000, 1000}, counting(1000))}}).find("times the file"), std::string::npos);
  EXPECT_NE(refusal({{"x", npy("|u1", {1000, 1000}, counting(1000))}}).find("the header declares 1000000"),
            std::string::npos);
  put_file(folder_ / "b.npy", npy("<f4", {int64_t{1} << 20, int64_t{1} << 20}, ""));
  EXPECT_NE(error_of([&] { open_matrix(folder_ / "b.npy", {}); }).find("takes 4096.0 GiB, and this machine has"),
            std::string::npos);
}

}  // namespace
}  // namespace duet
