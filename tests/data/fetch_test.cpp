#include "duet/data/fetch.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "duet/core/files.h"
#include "duet/core/random.h"
#include "duet/data/checksum.h"
#include "duet/data/formats/gzip.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"
#include "tests/data/loopback_server.h"

namespace duet {
namespace {

namespace fs = std::filesystem;

std::string noise(size_t size, uint64_t seed = 1) {
  Random random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.bits());
  return bytes;
}

std::string sha256(const std::string& content) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(content.data(), content.size())));
  return "sha256:" + hash.hex();
}

class Fetch : public testing::Test {
 protected:
  // A proxy of the machine must not stand between the test and its own server.
  void SetUp() override { ::setenv("no_proxy", "127.0.0.1", 1); }

  FetchFile file_of(const std::string& content, std::vector<std::string> servers) {
    return {"set.bin", static_cast<int64_t>(content.size()), sha256(content), std::move(servers), {}};
  }
  std::string content_at(const std::string& name) { return read_text(folder_ / name, Fault::data); }

  FreshFolder folder_;
  FetchOptions options_{folder_ / "data", "", {}};
};

TEST_F(Fetch, DownloadsAFileAndKeepsItTheNextTime) {
  const std::string content = noise(300'000);
  LoopbackServer server({{"/a/set.bin", content}}, {});
  int64_t last_done = 0, last_total = 0;
  options_.progress = [&](const std::string& name, int64_t done, int64_t total) {
    EXPECT_EQ(name, "set.bin");
    EXPECT_GE(done, last_done);
    last_done = done;
    last_total = total;
  };
  const FetchFile file = file_of(content, {server.url() + "/a/"});
  fetch_file(file, options_);
  EXPECT_TRUE(content_at("data/set.bin") == content);
  EXPECT_FALSE(fs::exists(folder_ / "data/.set.bin.duet-part"));
  EXPECT_EQ(last_done, 300'000);
  EXPECT_EQ(last_total, 300'000);
  fetch_file(file, options_);
  EXPECT_EQ(server.ranges().size(), 1u);
}

TEST_F(Fetch, GoesOnWhereABrokenDownloadEnded) {
  const std::string content = noise(500'000);
  LoopbackServer server({{"/set.bin", content}}, {.break_after = 200'000});
  const FetchFile file = file_of(content, {server.url()});
  const std::string text = error_of([&] { fetch_file(file, options_); }, Fault::device);
  EXPECT_NE(text.find("300000 bytes"), std::string::npos) << text;  // libcurl's words, of each version other ones
  EXPECT_EQ(fs::file_size(folder_ / "data/.set.bin.duet-part"), 200'000u);
  fetch_file(file, options_);
  EXPECT_TRUE(content_at("data/set.bin") == content);
  EXPECT_EQ(server.ranges(), (std::vector<std::string>{"", "bytes=200000-"}));
}

TEST_F(Fetch, StartsAgainWhereTheServerKnowsNoRanges) {
  const std::string content = noise(100'000);
  LoopbackServer server({{"/set.bin", content}}, {.ranges = false});
  make_folder(options_.folder);
  put_file(folder_ / "data/.set.bin.duet-part", content.substr(0, 40'000));
  fetch_file(file_of(content, {server.url()}), options_);
  EXPECT_TRUE(content_at("data/set.bin") == content);
}

TEST_F(Fetch, DropsABeginningThatBelongsToAnotherFile) {
  const std::string content = noise(100'000);
  LoopbackServer server({{"/set.bin", content}}, {});
  make_folder(options_.folder);
  put_file(folder_ / "data/.set.bin.duet-part", noise(40'000, 2));
  fetch_file(file_of(content, {server.url()}), options_);
  EXPECT_TRUE(content_at("data/set.bin") == content);
  EXPECT_EQ(server.ranges(), (std::vector<std::string>{"bytes=40000-", ""}));
}

TEST_F(Fetch, TakesACompletePartWithoutAskingAgain) {
  const std::string content = noise(1000);
  make_folder(options_.folder);
  put_file(folder_ / "data/.set.bin.duet-part", content);
  fetch_file(file_of(content, {"http://127.0.0.1:1/"}), options_);
  EXPECT_TRUE(content_at("data/set.bin") == content);
  // Of a file without a known size only the server can say that nothing is missing.
  LoopbackServer server({{"/other.bin", content}}, {});
  put_file(folder_ / "data/.other.bin.duet-part", content);
  fetch_file({"other.bin", 0, sha256(content), {server.url()}, {}}, options_);
  EXPECT_TRUE(content_at("data/other.bin") == content);
}

TEST_F(Fetch, TouchesNoFileOfSomebodyElse) {
  const std::string content = noise(1000);
  LoopbackServer server({{"/set.bin", content}}, {});
  make_folder(options_.folder);
  put_file(folder_ / "precious", "my only copy");
  // A browser's half of something, and a link where duet would put its own.
  put_file(folder_ / "data/set.bin.part", "my only copy");
  fs::create_symlink(folder_ / "precious", folder_ / "data/.set.bin.duet-part");
  const auto refused = error_of([&] { fetch_file(file_of(content, {server.url()}), options_); }, Fault::device);
  EXPECT_NE(refused.find(".set.bin.duet-part: cannot write: Too many levels of symbolic links"), std::string::npos)
      << refused;
  fs::remove(folder_ / "data/.set.bin.duet-part");
  fetch_file(file_of(content, {server.url()}), options_);
  EXPECT_TRUE(content_at("data/set.bin") == content);
  EXPECT_EQ(content_at("data/set.bin.part"), "my only copy");
  EXPECT_EQ(content_at("precious"), "my only copy");
}

TEST_F(Fetch, RefusesAnotherContentNamingBothChecksums) {
  const std::string content = noise(1000), other = noise(1000, 2);
  LoopbackServer server({{"/set.bin", other}}, {});
  const std::string text = error_of([&] { fetch_file(file_of(content, {server.url()}), options_); });
  EXPECT_NE(text.find(server.url() + "/set.bin: checksum " + sha256(other) + ", expected " + sha256(content)),
            std::string::npos)
      << text;
  EXPECT_FALSE(fs::exists(folder_ / "data/.set.bin.duet-part"));
  EXPECT_FALSE(fs::exists(folder_ / "data/set.bin"));
}

TEST_F(Fetch, StopsAContentThatIsTooLongAndTakesTheNextServer) {
  const std::string content = noise(1000);
  LoopbackServer wrong({{"/set.bin", noise(5'000'000)}}, {}), right({{"/set.bin", content}}, {});
  fetch_file(file_of(content, {wrong.url(), right.url()}), options_);
  EXPECT_TRUE(content_at("data/set.bin") == content);
}

TEST_F(Fetch, NamesEveryAddressAndReasonWhenNoServerAnswers) {
  std::string gone;
  {
    LoopbackServer server({}, {});
    gone = server.url();
  }
  LoopbackServer empty({}, {});
  const std::string text =
      error_of([&] { fetch_file(file_of("x", {gone, empty.url() + "/sets"}), options_); }, Fault::device);
  EXPECT_NE(text.find(gone + "/set.bin: Failed to connect to 127.0.0.1"), std::string::npos) << text;
  EXPECT_NE(text.find(empty.url() + "/sets/set.bin: The requested URL returned error: 404"), std::string::npos) << text;
  EXPECT_TRUE(fs::is_empty(options_.folder));
  EXPECT_NE(text.find("--mirror URL, or place the file in " + options_.folder.string()), std::string::npos) << text;
}

TEST_F(Fetch, AsksOnlyTheMirrorWhereOneIsGiven) {
  const std::string content = noise(1000);
  LoopbackServer published({{"/set.bin", content}}, {}), mirror({{"/m/set.bin", content}}, {});
  options_.mirror = mirror.url() + "/m";
  fetch_file(file_of(content, {published.url()}), options_);
  EXPECT_TRUE(published.ranges().empty());
  EXPECT_EQ(mirror.ranges().size(), 1u);
}

TEST_F(Fetch, RefusesToReplaceAnotherFileOfThatName) {
  make_folder(options_.folder);
  put_file(folder_ / "data/set.bin", "mine");
  const std::string text = error_of([&] { fetch_file(file_of("their", {"http://127.0.0.1:1"}), options_); });
  EXPECT_NE(text.find("is there, but is not the published file: 4 bytes, expected 5; move it away"), std::string::npos)
      << text;
  EXPECT_EQ(content_at("data/set.bin"), "mine");
}

TEST_F(Fetch, ChecksTheContentOfAFileThatServersCompressDifferently) {
  const std::string content(100'000, 'a');
  const auto packed = gzip(std::as_bytes(std::span(content.data(), content.size())));
  const std::string compressed(reinterpret_cast<const char*>(packed.data()), packed.size());
  LoopbackServer server({{"/a.gz", compressed}, {"/b.gz", compressed.substr(0, 50)}, {"/c.gz", "<html>"}}, {});
  const std::string checksum = "gunzip-" + sha256(content);
  fetch_file({"a.gz", 0, checksum, {server.url()}, {}}, options_);
  EXPECT_TRUE(fs::exists(folder_ / "data/a.gz"));
  for (const char* name : {"b.gz", "c.gz"}) {
    const std::string text = error_of([&] { fetch_file({name, 0, checksum, {server.url()}, {}}, options_); });
    EXPECT_NE(text.find("expected " + checksum), std::string::npos) << text;
    EXPECT_FALSE(fs::exists(folder_ / "data" / name));
  }
}

std::string tar_gz(const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<char> buffer(1 << 20);
  size_t used = 0;
  archive* tar = archive_write_new();
  archive_write_add_filter_gzip(tar);
  archive_write_set_format_ustar(tar);
  archive_write_open_memory(tar, buffer.data(), buffer.size(), &used);
  for (const auto& [name, content] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(tar, entry);
    archive_write_data(tar, content.data(), content.size());
    archive_entry_free(entry);
  }
  archive_write_free(tar);
  return {buffer.data(), used};
}

TEST_F(Fetch, UnpacksTheKnownMembersOfAnArchiveAndNothingElse) {
  const std::string content =
      tar_gz({{"inner/one.bin", "first"}, {"../../escape.bin", "no"}, {"inner/two.bin", "2nd"}});
  LoopbackServer server({{"/set.bin", content}}, {});
  FetchFile file = file_of(content, {server.url()});
  file.members = {"one.bin", "two.bin"};
  fetch_file(file, options_);
  EXPECT_EQ(content_at("data/one.bin"), "first");
  EXPECT_EQ(content_at("data/two.bin"), "2nd");
  EXPECT_FALSE(fs::exists(folder_ / "data/escape.bin"));
  EXPECT_FALSE(fs::exists(folder_ / "escape.bin"));
  file.members.push_back("three.bin");
  EXPECT_NE(error_of([&] { fetch_file(file, options_); }).find("has no three.bin inside"), std::string::npos);
}

TEST_F(Fetch, ComputesEveryFormOfChecksum) {
  put_file(folder_ / "abc", "abc");
  EXPECT_EQ(checksum_like("md5:", folder_ / "abc"), "md5:900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(checksum_like("sha256:", folder_ / "abc"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(Fetch, KnowsThePublishedMnist) {
  const fs::path mnist = real_data() / "mnist";
  if (!fs::exists(mnist)) GTEST_SKIP() << "no " << mnist << "; set DUET_DATA to a folder that holds mnist";
  // The real files are there and right, so nothing is asked of the server that does not exist.
  fs::copy(mnist, options_.folder);
  options_.mirror = "http://127.0.0.1:1";
  fetch("mnist", options_);
}

TEST_F(Fetch, ListsSetsWithWellFormedChecksums) {
  for (const auto& set : fetch_sets())
    for (const auto& file : set.files) {
      const size_t colon = file.checksum.find(':');
      EXPECT_EQ(file.checksum.size() - colon - 1, 64u) << file.name;
      EXPECT_EQ(file.checksum.find_first_not_of("0123456789abcdef", colon + 1), std::string::npos) << file.name;
      EXPECT_GE(file.servers.size(), 2u) << file.name;
    }
}

TEST_F(Fetch, SuggestsTheNearestSetForAnUnknownName) {
  EXPECT_EQ(error_of([&] { fetch("minst", options_); }, Fault::usage),
            "data fetch: no data set 'minst'; expected one of mnist, fashion-mnist, cifar10; did you mean mnist?");
}

}  // namespace
}  // namespace duet
