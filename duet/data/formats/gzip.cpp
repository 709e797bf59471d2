#include "duet/data/formats/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "duet/core/error.h"

namespace duet {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib: the largest window, with gzip's header and checksum
constexpr size_t kChunk = size_t{1} << 20;

unsigned int fit_uint(size_t bytes) {
  return static_cast<unsigned int>(std::min<size_t>(bytes, std::numeric_limits<unsigned int>::max()));
}

/// Owns an inflating z_stream.
struct Inflater {
  z_stream stream{};
  Inflater() {
    if (inflateInit2(&stream, kGzipWindow) != Z_OK) fail(Fault::internal, "zlib: cannot start to decompress");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream); }
};

}  // namespace

bool looks_like_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

Gunzipped gunzip(std::span<const std::byte> compressed, int64_t limit, const std::string& place) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  Gunzipped result;
  size_t consumed = 0, produced = 0;
  const auto most = static_cast<size_t>(limit);
  while (produced < most) {
    result.bytes.resize(std::min(most, std::max(produced + kChunk, produced * 2)));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(compressed.data() + consumed));
    stream.avail_in = fit_uint(compressed.size() - consumed);
    stream.next_out = reinterpret_cast<Bytef*>(result.bytes.data() + produced);
    stream.avail_out = fit_uint(result.bytes.size() - produced);
    const unsigned int room = stream.avail_out, given = stream.avail_in;
    const int code = inflate(&stream, Z_NO_FLUSH);
    consumed += given - stream.avail_in;
    produced += room - stream.avail_out;
    if (code == Z_STREAM_END) {
      result.complete = true;
      if (!looks_like_gzip(compressed.subspan(consumed))) break;  // the end; padding after a member is allowed
      result.complete = false;
      inflateReset(&stream);
    } else if (code == Z_BUF_ERROR) {
      break;  // no input left
    } else if (code != Z_OK) {
      fail(Fault::data, "{}: damaged gzip data near byte {} of {}: {}; get the file again", place, consumed,
           compressed.size(), stream.msg ? stream.msg : zError(code));
    }
  }
  result.bytes.resize(produced);
  return result;
}

std::vector<std::byte> gzip(std::span<const std::byte> bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    fail(Fault::internal, "zlib: cannot start to compress");
  std::vector<std::byte> compressed(deflateBound(&stream, bytes.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  stream.avail_in = fit_uint(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = fit_uint(compressed.size());
  const int code = deflate(&stream, Z_FINISH);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  if (code != Z_STREAM_END) fail(Fault::internal, "zlib: cannot compress {} bytes at once", bytes.size());
  return compressed;
}

}  // namespace duet
