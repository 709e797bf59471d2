#include "duet/data/formats/npz.h"

#include <archive.h>
#include <archive_entry.h>

#include "duet/core/files.h"
#include "duet/data/formats/matrix.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"

namespace duet {
namespace {

void read(std::span<const std::byte> bytes) {
  static const ScratchFolder folder;
  read_some(open_matrix(folder.put("set.npz", bytes), {}));
}

std::string npz(const std::vector<std::pair<std::string, NpyView>>& arrays) {
  const FreshFolder folder;
  write_npz(folder / "x.npz", arrays);
  return read_text(folder / "x.npz", Fault::data);
}

/// The same arrays in a compressed zip.
std::string compressed(const std::string& name, const NpyView& array) {
  std::string out(1 << 16, '\0');
  size_t used = 0;
  archive* zip = archive_write_new();
  archive_write_set_format_zip(zip);
  archive_write_zip_set_compression_deflate(zip);
  archive_write_open_memory(zip, out.data(), out.size(), &used);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, name.c_str());
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_size(entry, static_cast<la_int64_t>(array.header().size() + array.data().size()));
  archive_write_header(zip, entry);
  archive_write_data(zip, array.header().data(), array.header().size());
  archive_write_data(zip, array.data().data(), array.data().size());
  archive_entry_free(entry);
  archive_write_close(zip);
  archive_write_free(zip);
  out.resize(used);
  return out;
}

std::vector<std::string> seeds() {
  const std::vector<uint8_t> pixels(2 * 3 * 4, 7);
  const std::vector<float> numbers(6, 0.5F);
  const std::vector<int64_t> labels{1, 0};
  const NpyView x({2, 3, 4}, pixels), y({2}, labels), rows({2, 3}, numbers);
  return {npz({{"x", x}, {"y", y}}), npz({{"arr_0", rows}}),
          npz({{"x_train", x}, {"y_train", y}, {"x_test", x}, {"y_test", y}}), compressed("x.npy", x),
          compressed("../a/b.txt", x)};
}

}  // namespace

FuzzTarget fuzz_npz() { return {"npz", read, seeds, {}}; }

}  // namespace duet
