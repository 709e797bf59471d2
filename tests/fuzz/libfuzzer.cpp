// A target for libFuzzer: DUET_FUZZ_TARGET names its function. With DUET_FUZZ_SEEDS in the environment the program
// writes its seeds into that folder instead.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/fuzz/target.h"

namespace {

const duet::FuzzTarget& target() {
  static const duet::FuzzTarget one = duet::DUET_FUZZ_TARGET();
  return one;
}

void write_seeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  auto all = target().seeds();
  all.insert(all.end(), target().findings.begin(), target().findings.end());
  for (size_t i = 0; i < all.size(); ++i) std::ofstream(folder / std::to_string(i), std::ios::binary) << all[i];
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  if (const char* folder = std::getenv("DUET_FUZZ_SEEDS")) {
    write_seeds(folder);
    std::exit(0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto found = finding(target(), {reinterpret_cast<const char*>(data), size});
  if (found.empty()) return 0;
  std::fprintf(stderr, "%s: %s\n", target().name.c_str(), found.c_str());
  std::abort();
}
