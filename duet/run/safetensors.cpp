#include "duet/run/safetensors.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "duet/core/error.h"
#include "duet/core/files.h"

namespace duet {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kChecksum = "sha256";
const std::string kNoChecksum(64, '0');

struct Type {
  const char* name;
  torch::ScalarType type;
};
constexpr Type kTypes[] = {{"F32", torch::kFloat32}, {"F64", torch::kFloat64},   {"I64", torch::kInt64},
                           {"U8", torch::kUInt8},    {"BF16", torch::kBFloat16}, {"BOOL", torch::kBool}};

std::span<const std::byte> bytes_of(const Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.data_ptr()), tensor.nbytes()};
}

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string header_text(const ordered_json& header) {
  auto text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

[[noreturn]] void damaged(const std::filesystem::path& path, const std::string& finding) {
  fail(Fault::checkpoint, "{}: damaged: {}", path.string(), finding);
}

/// An integer; anything else becomes larger than any file.
size_t whole_of(const ordered_json& value) {
  return value.is_number_unsigned() ? value.get<size_t>() : std::numeric_limits<size_t>::max();
}

/// Sizes whose product must be `count`; none if it is not.
std::optional<std::vector<int64_t>> sizes_of(const ordered_json& shape, size_t count) {
  constexpr size_t kMost = size_t{1} << 48;
  std::vector<int64_t> sizes;
  size_t product = 1;
  for (const auto& value : shape) {
    const auto size = whole_of(value);
    if (size > kMost || (size > 0 && product > kMost / size)) return {};
    sizes.push_back(static_cast<int64_t>(size));
    product *= size;
  }
  if (product != count) return {};
  return sizes;
}

}  // namespace

const Tensor& TensorFile::at(const std::string& name, torch::IntArrayRef shape) const {
  const auto found = tensors.find(name);
  if (found == tensors.end())
    fail(Fault::checkpoint,
         "{}: has no tensor '{}'; it belongs to another recipe or an older duet; use the recipe it was trained with",
         place, name);
  if (found->second.sizes() != shape)
    fail(Fault::checkpoint,
         "{}: tensor '{}' is [{}], the recipe makes it [{}]; it belongs to another recipe; use the one it was trained "
         "with",
         place, name, fmt::join(found->second.sizes(), ", "), fmt::join(shape, ", "));
  return found->second;
}

const std::string& TensorFile::text(const std::string& name) const {
  const auto found = texts.find(name);
  if (found == texts.end()) fail(Fault::checkpoint, "{}: has no entry '{}'; it is not a duet checkpoint", place, name);
  return found->second;
}

int64_t TensorFile::whole(const std::string& name) const {
  const auto& found = text(name);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(found.data(), found.data() + found.size(), number);
  if (error != std::errc() || end != found.data() + found.size() || number < 0)
    fail(Fault::checkpoint, "{}: damaged: {} is '{}'; expected a whole number", place, name, found);
  return number;
}

double TensorFile::real(const std::string& name) const {
  const auto& found = text(name);
  double number = 0;
  const auto [end, error] = std::from_chars(found.data(), found.data() + found.size(), number);
  if (error != std::errc() || end != found.data() + found.size())
    fail(Fault::checkpoint, "{}: damaged: {} is '{}'; expected a number", place, name, found);
  return number;
}

void write_tensors(const std::filesystem::path& path, const TensorFile& file) {
  ordered_json header;
  for (const auto& [key, value] : file.texts) header["__metadata__"][key] = value;
  header["__metadata__"][std::string(kChecksum)] = kNoChecksum;
  std::vector<Tensor> kept;
  size_t offset = 0;
  for (const auto& [name, tensor] : file.tensors) {
    kept.push_back(tensor.detach().to(torch::kCPU).contiguous());
    const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                    [wanted = tensor.scalar_type()](const Type& t) { return t.type == wanted; });
    if (type == std::end(kTypes)) fail(Fault::internal, "tensor '{}' has a type that no checkpoint can hold", name);
    header[name] = {{"dtype", type->name},
                    {"shape", kept.back().sizes().vec()},
                    {"data_offsets", {offset, offset + kept.back().nbytes()}}};
    offset += kept.back().nbytes();
  }
  auto text = header_text(header);
  Sha256 hash;
  hash.update(bytes_of(text));
  for (const auto& tensor : kept) hash.update(bytes_of(tensor));
  header["__metadata__"][std::string(kChecksum)] = hash.hex();
  text = header_text(header);
  const uint64_t length = text.size();
  std::vector<std::span<const std::byte>> pieces = {std::as_bytes(std::span(&length, 1)), bytes_of(text)};
  for (const auto& tensor : kept) pieces.push_back(bytes_of(tensor));
  write_atomic(path, pieces);
}

TensorFile read_tensors(const std::filesystem::path& path) {
  const auto bytes = read_bytes(path, Fault::checkpoint);
  uint64_t length = 0;
  if (bytes.size() < sizeof(length)) damaged(path, fmt::format("{} bytes, too short for a header", bytes.size()));
  std::memcpy(&length, bytes.data(), sizeof(length));
  if (length > bytes.size() - sizeof(length))
    damaged(path, fmt::format("its header should have {} bytes, the file has {}", length, bytes.size()));
  const std::string text(reinterpret_cast<const char*>(bytes.data()) + sizeof(length), length);
  const auto data = std::span(bytes).subspan(sizeof(length) + length);
  TensorFile file;
  file.place = path.string();
  try {
    auto header = ordered_json::parse(text);
    for (const auto& [key, value] : header.at("__metadata__").items()) file.texts[key] = value.get<std::string>();
    const auto expected = file.text(std::string(kChecksum));
    header["__metadata__"][std::string(kChecksum)] = kNoChecksum;
    Sha256 hash;
    hash.update(bytes_of(header_text(header)));
    hash.update(data);
    if (const auto found = hash.hex(); found != expected)
      damaged(path, fmt::format("its checksum is {:.12}..., expected {:.12}...", found, expected));
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") continue;
      const auto begin = whole_of(entry.at("data_offsets").at(0)), end = whole_of(entry.at("data_offsets").at(1));
      const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                      [&wanted = entry.at("dtype")](const Type& t) { return wanted == t.name; });
      if (type == std::end(kTypes) || begin > end || end > data.size())
        damaged(path, "tensor '" + name + "' is misplaced");
      const auto sizes = sizes_of(entry.at("shape"), (end - begin) / torch::elementSize(type->type));
      if (!sizes) damaged(path, "tensor '" + name + "' has a wrong size");
      auto tensor = torch::empty(*sizes, type->type);
      if (tensor.nbytes() != end - begin) damaged(path, "tensor '" + name + "' has a wrong size");
      // An empty tensor has no memory to copy to.
      if (begin < end) std::memcpy(tensor.data_ptr(), data.data() + begin, end - begin);
      file.tensors[name] = tensor;
    }
  } catch (const nlohmann::json::exception& error) {
    damaged(path, fmt::format("its header is not JSON of the expected form ({})", without_tag(error.what())));
  }
  return file;
}

}  // namespace duet
