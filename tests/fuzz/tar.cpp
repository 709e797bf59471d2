#include "duet/data/formats/archive.h"
#include "duet/data/formats/gzip.h"
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
  const auto path = folder.put("set.tar", bytes);
  read_some(open_archive(path, {.resolution = 8, .channels = 1}, kMemory));
  read_some(open_archive(path, {.mixed_sizes = true}, kMemory));
}

std::vector<std::string> seeds() {
  const auto png = text_of(encode_png(sample::picture(9, 9, 3))),
             jpeg = text_of(sample::encode_jpeg(sample::picture(8, 8, 1)));
  const auto plain = pack({{"set/", ""}, {"set/a/1.png", png}, {"set/b/2.jpg", jpeg}, {"set/b/notes.txt", "x"}},
                          archive_write_set_format_ustar);
  return {plain, text_of(gzip(std::as_bytes(std::span(plain)))),
          pack({{"train/caf\xc3\xa9/1.png", png}, {"train/b/2.png", png}, {"test/b/3.png", png}},
               archive_write_set_format_ustar),
          pack({{"train/" + std::string(120, 'a') + "/1.png", png}, {"b.png", png}},
               archive_write_set_format_pax_restricted),
          pack({{"a.png", png}, {"b.png", "->a.png"}, {std::string(120, 'n') + ".png", png}},
               archive_write_set_format_gnutar)};
}

}  // namespace

FuzzTarget fuzz_tar() { return {"tar", read, seeds, {}}; }

}  // namespace duet
