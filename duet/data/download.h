#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace duet {

/// One file to download over HTTP or HTTPS.
struct Download {
  std::string url;
  std::filesystem::path part;  ///< the destination; existing bytes are kept and the rest is requested
  int64_t most_bytes = 0;      ///< larger downloads are stopped after the block that exceeds it; 0: no limit
  /// Called often with the number of bytes in the file, and in all (0 if the server does not say). May be empty.
  std::function<void(int64_t done, int64_t total)> progress;
  int patience_seconds = 60;  ///< give up after this time without data
};

/// Downloads a file, continuing an earlier attempt if the server supports it (HTTP Range), else from the start. Blocks.
/// Proxies come from the usual environment variables (https_proxy, no_proxy). Returns an empty text when the server has
/// sent everything, otherwise the reason; what has arrived stays in `part`. Throws Error(device) when `part` cannot be
/// written.
std::string download(const Download& request);

}  // namespace duet
