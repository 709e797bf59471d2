#pragma once

#include <filesystem>
#include <map>

#include "duet/core/torch.h"

namespace duet {

/// Named tensors and texts in safetensors format: an 8-byte little-endian length, a JSON header, the raw tensors one
/// after another. Python reads it directly; it contains no code.
struct TensorFile {
  std::map<std::string, Tensor> tensors;     ///< on the CPU after reading
  std::map<std::string, std::string> texts;  ///< the header's __metadata__

  /// The tensor of this name. Throws Error(checkpoint) naming file and tensor when it is missing or has another shape.
  const Tensor& at(const std::string& name, torch::IntArrayRef shape) const;
  const std::string& text(const std::string& name) const;
  /// A text that must be a whole number of at least 0, or a real number. Throws Error(checkpoint) naming file and text.
  int64_t whole(const std::string& name) const;
  double real(const std::string& name) const;
  std::string place = "checkpoint";  ///< for messages
};

/// Writes atomically (write_atomic), with a SHA-256 over header and tensors as the text "sha256". Throws Error(device)
/// when writing fails.
void write_tensors(const std::filesystem::path& path, const TensorFile& file);

/// Throws Error(checkpoint) naming what is damaged: too short, no header, a wrong size, a wrong checksum.
TensorFile read_tensors(const std::filesystem::path& path);

}  // namespace duet
