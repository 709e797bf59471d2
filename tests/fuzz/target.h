#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace duet {

/// A parser that reads arbitrary bytes. It may refuse them with an Error that blames the input; any other exception,
/// and every crash, is a finding. libFuzzer (libfuzzer.cpp, CMake preset `fuzz`) and the tests (replay.h, on seeds and
/// mutations of them) run the same target.
struct FuzzTarget {
  std::string name;
  std::function<void(std::span<const std::byte>)> read;
  /// Inputs of every kind that the format has, made on demand.
  std::function<std::vector<std::string>()> seeds;
  /// Former findings, minimised.
  std::vector<std::string> findings;
};

// One source file each. Without tensors:
FuzzTarget fuzz_png();
FuzzTarget fuzz_jpeg();
FuzzTarget fuzz_webp();
FuzzTarget fuzz_tiff();
FuzzTarget fuzz_exif();
FuzzTarget fuzz_idx();
FuzzTarget fuzz_cifar();
FuzzTarget fuzz_npy();
FuzzTarget fuzz_npz();
FuzzTarget fuzz_csv();
FuzzTarget fuzz_tar();
FuzzTarget fuzz_zip();
FuzzTarget fuzz_toml();
// With tensors:
FuzzTarget fuzz_safetensors();
FuzzTarget fuzz_run_json();
FuzzTarget fuzz_events();
FuzzTarget fuzz_layer();

/// The reason why `target` fails on these bytes; empty if it reads them or refuses them properly.
std::string finding(const FuzzTarget& target, std::string_view bytes);

}  // namespace duet
