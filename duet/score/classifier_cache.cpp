#include "duet/score/classifier_cache.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/temporary.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"

namespace duet {
namespace {

constexpr std::string_view kMagic = "duet classifier 1\n";
constexpr size_t kDigits = 64;

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::span<const std::byte> as_bytes(const Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.data_ptr()), static_cast<size_t>(tensor.nbytes())};
}

std::string digest(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

void hash_set(Sha256& hash, const Dataset& dataset) {
  const auto& info = dataset.info();
  const auto indices = stratified_indices(info.size, 5'000);
  const nlohmann::json about = {{"shape", {info.shape.channels, info.shape.height, info.shape.width}},
                                {"classes", info.classes},
                                {"size", info.size},
                                {"float", info.element == Element::float32}};
  hash.update(as_bytes(about.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)));
  hash.update(as_bytes(read_examples(dataset, indices)));
  if (const auto labels = read_labels(dataset, indices); labels.defined()) hash.update(as_bytes(labels));
}

nlohmann::json header_of(const Classifier::Parts& parts) {
  return {{"shape", {parts.shape.channels, parts.shape.height, parts.shape.width}},
          {"classes", parts.classes},
          {"mean", parts.mean},
          {"deviation", parts.deviation},
          {"feature_scale", parts.feature_scale},
          {"held_out_accuracy", parts.held_out_accuracy}};
}

Classifier::Parts parts_from(const nlohmann::json& header) {
  Classifier::Parts parts;
  const auto& shape = header.at("shape");
  parts.shape = {shape.at(0), shape.at(1), shape.at(2)};
  parts.classes = header.at("classes").get<std::vector<std::string>>();
  parts.mean = header.at("mean");
  parts.deviation = header.at("deviation");
  parts.feature_scale = header.at("feature_scale");
  parts.held_out_accuracy = header.at("held_out_accuracy");
  return parts;
}

std::filesystem::path from_environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? value : "";
}

void say(const ClassifierOptions& options, const std::string& sentence) {
  if (options.note) options.note(sentence);
}

}  // namespace

std::filesystem::path default_cache_folder() {
  if (const auto folder = from_environment("DUET_CACHE"); !folder.empty()) return folder;
  if (const auto folder = from_environment("XDG_CACHE_HOME"); !folder.empty()) return folder / "duet";
  if (const auto home = from_environment("HOME"); !home.empty()) return home / ".cache" / "duet";
  std::error_code error;
  const auto temporary = std::filesystem::temp_directory_path(error);
  return (error ? "/tmp" : temporary) / "duet-cache";
}

std::string classifier_key(const Dataset& train, const Dataset& held_out, const ClassifierOptions& options) {
  Sha256 hash;
  hash.update(as_bytes(kMagic));
  hash.update(as_bytes(fmt::format("{} {} {:a} {:a} {:a} {} {}", options.examples, options.batch, options.learning_rate,
                                   options.shift, options.dropout, options.pool, options.seed)));
  // 8-bit pictures do not depend on the range of the recipe.
  if (train.info().element == Element::float32)
    hash.update(as_bytes(fmt::format("{:a} {:a}", options.range.low, options.range.high)));
  hash_set(hash, train);
  hash_set(hash, held_out);
  return hash.hex();
}

std::vector<std::byte> pack_classifier(const Classifier& classifier) {
  const auto& parts = classifier.parts();
  std::string body = header_of(parts).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
  for (const auto& weight : parts.weights)
    body.append(static_cast<const char*>(weight.data_ptr()), static_cast<size_t>(weight.nbytes()));
  const std::string text = std::string(kMagic) + digest(as_bytes(body)) + "\n" + body;
  const auto bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

Classifier unpack_classifier(std::span<const std::byte> bytes, const std::string& place) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const size_t body_at = kMagic.size() + kDigits + 1;
  if (text.size() <= body_at || !text.starts_with(kMagic))
    fail(Fault::checkpoint, "{}: {} bytes that are not a duet classifier; delete the file, and it is trained again",
         place, text.size());
  if (text.substr(kMagic.size(), kDigits) != digest(bytes.subspan(body_at)))
    fail(Fault::checkpoint, "{}: the checksum does not match its {} bytes; delete the file, and it is trained again",
         place, text.size());
  const auto body = text.substr(body_at);
  const auto line = body.substr(0, body.find('\n'));
  auto parts = parts_from(nlohmann::json::parse(line));
  auto generator = make_generator(0);
  parts.weights = initial_classifier_weights(parts.shape, static_cast<int64_t>(parts.classes.size()), generator);
  size_t at = line.size() + 1;
  for (auto& weight : parts.weights) {
    if (body.size() - at < weight.nbytes())
      fail(Fault::checkpoint, "{}: ends inside the weights; it was written by another version: delete it", place);
    std::memcpy(weight.data_ptr(), body.data() + at, weight.nbytes());
    at += weight.nbytes();
  }
  return Classifier(std::move(parts));
}

Classifier cached_classifier(const Dataset& train, const Dataset& held_out, const ClassifierOptions& options,
                             const std::filesystem::path& folder) {
  const auto place = (folder.empty() ? default_cache_folder() : folder) /
                     ("classifier-" + classifier_key(train, held_out, options) + ".bin");
  std::error_code ignored;
  if (std::filesystem::exists(place, ignored)) try {
      return unpack_classifier(read_bytes(place, Fault::checkpoint), place.string());
    } catch (const std::exception& error) {
      say(options, fmt::format("the cached classifier cannot be used and is trained again ({})", error.what()));
    }
  auto classifier = train_classifier(train, held_out, options);
  try {
    make_folder(place.parent_path());
    remove_leftovers(place.parent_path(), "classifier-");
    write_atomic(place, pack_classifier(classifier));
  } catch (const Error& error) {
    say(options, fmt::format("the classifier could not be cached ({})", error.what()));
  }
  return classifier;
}

}  // namespace duet
