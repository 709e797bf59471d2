#include "duet/run/safetensors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "duet/core/files.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

TensorFile sample() {
  TensorFile file;
  file.texts = {{"cursor", "123"}, {"recipe", "kimg = 1\n[data]\nspec = \"d\xc3\xa9j\xc3\xa0\"\n"}};
  file.tensors["floats"] = torch::tensor({1.5f, -0.0f, 3e-39f, INFINITY}).view({2, 2});
  file.tensors["doubles"] = torch::tensor({0.1, -1e300}, torch::kFloat64);
  file.tensors["wholes"] = torch::tensor({INT64_MIN, int64_t{-1}, INT64_MAX}, torch::kInt64);
  file.tensors["bytes"] = torch::arange(7, torch::kInt64).to(torch::kUInt8).view({7, 1, 1});
  file.tensors["halves"] = torch::tensor({1.0f, -2.5f}).to(torch::kBFloat16);
  file.tensors["flags"] = torch::tensor({1, 0, 1}).to(torch::kBool);
  file.tensors["scalar"] = torch::tensor(4.0f);
  file.tensors["empty"] = torch::empty({0, 3});
  return file;
}

TEST(Safetensors, BringsBackEveryTypeShapeAndText) {
  const FreshFolder folder;
  const auto path = folder / "file.safetensors";
  const auto file = sample();
  write_tensors(path, file);
  auto read = read_tensors(path);
  EXPECT_EQ(read.place, path.string());
  EXPECT_EQ(read.texts.at("sha256").size(), 64u);
  read.texts.erase("sha256");
  EXPECT_EQ(read.texts, file.texts);
  ASSERT_EQ(read.tensors.size(), file.tensors.size());
  for (const auto& [name, value] : file.tensors) {
    EXPECT_EQ(read.tensors.at(name).scalar_type(), value.scalar_type()) << name;
    EXPECT_TRUE(torch::equal(read.tensors.at(name), value)) << name;
  }
  EXPECT_TRUE(std::signbit(read.tensors.at("floats")[0][1].item<float>()));
}

TEST(Safetensors, WritesTheSameBytesForTheSameContent) {
  const FreshFolder folder;
  write_tensors(folder / "a", sample());
  auto again = read_tensors(folder / "a");
  write_tensors(folder / "b", again);  // the checksum that was read is replaced
  EXPECT_EQ(read_bytes(folder / "a", Fault::checkpoint), read_bytes(folder / "b", Fault::checkpoint));
}

TEST(Safetensors, WritesViewsAsWhatTheyShow) {
  const FreshFolder folder;
  TensorFile file;
  file.tensors["view"] = torch::arange(12, torch::kFloat32).view({3, 4}).t().slice(0, 1, 3);
  write_tensors(folder / "a", file);
  EXPECT_TRUE(torch::equal(read_tensors(folder / "a").tensors.at("view"), file.tensors.at("view")));
}

TEST(Safetensors, RefusesEveryTruncationAndEveryFlippedByte) {
  const FreshFolder folder;
  const auto path = folder / "file";
  TensorFile small;
  small.texts["cursor"] = "123";
  small.tensors["a"] = torch::tensor({1.5f, -0.25f});
  small.tensors["b"] = torch::tensor({int64_t{3}}, torch::kInt64);
  write_tensors(path, small);
  const auto whole = read_text(path, Fault::checkpoint);
  const auto attempt = [&](const std::string& content, const std::string& what) {
    put_file(path, content);
    const auto error = error_of([&] { read_tensors(path); }, Fault::checkpoint);
    EXPECT_TRUE(error.starts_with(path.string() + ": ")) << what << ": '" << error << "'";
  };
  for (size_t size = 0; size < whole.size(); ++size) attempt(whole.substr(0, size), fmt::format("first {}", size));
  for (size_t i = 0; i < whole.size(); ++i)
    for (const int mask : {0x01, 0x80, 0xff}) {
      auto damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ mask);
      attempt(damaged, fmt::format("byte {} ^ {}", i, mask));
    }
  attempt(whole + "more", "longer");
  attempt(std::string(1000, '\0'), "zeros");
  attempt(std::string(1000, '\xff'), "ones");
}

TEST(Safetensors, SaysWhatIsDamaged) {
  const FreshFolder folder;
  const auto path = folder / "file";
  const auto refused = [&](const std::string& content) {
    put_file(path, content);
    return error_of([&] { read_tensors(path); }, Fault::checkpoint);
  };
  EXPECT_EQ(refused("abc"), path.string() + ": damaged: 3 bytes, too short for a header");
  EXPECT_EQ(refused(std::string("\x40\0\0\0\0\0\0\0{}", 10)),
            path.string() + ": damaged: its header should have 64 bytes, the file has 10");
  write_tensors(path, sample());
  auto content = read_text(path, Fault::checkpoint);
  content.back() ^= 1;
  const auto error = refused(content);
  EXPECT_TRUE(error.starts_with(path.string() + ": damaged: its checksum is ")) << error;
  EXPECT_EQ(error_of([&] { read_tensors(folder / "none"); }, Fault::checkpoint),
            (folder / "none").string() + ": cannot read: No such file or directory");
}

TEST(Safetensors, NumbersOfAHeaderThatAreNoSizesAreRefused) {
  const FreshFolder folder;
  const auto path = folder / "file";
  // With a matching checksum: whoever signs a file may write anything.
  const auto refused = [&](const std::string& shape, const std::string& offsets) {
    const auto header = [&](const std::string& checksum) {
      const auto json = nlohmann::ordered_json::parse(
          fmt::format(R"({{"__metadata__":{{"sha256":"{}"}},"a":{{"dtype":"F32","shape":{},"data_offsets":{}}}}})",
                      checksum, shape, offsets));
      auto text = json.dump();
      return text.append((8 - text.size() % 8) % 8, ' ');
    };
    const std::string data(16, '\0'), unsigned_text = header(std::string(64, '0'));
    Sha256 hash;
    hash.update(std::as_bytes(std::span(unsigned_text)));
    hash.update(std::as_bytes(std::span(data)));
    const auto text = header(hash.hex());
    const uint64_t length = text.size();
    put_file(path, std::string(reinterpret_cast<const char*>(&length), sizeof(length)) + text + data);
    return error_of([&] { read_tensors(path); }, Fault::checkpoint);
  };
  EXPECT_EQ(refused("[2, 2]", "[0, 16]"), "");
  for (const char* offsets : {"[29000000000000002000000, 16]", "[0, 1e300]", "[-4, 12]", "[0.5, 16]", "[0, \"16\"]"})
    EXPECT_EQ(refused("[2, 2]", offsets), path.string() + ": damaged: tensor 'a' is misplaced") << offsets;
  for (const char* shape : {"[29000000000000002000000]", "[-4, -1]", "[2, 3]", "[4.0]",
                            "[1099511627776, 1099511627776]", "[0, 4]", "[18446744073709551615]"})
    EXPECT_EQ(refused(shape, "[0, 16]"), path.string() + ": damaged: tensor 'a' has a wrong size") << shape;
}

TEST(Safetensors, NamesATensorThatIsMissingOrOfAnotherShape) {
  auto file = sample();
  file.place = "some.safetensors";
  EXPECT_EQ(error_of([&] { file.at("weights", {1}); }, Fault::checkpoint),
            "some.safetensors: has no tensor 'weights'; it belongs to another recipe or an older duet; use the recipe "
            "it was trained with");
  EXPECT_EQ(error_of([&] { file.at("floats", {4}); }, Fault::checkpoint),
            "some.safetensors: tensor 'floats' is [2, 2], the recipe makes it [4]; it belongs to another recipe; use "
            "the one it was trained with");
  EXPECT_EQ(error_of([&] { file.text("rounds"); }, Fault::checkpoint),
            "some.safetensors: has no entry 'rounds'; it is not a duet checkpoint");
}

/// What a command prints, and its exit status.
std::pair<std::string, int> printed(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (!pipe) return {"", -1};
  char block[4096];
  while (const size_t n = std::fread(block, 1, sizeof(block), pipe)) text.append(block, n);
  return {text, ::pclose(pipe)};
}

TEST(Safetensors, OpensInPythonByTheFormatsOwnRules) {
  if (printed("python3 --version 2>&1").second != 0) GTEST_SKIP() << "python3 is missing";
  const FreshFolder folder;
  TensorFile file;
  file.texts["note"] = "h\xc3\xa9";
  file.tensors["a"] = torch::tensor({{1.5f, -2.0f, 0.25f}, {4.0f, 5.0f, 6.0f}});
  file.tensors["b"] = torch::tensor({int64_t{7}, int64_t{-8}}, torch::kInt64);
  file.tensors["c"] = torch::tensor({0.1}, torch::kFloat64);
  file.tensors["d"] = torch::tensor({0, 255}).to(torch::kUInt8);
  write_tensors(folder / "file.safetensors", file);
  put_file(folder / "read.py", R"(import hashlib, json, struct, sys
data = open(sys.argv[1], 'rb').read()
size, = struct.unpack('<Q', data[:8])
assert size % 8 == 0, 'the tensors are not aligned'
header = json.loads(data[8:8 + size])
meta = header.pop('__metadata__')
blank = data[8:8 + size].replace(meta['sha256'].encode(), b'0' * 64)
print('checksum', hashlib.sha256(blank + data[8 + size:]).hexdigest() == meta['sha256'], ascii(meta['note']))
types = {'F32': 'f', 'F64': 'd', 'I64': 'q', 'U8': 'B'}
end = 0
for name in sorted(header):
    entry = header[name]
    first, last = entry['data_offsets']
    assert first == end, 'a gap'
    end = last
    count = 1
    for side in entry['shape']:
        count *= side
    values = struct.unpack('<%d%s' % (count, types[entry['dtype']]), data[8 + size + first:8 + size + last])
    print(name, entry['dtype'], entry['shape'], *values)
assert 8 + size + end == len(data), 'bytes left over'
)");
  const auto [text, status] = printed(
      fmt::format("python3 '{}' '{}' 2>&1", (folder / "read.py").string(), (folder / "file.safetensors").string()));
  EXPECT_EQ(status, 0);
  EXPECT_EQ(text,
            "checksum True 'h\\xe9'\n"
            "a F32 [2, 3] 1.5 -2.0 0.25 4.0 5.0 6.0\n"
            "b I64 [2] 7 -8\n"
            "c F64 [1] 0.1\n"
            "d U8 [2] 0 255\n");
}

}  // namespace
}  // namespace duet
