#include "duet/data/formats/array_values.h"

#include <gtest/gtest.h>

#include "duet/data/formats/matrix.h"
#include "tests/data/damage.h"
#include "tests/data/formats/sample_arrays.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

std::string refusal(double low, double high, NpyType type = NpyType::f4, bool whole = false) {
  return error_of([&] { picture_range({low, high, whole}, type, "a.npy"); });
}

Range range(double low, double high, NpyType type = NpyType::f4) {
  return picture_range({low, high, false}, type, "a.npy").range;
}

TEST(PictureRange, TellsFloatsByTheirSmallestAndLargestNumber) {
  for (const auto type : {NpyType::f2, NpyType::f4, NpyType::f8}) {
    EXPECT_EQ(range(-1, 1, type), (Range{-1, 1}));
    EXPECT_EQ(range(-0.97, 0.4, type), (Range{-1, 1}));
    EXPECT_EQ(range(0, 1, type), (Range{0, 1}));
    EXPECT_EQ(range(0.1, 0.3, type), (Range{0, 1}));
    EXPECT_EQ(range(0, 255, type), (Range{0, 255}));
    EXPECT_EQ(range(3, 190.5, type), (Range{0, 255}));
  }
  EXPECT_EQ(range(-1.0000001, 1.0000001), (Range{-1, 1}));
  EXPECT_EQ(range(-1e-9, 1.0000001), (Range{0, 1}));
}

TEST(PictureRange, RefusesWhatCouldBeMeantInTwoWays) {
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{
           {-2.1, 2.6}, {-0.03, 1.05}, {-0.03, 1}, {0, 1.05}, {0, 9}, {-0.4, 0.4}, {-1, 255}, {0, 65535}, {-128, 127}})
    EXPECT_NE(refusal(low, high).find("expected -1..1, 0..1 or 0..255"), std::string::npos) << low << " " << high;
}

TEST(PictureRange, AdvisesWhatIsThenRead) {
  EXPECT_NE(refusal(-0.03, 1.05).find("np.clip(array, 0, 1)"), std::string::npos);
  EXPECT_EQ(range(0, 1), (Range{0, 1}));
  EXPECT_NE(refusal(-1.05, 1.05).find("np.clip(array, -1, 1)"), std::string::npos);
  EXPECT_NE(refusal(-2.1, 2.6).find("2 * (array - array.min()) / (array.max() - array.min()) - 1"), std::string::npos);
  EXPECT_NE(refusal(0, 65535).find("array / 65535, which is 0..1"), std::string::npos);
}

TEST(PictureRange, TakesIntegersOf8BitsWhateverTheirTypeAndRefusesOthers) {
  EXPECT_EQ(range(0, 255, NpyType::i8), (Range{0, 255}));
  EXPECT_EQ(range(0, 1, NpyType::i4), (Range{0, 255}));
  EXPECT_NE(refusal(0, 4094, NpyType::u2).find("save (array / 4095 * 255).round().astype('u1')"), std::string::npos);
  EXPECT_NE(refusal(-3, 200, NpyType::i4).find("int32 pictures from -3 to 200; expected 0 (black) to 255 (white)"),
            std::string::npos);
  EXPECT_EQ(range(0, 1, NpyType::b1), (Range{0, 1}));
}

/// The first picture of an array as it is opened.
std::vector<uint8_t> first_picture(const FreshFolder& folder, const std::string& bytes) {
  put_file(folder / "a.npy", bytes);
  const auto source = open_matrix(folder / "a.npy", {});
  EXPECT_EQ(source.train->info().element, Element::uint8);
  std::vector<uint8_t> picture(static_cast<size_t>(source.train->info().shape.numel()));
  source.train->read(0, picture.data());
  return picture;
}

TEST(PictureRange, MakesTheSamePicturesOfEveryRange) {
  FreshFolder folder;
  const std::vector<uint8_t> expected{0, 100, 255, 3};
  const auto scaled = [&](double low, double high) {
    std::vector<float> floats;
    for (const uint8_t value : expected) floats.push_back(static_cast<float>(low + (high - low) * value / 255.0));
    return floats;
  };
  EXPECT_EQ(first_picture(folder, sample::npy("|u1", {1, 2, 2}, sample::raw(expected))), expected);
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{{-1, 1}, {0, 1}, {0, 255}})
    EXPECT_EQ(first_picture(folder, sample::npy("<f4", {1, 2, 2}, sample::raw(scaled(low, high)))), expected) << high;
  EXPECT_EQ(first_picture(folder, sample::npy("<i8", {1, 2, 2}, sample::raw<int64_t>({0, 100, 255, 3}))), expected);
  EXPECT_EQ(first_picture(folder, sample::npy(">u2", {1, 2, 2}, std::string("\0\0\0\x64\0\xff\0\x03", 8))), expected);
  EXPECT_EQ(first_picture(folder, sample::npy("|b1", {1, 2, 2}, std::string("\0\1\1\0", 4))),
            (std::vector<uint8_t>{0, 255, 255, 0}));
}

TEST(PictureRange, IsOneForBothPartsOfASet) {
  FreshFolder folder;
  const auto pictures = [](float low, float high) {
    return sample::npy("<f4", {2, 1, 2}, sample::raw<float>({low, high, low, high}));
  };
  // Alone the test part would be 0..1.
  sample::write_npz(folder / "a.npz", {{"x_train", pictures(-1, 1)}, {"x_test", pictures(0, 1)}});
  const auto source = open_matrix(folder / "a.npz", {});
  uint8_t picture[2];
  source.test->read(0, picture);
  EXPECT_EQ(picture[0], 128);
  EXPECT_EQ(picture[1], 255);
}

TEST(PictureRange, IsThatOfTheTestPartWhereOnlyItReachesBelowZero) {
  FreshFolder folder;
  const auto pictures = [](float low) { return sample::npy("<f4", {2, 1, 2}, sample::raw<float>({low, 1, low, 1})); };
  sample::write_npz(folder / "a.npz", {{"x_train", pictures(0)}, {"x_test", pictures(-1)}});
  const auto source = open_matrix(folder / "a.npz", {});
  uint8_t picture[2];
  source.train->read(0, picture);
  EXPECT_EQ(picture[0], 128);
  source.test->read(0, picture);
  EXPECT_EQ(picture[0], 0);
}

TEST(PictureRange, LaysTransparencyOverWhiteAsPicturesOfFilesHaveIt) {
  FreshFolder folder;
  // Channels last, then first: black at half alpha, and a full colour.
  const std::vector<uint8_t> last{0, 0, 0, 128, 10, 20, 30, 255}, first{0, 10, 0, 20, 0, 30, 128, 255};
  for (const auto& [shape, data] : std::vector<std::pair<std::vector<int64_t>, std::vector<uint8_t>>>{
           {{1, 8, 1, 4}, last}, {{1, 4, 8, 1}, first}}) {
    auto pixels = data;
    // Six white pixels more, so that the shape has one reading.
    if (shape[3] == 4) {
      pixels.resize(32, 255);
    } else {
      pixels.clear();
      for (size_t c = 0; c < 4; ++c) {
        pixels.insert(pixels.end(), {data[2 * c], data[2 * c + 1]});
        pixels.insert(pixels.end(), 6, 255);
      }
    }
    const auto picture = first_picture(folder, sample::npy("|u1", shape, sample::raw(pixels)));
    ASSERT_EQ(picture.size(), 24u);
    EXPECT_EQ((std::vector<uint8_t>{picture[0], picture[1], picture[8], picture[9], picture[16], picture[17]}),
              (std::vector<uint8_t>{127, 10, 127, 20, 127, 30}));
    EXPECT_EQ(open_matrix(folder / "a.npy", {}).train->info().reading.back(),
              "1 of 1 pictures are transparent somewhere, and composited over white");
  }
  put_file(folder / "f.npy", sample::npy("<f4", {1, 8, 1, 2}, sample::raw(std::vector<float>(16, -1))));
  EXPECT_NE(error_of([&] { open_matrix(folder / "f.npy", {}); }).find("save them as 0..1, or as uint8"),
            std::string::npos);
}

}  // namespace
}  // namespace duet
