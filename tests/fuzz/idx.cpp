#include "duet/data/formats/idx.h"
#include "duet/data/formats/gzip.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"

namespace duet {
namespace {

constexpr const char* kImages = "train-images-idx3-ubyte";
constexpr const char* kLabels = "train-labels-idx1-ubyte";

std::string idx(std::initializer_list<unsigned char> dimensions, size_t payload) {
  std::string bytes{'\0', '\0', '\x08', static_cast<char>(dimensions.size())};
  for (const auto dimension : dimensions) bytes += std::string(3, '\0') + static_cast<char>(dimension);
  for (size_t i = 0; i < payload; ++i) bytes += static_cast<char>(i % 3);
  return bytes;
}

/// Images and labels in one input.
void read(std::span<const std::byte> bytes) {
  static const ScratchFolder folder;
  const auto [images, labels] = split_input(bytes);
  const auto path = folder.put(kImages, images);
  folder.put(kLabels, labels);
  read_some(open_idx(path, {}));
  read_some(open_idx(path, {.resolution = 4, .channels = 3}));
}

std::vector<std::string> seeds() {
  const auto images = idx({5, 2, 3}, 30), colours = idx({2, 3, 2, 2}, 24), labels = idx({5}, 5);
  return {
      joined_input(images, labels), joined_input(colours, idx({2}, 2)),
      joined_input(text_of(gzip(std::as_bytes(std::span(images)))), text_of(gzip(std::as_bytes(std::span(labels))))),
      joined_input(images, "")};
}

}  // namespace

FuzzTarget fuzz_idx() { return {"idx", read, seeds, {}}; }

}  // namespace duet
