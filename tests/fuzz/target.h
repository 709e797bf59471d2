#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace duet {

/// A parser that is fed any bytes. It may refuse them with an Error that blames the input; anything else that it
/// throws, and every crash, is a finding. The same target is run by libFuzzer (libfuzzer.cpp, CMake preset `fuzz`) and,
/// on seeds and mutations of them, by the tests (replay.h).
struct FuzzTarget {
  std::string name;
  std::function<void(std::span<const std::byte>)> read;
  /// Inputs of every kind that the format knows, made when they are asked for.
  std::function<std::vector<std::string>()> seeds;
  /// Inputs that were findings once, as small as they could be made.
  std::vector<std::string> findings;
};

// One source file each. Of the rooms without tensors:
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
// Of those with:
FuzzTarget fuzz_safetensors();
FuzzTarget fuzz_run_json();
FuzzTarget fuzz_events();
FuzzTarget fuzz_layer();

/// What is wrong with how `target` takes these bytes; empty where it reads them or refuses them as it may.
std::string finding(const FuzzTarget& target, std::string_view bytes);

}  // namespace duet
