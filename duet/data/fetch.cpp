#include "duet/data/fetch.h"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/nearest.h"
#include "duet/data/checksum.h"
#include "duet/data/download.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

FetchSet mnist() {
  // The original server no longer exists; mirrors have compressed the files anew, so the content is checked.
  const std::vector<std::string> servers{"https://ossci-datasets.s3.amazonaws.com/mnist/",
                                         "https://storage.googleapis.com/cvdf-datasets/mnist/"};
  const auto file = [&](const char* name, const std::string& hash) {
    return FetchFile{name, 0, "gunzip-sha256:" + hash, servers, {}};
  };
  return {"mnist",
          "70,000 handwritten digits, 28x28 grey, 11 MB (LeCun, Cortes, Burges 1998)",
          {file("train-images-idx3-ubyte.gz", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
           file("train-labels-idx1-ubyte.gz", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
           file("t10k-images-idx3-ubyte.gz", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
           file("t10k-labels-idx1-ubyte.gz", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2")}};
}

FetchSet fashion_mnist() {
  const std::vector<std::string> servers{
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"};
  const auto file = [&](const char* name, int64_t bytes, const std::string& hash) {
    return FetchFile{name, bytes, "sha256:" + hash, servers, {}};
  };
  return {
      "fashion-mnist",
      "70,000 pictures of clothes, 28x28 grey, 31 MB (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747)",
      {file("train-images-idx3-ubyte.gz", 26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
       file("train-labels-idx1-ubyte.gz", 29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
       file("t10k-images-idx3-ubyte.gz", 4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
       file("t10k-labels-idx1-ubyte.gz", 5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5")}};
}

FetchSet cifar10() {
  return {"cifar10",
          "60,000 photographs of ten classes, 32x32 RGB, 170 MB (Krizhevsky 2009)",
          {FetchFile{"cifar-10-binary.tar.gz",
                     170052171,
                     "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                     {"https://www.cs.toronto.edu/~kriz/",
                      "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/"},
                     {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                      "data_batch_5.bin", "test_batch.bin", "batches.meta.txt"}}}};
}

/// 0 if the file does not exist.
int64_t bytes_in(const fs::path& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  return error ? 0 : static_cast<int64_t>(bytes);
}

/// How the file differs from the published one; empty if it does not.
std::string difference(const fs::path& path, const FetchFile& file) {
  const auto bytes = bytes_in(path);
  if (file.bytes > 0 && bytes != file.bytes) return fmt::format("{} bytes, expected {}", bytes, file.bytes);
  try {
    const std::string checksum = checksum_like(file.checksum, path);
    return checksum == file.checksum ? "" : fmt::format("checksum {}, expected {}", checksum, file.checksum);
  } catch (const Error& error) {  // damaged gzip data also mean a wrong file, and another server may have it
    return fmt::format("{}; expected {}", error.what(), file.checksum);
  }
}

std::string address(std::string server, const std::string& name) {
  if (!server.ends_with('/')) server += '/';
  return server + name;
}

/// Result of one server.
struct Attempt {
  std::string reason;  ///< empty: the correct file is in the .part
  bool wrong_content = false;
};

Attempt try_server(const std::string& url, const fs::path& part, const FetchFile& file, const FetchOptions& options) {
  Download request{url, part, file.bytes, {}};
  if (options.progress)
    request.progress = [&](int64_t done, int64_t total) {
      options.progress(file.name, done, total > 0 ? total : file.bytes);
    };
  for (;;) {
    const auto before = bytes_in(part);
    const bool resumed = before > 0, whole = resumed && file.bytes > 0 && before >= file.bytes;
    const std::string reason = whole ? "" : download(request);
    if (!reason.empty()) {
      if (bytes_in(part) == 0) ::unlink(part.c_str());
      return {reason};
    }
    const std::string wrong = difference(part, file);
    if (wrong.empty()) return {};
    ::unlink(part.c_str());
    // An earlier attempt's beginning may come from another file: only a fresh download proves the server wrong.
    if (!resumed) return {wrong, true};
  }
}

/// Uses or refuses an existing file; it is never changed.
void write_member(const fs::path& path, const std::vector<std::byte>& bytes) {
  if (kind_of(path).empty()) return write_atomic(path, bytes);
  if (kind_of(path) != "a file" || read_bytes(path, Fault::data) != bytes)
    fail(Fault::data, "{}: is there, but is not the published file; move it away to fetch that", path.string());
}

void unpack(const fs::path& path, const FetchFile& file, const fs::path& folder) {
  const auto there = [&](const std::string& member) { return fs::exists(folder / member); };
  if (std::all_of(file.members.begin(), file.members.end(), there)) return;
  const std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(), archive_read_free);
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_tar(reader.get());
  const auto refuse = [&] {
    const char* reason = archive_error_string(reader.get());
    fail(Fault::data, "{}: cannot unpack: {}; delete it and fetch again", path.string(), reason ? reason : "damaged");
  };
  if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 18) != ARCHIVE_OK) refuse();
  archive_entry* entry = nullptr;
  int code = ARCHIVE_OK;
  while ((code = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK) {
    // Only the last component of the name, and only known names: an archive cannot write elsewhere.
    const char* entry_path = archive_entry_pathname(entry);
    const std::string name = entry_path ? fs::path(entry_path).filename().string() : "";
    if (std::find(file.members.begin(), file.members.end(), name) == file.members.end()) continue;
    std::vector<std::byte> bytes(static_cast<size_t>(archive_entry_size(entry)));
    if (archive_read_data(reader.get(), bytes.data(), bytes.size()) != static_cast<la_ssize_t>(bytes.size())) refuse();
    write_member(folder / name, bytes);
  }
  if (code != ARCHIVE_EOF) refuse();
  for (const auto& member : file.members)
    if (!there(member)) fail(Fault::data, "{}: has no {} inside; delete it and fetch again", path.string(), member);
}

/// Never replaces a file that appeared meanwhile.
void put_in_place(const fs::path& part, const fs::path& path) {
  if (::link(part.c_str(), path.c_str()) == 0) {
    ::unlink(part.c_str());
    return;
  }
  // Some file systems have no links.
  if (errno == EEXIST || ::rename(part.c_str(), path.c_str()) != 0) fail_write(path, "put in place", errno);
}

void fetch_archive_or_file(const FetchFile& file, const FetchOptions& options, const fs::path& path) {
  // A fixed name of duet's own, so that the next attempt finds the partial file.
  const fs::path part = path.parent_path() / fmt::format(".{}.duet-part", path.filename().string());
  const std::vector<std::string> servers = options.mirror.empty() ? file.servers : std::vector{options.mirror};
  std::string reasons;
  bool wrong_content = false;
  for (const auto& server : servers) {
    const std::string url = address(server, file.name);
    const Attempt attempt = try_server(url, part, file, options);
    if (attempt.reason.empty()) return put_in_place(part, path);
    reasons += message("\n  {}: {}", url, attempt.reason);
    wrong_content |= attempt.wrong_content;
  }
  fail(wrong_content ? Fault::data : Fault::device,
       "{}: could not be fetched:{}\ncheck the network (proxies are taken from https_proxy), name another server with "
       "--mirror URL, or place the file in {} by hand and run the command again",
       file.name, Lines{reasons}, options.folder.string());
}

}  // namespace

const std::vector<FetchSet>& fetch_sets() {
  static const std::vector<FetchSet> sets{mnist(), fashion_mnist(), cifar10()};
  return sets;
}

void fetch_file(const FetchFile& file, const FetchOptions& options) {
  make_folder(options.folder);
  const fs::path path = options.folder / file.name;
  if (kind_of(path).empty()) {
    fetch_archive_or_file(file, options, path);
  } else if (const std::string wrong = difference(path, file); !wrong.empty()) {
    fail(Fault::data, "{}: is there, but is not the published file: {}; move it away to fetch that", path.string(),
         wrong);
  }
  if (!file.members.empty()) unpack(path, file, options.folder);
}

void fetch(const std::string& name, const FetchOptions& options) {
  std::vector<std::string> names;
  for (const auto& set : fetch_sets()) {
    if (set.name == name) {
      for (const auto& file : set.files) fetch_file(file, options);
      return;
    }
    names.push_back(set.name);
  }
  const std::string nearest = nearest_name(name, names);
  fail(Fault::usage, "data fetch: no data set '{}'; expected one of {}{}", name, fmt::join(names, ", "),
       nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest));
}

}  // namespace duet
