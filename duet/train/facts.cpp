#include "duet/train/facts.h"

#include <cmath>
#include <limits>

#include "duet/config/toml.h"
#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/grouped.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"

namespace duet {
namespace {

/// Maximum size of an example: more than any network takes, and small enough that no product of sizes overflows.
constexpr int64_t kMostNumbers = int64_t{1} << 26;

/// Reads values of a JSON object, with the place of each for messages.
class Reader {
 public:
  Reader(const nlohmann::json& object, std::string place) : object_(object), place_(std::move(place)) {
    if (!object_.is_object()) refuse("", object_, "an object {...}");
  }

  bool has(const char* key) const { return object_.contains(key); }

  const nlohmann::json& at(const char* key) const {
    const auto found = object_.find(key);
    if (found == object_.end())
      fail(Fault::checkpoint, "{}: damaged: has no \"{}\"; restore the file, for instance from a copy of the run",
           place_, key);
    return *found;
  }

  int64_t whole(const char* key, const nlohmann::json& value, int64_t low) const {
    const bool fits = value.is_number_unsigned() ? value.get<uint64_t>() <= static_cast<uint64_t>(kMostWhole)
                                                 : value.is_number_integer() && value.get<int64_t>() <= kMostWhole;
    if (!fits || value.get<int64_t>() < low) refuse(key, value, fmt::format("a whole number of at least {}", low));
    return value.get<int64_t>();
  }

  std::string text(const char* key, const nlohmann::json& value) const {
    if (!value.is_string()) refuse(key, value, "a text");
    return value.get<std::string>();
  }

  const nlohmann::json& list(const char* key) const {
    const auto& value = at(key);
    if (!value.is_array()) refuse(key, value, "a list [...]");
    return value;
  }

  const nlohmann::json& object(const char* key) const {
    const auto& value = at(key);
    if (!value.is_object()) refuse(key, value, "an object {...}");
    return value;
  }

  [[noreturn]] void refuse(const std::string& key, const nlohmann::json& value, const std::string& expected) const {
    constexpr size_t kMost = 60;
    auto shown = value.dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::json::error_handler_t::replace);
    if (shown.size() > kMost) shown = shown.substr(0, kMost) + "...";
    fail(Fault::checkpoint,
         "{}{}{}: damaged: is {}; expected {}; restore the file, for instance from a copy of the run", place_,
         key.empty() ? "" : ".", key, shown, expected);
  }

 private:
  static constexpr int64_t kMostWhole = int64_t{1} << 53;
  const nlohmann::json& object_;
  std::string place_;
};

Shape shape_from(const Reader& reader) {
  const auto& list = reader.list("shape");
  if (list.size() != 3) reader.refuse("shape", list, "three whole numbers: channels, height, width");
  int64_t sizes[3], numbers = 1;
  for (size_t i = 0; i < 3; ++i) {
    sizes[i] = reader.whole("shape", list[i], 1);
    if (sizes[i] > kMostNumbers / numbers)
      reader.refuse("shape", list, fmt::format("at most {} numbers", grouped(kMostNumbers)));
    numbers *= sizes[i];
  }
  return {sizes[0], sizes[1], sizes[2]};
}

std::vector<double> shares_from(const Reader& reader, size_t classes) {
  const auto& list = reader.list("class_share");
  if (list.size() != classes)
    reader.refuse("class_share", list, fmt::format("as many numbers as there are classes, {}", classes));
  std::vector<double> shares;
  double sum = 0;
  for (const auto& share : list) {
    if (!share.is_number() || !(share.get<double>() >= 0 && share.get<double>() <= 1))
      reader.refuse("class_share", share, "a number from 0 to 1");
    sum += shares.emplace_back(share.get<double>());
  }
  if (classes > 0 && std::abs(sum - 1) > 1e-3)
    reader.refuse("class_share", list, fmt::format("numbers whose sum is 1, not {:g}", sum));
  return shares;
}

std::vector<std::string> columns_from(const Reader& reader, const Shape& shape) {
  const auto& list = reader.list("columns");
  if (static_cast<int64_t>(list.size()) != shape.numel())
    reader.refuse("columns", list, fmt::format("as many names as an example has numbers, {}", shape.numel()));
  std::vector<std::string> columns;
  for (const auto& name : list) columns.push_back(reader.text("columns", name));
  return columns;
}

ColumnScale scale_from(const nlohmann::json& json, const Shape& shape, const std::string& place) {
  const Reader reader(json, place);
  const auto numbers = [&](const char* key, double low) {
    const auto& list = reader.list(key);
    if (static_cast<int64_t>(list.size()) != shape.numel())
      reader.refuse(key, list, fmt::format("as many numbers as an example has, {}", shape.numel()));
    std::vector<double> all;
    for (const auto& number : list) {
      if (!number.is_number() || !(number.get<double>() >= low) || !std::isfinite(number.get<double>()))
        reader.refuse(key, number, low < 0 ? "a number" : "a number of at least 0");
      all.push_back(number.get<double>());
    }
    return all;
  };
  return {numbers("mean", -std::numeric_limits<double>::max()), numbers("deviation", 0)};
}

std::string joined(const std::vector<std::string>& names) {
  return names.empty() ? "(none)" : fmt::format("{}", fmt::join(names, ", "));
}

std::string class_difference(const std::vector<std::string>& then, const std::vector<std::string>& now) {
  constexpr size_t kFew = 12;
  if (std::max(then.size(), now.size()) <= kFew) return fmt::format("classes: {} -> {}", joined(then), joined(now));
  if (then.size() != now.size()) return fmt::format("classes: {} -> {}", then.size(), now.size());
  const auto [before, after] = std::mismatch(then.begin(), then.end(), now.begin());
  return fmt::format("class {}: {} -> {}, and perhaps others after it", before - then.begin(), *before, *after);
}

}  // namespace

nlohmann::ordered_json to_json(const DataFacts& facts) {
  nlohmann::ordered_json json = {{"shape", {facts.shape.channels, facts.shape.height, facts.shape.width}},
                                 {"pictures", facts.pictures},
                                 {"classes", facts.classes},
                                 {"class_share", facts.class_share}};
  if (facts.examples > 0) json["examples"] = facts.examples;
  if (!facts.content.empty()) json["content"] = facts.content;
  if (!facts.columns.empty()) json["columns"] = facts.columns;
  for (const auto& [name, further] : facts.streams) json["streams"][name] = to_json(further);
  if (!facts.scale.empty()) json["scale"] = {{"mean", facts.scale.mean}, {"deviation", facts.scale.deviation}};
  return json;
}

void check_names(const DataFacts& facts, const std::string& place) {
  for (const auto& name : facts.classes)
    if (!can_be_quoted(name))
      fail(Fault::data, "{}: the name of class '{}' is not UTF-8, which a run's files require; rename it", place, name);
  for (const auto& [name, further] : facts.streams) check_names(further, fmt::format("{}: stream.{}", place, name));
}

DataFacts facts_from(const nlohmann::json& json, const std::string& place) {
  const Reader reader(json, place);
  for (const char* key : {"spec", "place"})  // read by the run folder
    if (reader.has(key)) reader.text(key, reader.at(key));
  DataFacts facts;
  facts.shape = shape_from(reader);
  if (!reader.at("pictures").is_boolean()) reader.refuse("pictures", reader.at("pictures"), "true or false");
  facts.pictures = reader.at("pictures").get<bool>();
  for (const auto& name : reader.list("classes")) facts.classes.push_back(reader.text("classes", name));
  facts.class_share = shares_from(reader, facts.classes.size());
  if (reader.has("examples")) facts.examples = reader.whole("examples", reader.at("examples"), 1);
  if (reader.has("content")) facts.content = reader.text("content", reader.at("content"));
  if (reader.has("columns")) facts.columns = columns_from(reader, facts.shape);
  if (reader.has("scale")) facts.scale = scale_from(reader.at("scale"), facts.shape, place + ".scale");
  if (reader.has("streams"))
    for (const auto& [name, further] : reader.object("streams").items())
      facts.streams.emplace(name, facts_from(further, fmt::format("{}.streams.{}", place, name)));
  return facts;
}

void scale_as_begun(DataFacts& facts, const DataFacts& begun) {
  facts.scale = begun.scale;
  for (auto& [name, further] : facts.streams)
    if (const auto then = begun.streams.find(name); then != begun.streams.end()) further.scale = then->second.scale;
}

std::string content_of(const Dataset& dataset) {
  constexpr int64_t kSome = 32;
  constexpr size_t kLetters = 16;
  if (dataset.info().endless) return "";
  const auto indices = stratified_indices(dataset.info().size, kSome);
  const auto examples = read_examples(dataset, indices).contiguous();
  Sha256 hash;
  hash.update({static_cast<const std::byte*>(examples.data_ptr()), examples.nbytes()});
  for (const auto index : indices) {
    const auto label = dataset.label(index);
    hash.update(std::as_bytes(std::span(&label, 1)));
  }
  return hash.hex().substr(0, kLetters);
}

namespace {

std::vector<std::string> own_differences(const DataFacts& then, const DataFacts& now) {
  std::vector<std::string> found;
  if (then.shape != now.shape)
    found.push_back(fmt::format("shape: {} -> {}", to_string(then.shape), to_string(now.shape)));
  if (then.pictures != now.pictures)
    found.push_back(
        fmt::format("kind: {} -> {}", then.pictures ? "pictures" : "numbers", now.pictures ? "pictures" : "numbers"));
  if (then.classes != now.classes) found.push_back(class_difference(then.classes, now.classes));
  if (then.examples > 0 && then.examples != now.examples)
    found.push_back(fmt::format("examples to train on: {} -> {}", grouped(then.examples),
                                now.examples > 0 ? grouped(now.examples) : "endless"));
  if (!found.empty()) return found;
  const auto near = [](double a, double b) { return std::abs(a - b) < 1e-9; };
  if (!std::equal(then.class_share.begin(), then.class_share.end(), now.class_share.begin(), near))
    found.emplace_back("labels: some classes occur more or less often than they did");
  else if (!then.content.empty() && then.content != now.content)
    found.emplace_back("content: as many examples of the same classes, but other ones, or read otherwise");
  return found;
}

}  // namespace

std::vector<std::string> differences(const DataFacts& then, const DataFacts& now) {
  auto found = own_differences(then, now);
  for (const auto& [name, further] : now.streams)
    if (const auto known = then.streams.find(name); known != then.streams.end())
      for (const auto& line : differences(known->second, further))
        found.push_back(fmt::format("stream.{}: {}", name, line));
  return found;
}

}  // namespace duet
