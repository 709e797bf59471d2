#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace duet {

/// One file to be had over HTTP or HTTPS.
struct Download {
  std::string url;
  std::filesystem::path part;  ///< where it goes; bytes that are there already are kept and the rest is asked for
  int64_t most_bytes = 0;      ///< more are refused by the end of the block that exceeds it; 0: any number
  /// Told how far it is, often: bytes in the file, and bytes in all or 0 where the server does not say. May be empty.
  std::function<void(int64_t done, int64_t total)> progress;
  int patience_seconds = 60;  ///< given up when nothing comes for as long
};

/// Fetches a file, going on where an earlier attempt broke off if the server can (HTTP Range), from the start if it
/// cannot. Blocks. Proxies are taken from the usual environment variables (https_proxy, no_proxy). Returns nothing when
/// the server sent all it wanted to send, otherwise the reason; what has arrived stays in `part`.
/// Throws Error(device) when `part` cannot be written.
std::string download(const Download& request);

}  // namespace duet
