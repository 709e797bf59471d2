#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include <nlohmann/json.hpp>

#include "duet/core/files.h"
#include "duet/run/safetensors.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"

namespace duet {
namespace {

std::string with_length(const std::string& header, const std::string& data) {
  const uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof(length)) + header + data;
}

/// The same file with a matching checksum, without which the parser stops early.
std::string signed_file(const std::string& header, const std::string& data) {
  auto json = nlohmann::ordered_json::parse(header, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return with_length(header, data);
  auto& texts = json["__metadata__"];
  if (!texts.is_object()) texts = nlohmann::ordered_json::object();
  const auto text = [&] {
    auto all = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return all.append((8 - all.size() % 8) % 8, ' ');
  };
  texts["sha256"] = std::string(64, '0');
  Sha256 hash;
  const auto unsigned_text = text();
  hash.update(std::as_bytes(std::span(unsigned_text)));
  hash.update(std::as_bytes(std::span(data)));
  texts["sha256"] = hash.hex();
  return with_length(text(), data);
}

/// A header and the numbers after it, which get a checksum; or, if the first byte is odd, a file unchanged.
void read(std::span<const std::byte> bytes) {
  static const ScratchFolder folder;
  const bool as_it_is = !bytes.empty() && (bytes[0] & std::byte{1}) == std::byte{1};
  const auto rest = bytes.subspan(std::min<size_t>(1, bytes.size()));
  const auto [header, data] = split_input(rest);
  const auto file = as_it_is ? text_of(rest) : signed_file(text_of(header), text_of(data));
  const auto all = read_tensors(folder.put("x.safetensors", std::as_bytes(std::span(file))));
  for (const auto& [name, tensor] : all.tensors) static_cast<void>(all.at(name, tensor.sizes()));
  for (const auto& [name, text] : all.texts) static_cast<void>(all.text(name));
}

std::string written() {
  const FreshFolder folder;
  TensorFile file;
  file.tensors["a/weight"] = torch::arange(6, torch::kFloat32).view({2, 3});
  file.tensors["bytes"] = torch::arange(5, torch::kUInt8);
  file.tensors["none"] = torch::empty({0, 4}, torch::kBFloat16);
  file.tensors["one"] = torch::tensor(true);
  file.texts["cursor"] = "17";
  write_tensors(folder / "x", file);
  return read_text(folder / "x", Fault::data);
}

std::vector<std::string> seeds() {
  const auto whole = written();
  uint64_t length = 0;
  std::memcpy(&length, whole.data(), sizeof(length));
  return {'\x01' + whole, '\0' + joined_input(whole.substr(8, length), whole.substr(8 + length)),
          '\0' + joined_input(R"({"x":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]}})", "12345678"),
          '\0' + joined_input(R"({"x":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"__metadata__":{"a":"b"}})",
                              "12345678")};
}

}  // namespace

FuzzTarget fuzz_safetensors() {
  // An offset that no integer can hold.
  return {"safetensors",
          read,
          seeds,
          {'\0' + joined_input(R"({"x":{"dtype":"F64","shape":[1],"data_offsets":[29000000000000002000000,8]}})",
                               "12345678")}};
}

}  // namespace duet
