#include "duet/data/formats/archive.h"
#include "duet/picture/image.h"
#include "tests/fuzz/pack.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"
#include "tests/picture/sample_pictures.h"

namespace duet {
namespace {

void read(std::span<const std::byte> bytes) {
  static const ScratchFolder folder;
  constexpr int64_t kMemory = 1 << 20;
  if (bytes.empty() || bytes[0] != std::byte{'P'}) return;  // tar's
  const auto path = folder.put("set.zip", bytes);
  read_some(open_archive(path, {.resolution = 8, .channels = 1}, kMemory));
  read_some(open_archive(path, {.mixed_sizes = true}, kMemory));
}

std::string zip(const std::vector<std::pair<std::string, std::string>>& files, int (*compression)(archive*),
                bool sized = true) {
  return pack(
      files,
      [&](archive* writer) {
        archive_write_set_format_zip(writer);
        compression(writer);
      },
      sized);
}

/// Marks the first entry as encrypted, in both places of a zip.
std::string encrypted(std::string bytes) {
  bytes[6] = static_cast<char>(bytes[6] | 1);
  const auto central = bytes.find("PK\1\2");
  bytes[central + 8] = static_cast<char>(bytes[central + 8] | 1);
  return bytes;
}

std::vector<std::string> seeds() {
  const auto png = text_of(encode_png(sample::picture(9, 9, 3))),
             jpeg = text_of(sample::encode_jpeg(sample::picture(8, 8, 1)));
  const auto stored = archive_write_zip_set_compression_store, packed = archive_write_zip_set_compression_deflate;
  const auto plain = zip({{"set/", ""}, {"set/a/1.png", png}, {"set/b/2.jpg", jpeg}, {"set/b/notes.txt", "x"}}, stored);
  return {plain,
          zip({{"train/a/1.png", png}, {"train/b/2.png", png}, {"test/b/3.png", png}}, packed),
          zip({{"a/1.png", png}, {"b/2", jpeg}}, packed, false),
          zip({{"caf\xc3\xa9/1.png", png}, {"caf\x82/2.png", png}, {"../../" + std::string(200, 'n') + ".png", png}},
              stored),
          zip({{"a/zeros.png", std::string(5000, '\0')}, {"x.npy", "\x93NUMPY"}}, packed),
          encrypted(plain),
          plain + "behind the end"};
}

}  // namespace

FuzzTarget fuzz_zip() { return {"zip", read, seeds, {}}; }

}  // namespace duet
