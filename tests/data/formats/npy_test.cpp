#include "duet/data/formats/npz.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "duet/core/files.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

/// Bytes of a .npy file with this header text, version `version`.
std::string npy(const std::string& header, const std::string& data, char version = 1) {
  const auto size = static_cast<char>(header.size());
  std::string start = std::string("\x93NUMPY") + version + '\0' + size + '\0';
  if (version > 1) start += std::string(2, '\0');
  return start + header + data;
}

NpyArray parse(const std::string& bytes) {
  return parse_npy(std::as_bytes(std::span(bytes.data(), bytes.size())), "t");
}

std::string parse_error(const std::string& bytes) {
  return error_of([&] { parse(bytes); });
}

template <class T>
std::string raw(std::vector<T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

TEST(Npy, ReadsWhatItWroteAndAlignsTheData) {
  FreshFolder folder;
  const std::vector<float> numbers{1.5f, -2, 0, 4, 5, 6e20f};
  write_npy(folder / "a.npy", {{2, 3}, numbers});
  const auto bytes = read_bytes(folder / "a.npy", Fault::data);
  EXPECT_EQ(bytes.size() % 64, 24u);
  const NpyArray array = parse_npy(bytes, "a.npy");
  EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(array.type, NpyType::f4);
  EXPECT_EQ(to_floats(array), numbers);
  write_npy(folder / "b.npy", {{3}, std::vector<uint8_t>{1, 2, 255}});
  const std::string text = read_text(folder / "b.npy", Fault::data);
  EXPECT_NE(text.find("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }"), std::string::npos);
  EXPECT_EQ(to_floats(parse(text)), (std::vector<float>{1, 2, 255}));
}

TEST(Npz, ReadsWhatItWroteAndWritesTheSameBytesAgain) {
  FreshFolder folder;
  const std::vector<float> x{1.5f, -2, 0, 4, 5, 6e20f};
  const std::vector<int64_t> y{3, 65535};
  for (const char* name : {"a.npz", "b.npz"}) write_npz(folder / name, {{"x", {{2, 3}, x}}, {"y", {{2}, y}}});
  EXPECT_EQ(read_bytes(folder / "a.npz", Fault::data), read_bytes(folder / "b.npz", Fault::data));
  const auto arrays = npz_headers(folder / "a.npz");
  ASSERT_EQ(arrays.size(), 2u);
  EXPECT_EQ(arrays[0].name, "x");
  EXPECT_EQ(arrays[0].shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(to_floats(read_npz(folder / "a.npz", arrays[0])), x);
  EXPECT_EQ(arrays[1].name, "y");
  EXPECT_EQ(to_labels(read_npz(folder / "a.npz", arrays[1])), (std::vector<int>{3, 65535}));
}

TEST(Npy, ReadsEveryVersionAndElementType) {
  for (const char version : {1, 2, 3}) {
    const auto header = [](const std::string& type) {
      return "{'descr': '" + type + "', 'fortran_order': False, 'shape': (2, 1), }\n";
    };
    EXPECT_EQ(to_floats(parse(npy(header("<f8"), raw<double>({0.5, -3}), version))), (std::vector<float>{0.5f, -3}));
    EXPECT_EQ(to_floats(parse(npy(header("<i4"), raw<int32_t>({-7, 8}), version))), (std::vector<float>{-7, 8}));
    EXPECT_EQ(to_floats(parse(npy(header("<i8"), raw<int64_t>({9, 10}), version))), (std::vector<float>{9, 10}));
    EXPECT_EQ(to_labels(parse(npy(header("<i8"), raw<int64_t>({9, 10}), version))), (std::vector<int>{9, 10}));
  }
}

TEST(Npy, ReadsBothByteOrdersFortranOrderAndHalves) {
  const auto header = [](const std::string& type, const std::string& shape, const std::string& fortran = "False") {
    return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
  };
  EXPECT_EQ(to_floats(parse(npy(header(">i2", "(2,)"), std::string("\x01\x02\xff\xfe", 4)))),
            (std::vector<float>{258, -2}));
  EXPECT_EQ(to_floats(parse(npy(header(">f4", "(1,)"), std::string("\x3f\xc0\0\0", 4)))), (std::vector<float>{1.5f}));
  EXPECT_EQ(to_floats(parse(npy(header("<i4", "(2, 3)", "True"), raw<int32_t>({0, 3, 1, 4, 2, 5})))),
            (std::vector<float>{0, 1, 2, 3, 4, 5}));
  // [2,2,2] whose element (i,j,k) is 4i + 2j + k.
  EXPECT_EQ(to_floats(parse(npy(header("|u1", "(2, 2, 2)", "True"), std::string("\0\4\2\6\1\5\3\7", 8)))),
            (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}));
  // 1, -2, the largest, the smallest normal and the smallest number of all.
  EXPECT_EQ(to_floats(parse(npy(header("<f2", "(5,)"), raw<uint16_t>({0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001})))),
            (std::vector<float>{1, -2, 65504, 0x1p-14f, 0x1p-24f}));
  EXPECT_EQ(to_labels(parse(npy(header("<u8", "(2,)"), raw<uint64_t>({9, 65535})))), (std::vector<int>{9, 65535}));
}

TEST(Npy, RefusesOtherTypesSayingHowToConvert) {
  const auto header = [](const std::string& type, const std::string& fortran) {
    return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': (1,), }\n";
  };
  EXPECT_NE(parse_error(npy(header("|O", "False"), "1234")).find("element type object is not read"), std::string::npos);
  EXPECT_NE(parse_error(npy(header("<c8", "False"), "12345678")).find("np.abs(array)"), std::string::npos);
  EXPECT_NE(parse_error(npy("{'descr': '<f4', 'shape': (1,)}", "1234")).find("no 'fortran_order'"), std::string::npos);
  EXPECT_NE(parse_error("PNG").find("does not begin like a NumPy file (3 bytes)"), std::string::npos);
  EXPECT_NE(parse_error(npy(header("<f4", "False"), "1234", 9)).find("version 9"), std::string::npos);
}

TEST(Npy, RefusesSizesThatDisagreeNamingBoth) {
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
  EXPECT_NE(parse_error(npy(header, std::string(23, 'x'))).find("23 bytes of data, the header declares 24 (shape 2x3)"),
            std::string::npos);
  const std::string huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (999999999, 999999999, 99999), }\n";
  EXPECT_NE(parse_error(npy(huge, "")).find("too large"), std::string::npos);
}

TEST(Npy, RefusesNumbersThatAreNotFiniteAsFloat32) {
  const std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n";
  for (const double bad : {std::nan(""), 1e300, -HUGE_VAL})
    EXPECT_NE(
        error_of([&] { to_floats(parse(npy(header, raw<double>({1, bad})))); }).find("element 1 (in example 1) is"),
        std::string::npos);
}

TEST(Npy, RefusesLabelsThatAreNoClassNumbers) {
  const auto labels = [](const std::string& type, const std::string& shape, const std::string& data) {
    const std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
    return error_of([&] { to_labels(parse(npy(header, data))); });
  };
  EXPECT_NE(labels("<i4", "(2,)", raw<int32_t>({0, -1})).find("t[1]: label -1"), std::string::npos);
  EXPECT_EQ(labels("<f4", "(1,)", raw<float>({7})), "");
  EXPECT_NE(labels("<f4", "(1,)", raw<float>({0.5f})).find("t[0]: label 0.5"), std::string::npos);
  EXPECT_NE(labels("|u1", "(1, 2)", "12").find("labels of shape 1x2"), std::string::npos);
}

TEST(Npy, SurvivesDamagedFiles) {
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
  for (const char version : {1, 2, 3})
    EXPECT_GT(try_damaged(npy(header, raw<float>({1, 2, 3, 4, 5, 6}), version), 2000,
                          [](const std::string& damaged) { to_floats(parse(damaged)); }),
              500);
}

}  // namespace
}  // namespace duet
