#include <cstring>

#include "duet/data/formats/matrix.h"
#include "duet/data/formats/npy.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"

namespace duet {
namespace {

/// x.npy and, if the input contains one, y.npy beside it.
void read(std::span<const std::byte> bytes) {
  static const ScratchFolder both, alone;
  const auto [x, y] = split_input(bytes);
  read_some(open_matrix(alone.put("x.npy", x), {}));
  both.put("x.npy", x);
  both.put("y.npy", y);
  read_some(open_matrix(both.path(), {.resolution = 3, .channels = 1}));
}

std::string npy(const std::string& type, const std::string& shape, size_t data) {
  const std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\x01\0", 8) + static_cast<char>(header.size()) + '\0' + header + std::string(data, '\1');
}

std::vector<std::string> seeds() {
  const auto labels = npy("<i4", "(2,)", 8);
  std::vector<std::string> all;
  for (const auto& x : {npy("|u1", "(2, 3, 4)", 24), npy("|u1", "(2, 4, 4, 3)", 96), npy("|u1", "(2, 3, 4, 4)", 96),
                        npy("<f4", "(2, 3)", 24), npy("<f8", "(2,)", 16), npy("<i8", "(2, 2)", 32)})
    all.push_back(joined_input(x, labels));
  all.push_back(joined_input(all[0].substr(2), ""));
  return all;
}

}  // namespace

FuzzTarget fuzz_npy() { return {"npy", read, seeds, {}}; }

}  // namespace duet
