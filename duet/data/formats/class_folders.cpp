#include "duet/data/formats/class_folders.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

#include "duet/core/error.h"
#include "duet/core/names.h"
#include "duet/picture/image.h"

namespace duet {
namespace {

constexpr std::array<std::string_view, 4> kTestFolders = {"test", "val", "valid", "validation"};

/// The folder directly below `prefix`, or "" for a file that is there itself.
std::string first_folder(std::string_view name, std::string_view prefix) {
  const std::string_view rest = name.substr(prefix.size());
  const size_t slash = rest.find('/');
  return slash == std::string_view::npos ? "" : std::string(rest.substr(0, slash));
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// "7" before "10"; leading zeros do not count, and names of any length are compared.
bool number_less(const std::string& a, const std::string& b) {
  const auto digits = [](const std::string& text) {
    return text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
  };
  const std::string left = digits(a), right = digits(b);
  if (left.size() != right.size()) return left.size() < right.size();
  return left != right ? left < right : a < b;
}

std::vector<std::string> class_names(const FoundFiles& found, const std::string& prefix) {
  std::set<std::string> names;
  for (const auto& name : found.images)
    if (name.starts_with(prefix)) names.insert(first_folder(name, prefix));
  for (const auto& name : found.folders)
    if (name.starts_with(prefix) && name.size() > prefix.size()) names.insert(first_folder(name + "/", prefix));
  names.erase("");
  std::vector<std::string> sorted(names.begin(), names.end());
  if (std::all_of(sorted.begin(), sorted.end(), is_number)) std::sort(sorted.begin(), sorted.end(), number_less);
  return sorted;
}

/// The folders directly below `prefix` with pictures; contains "" when pictures are there themselves.
std::set<std::string> image_folders(const FoundFiles& found, const std::string& prefix) {
  std::set<std::string> names;
  for (const auto& name : found.images)
    if (name.starts_with(prefix)) names.insert(first_folder(name, prefix));
  return names;
}

bool is_split(const std::set<std::string>& folders) {
  const auto known = [](const std::string& name) {
    return name == "train" || std::find(kTestFolders.begin(), kTestFolders.end(), name) != kTestFolders.end();
  };
  return folders.contains("train") && std::all_of(folders.begin(), folders.end(), known);
}

[[noreturn]] void fail_empty(const FoundFiles& found, const std::string& place) {
  const auto& others = found.left_out.endings;
  fail(Fault::data, "{}: holds no pictures (found {}); expected {} files, or one folder of them per class; {}", place,
       others.empty() ? "no files" : "only " + describe_endings(others), kPictureFormats,
       found.left_out.pictures() > 0 ? "convert them, for instance to PNG" : "check the path");
}

[[noreturn]] void fail_mixed(const FoundFiles& found, const std::vector<size_t>& files, const std::string& prefix,
                             const std::string& place) {
  std::vector<std::string> loose;
  for (const size_t file : files)
    if (first_folder(found.images[file], prefix).empty()) loose.push_back(found.images[file]);
  fail(Fault::data,
       "{}: found pictures both beside folders ({}, such as {}) and inside them ({}); expected pictures only, or one "
       "folder per class; move or remove the former",
       place, loose.size(), loose.front(), files.size() - loose.size());
}

/// Recipes, JSON and checkpoints can hold only UTF-8.
void escape_names(std::vector<std::string>& classes, const std::string& place) {
  for (size_t i = 0; i < classes.size(); ++i) {
    if (is_utf8(classes[i])) continue;
    const std::string name = utf8_escaped(classes[i]);
    if (std::find(classes.begin(), classes.end(), name) != classes.end())
      fail(Fault::data,
           "{}: two class folders cannot be told apart: one is named {}, the other has bytes that are not UTF-8, shown "
           "escaped; expected names in UTF-8; rename one",
           place, name);
    classes[i] = name;
  }
}

/// Converts a test part to the training part's labels.
void adopt_labels(ClassedFiles& test, const ClassedFiles& train, const std::string& place) {
  std::vector<int64_t> labels;
  for (const auto& name : test.classes) {
    const auto at = std::find(train.classes.begin(), train.classes.end(), name);
    if (at == train.classes.end())
      fail(Fault::data,
           "{}: the test part has a class '{}' that the training part lacks; expected the same class folders in both; "
           "rename or remove it",
           place, name);
    labels.push_back(at - train.classes.begin());
  }
  for (int64_t& label : test.labels) label = labels[static_cast<size_t>(label)];
  if (!test.classes.empty()) test.classes = train.classes;
}

}  // namespace

bool is_hidden_name(std::string_view name) {
  const std::string from_root = "/" + std::string(name);
  return from_root.find("/.") != std::string::npos || (from_root + "/").find("/__MACOSX/") != std::string::npos;
}

ClassedFiles sort_into_classes(const FoundFiles& found, const std::string& prefix, const std::string& place) {
  ClassedFiles sorted;
  for (size_t i = 0; i < found.images.size(); ++i)
    if (found.images[i].starts_with(prefix)) sorted.files.push_back(i);
  if (sorted.files.empty()) fail_empty(found, place);
  std::sort(sorted.files.begin(), sorted.files.end(),
            [&](size_t a, size_t b) { return found.images[a] < found.images[b]; });
  const std::set<std::string> folders = image_folders(found, prefix);
  if (folders == std::set<std::string>{""}) return sorted;
  if (folders.contains("")) fail_mixed(found, sorted.files, prefix, place);
  sorted.classes = class_names(found, prefix);
  std::map<std::string, int64_t> label_of;
  for (size_t i = 0; i < sorted.classes.size(); ++i) label_of[sorted.classes[i]] = static_cast<int64_t>(i);
  for (const size_t file : sorted.files) sorted.labels.push_back(label_of.at(first_folder(found.images[file], prefix)));
  escape_names(sorted.classes, place);
  return sorted;
}

Parts sort_into_parts(const FoundFiles& found, TopFolder top, const std::string& place) {
  std::string prefix;
  std::set<std::string> folders = image_folders(found, prefix);
  if (top == TopFolder::strip && folders.size() == 1 && !folders.contains("") && !folders.contains("train")) {
    prefix = *folders.begin() + "/";
    folders = image_folders(found, prefix);
  }
  if (!is_split(folders)) return {sort_into_classes(found, prefix, place), {}};
  Parts parts{sort_into_classes(found, prefix + "train/", place), {}};
  for (const std::string_view name : kTestFolders) {
    if (!folders.contains(std::string(name))) continue;
    parts.test = sort_into_classes(found, prefix + std::string(name) + "/", place);
    adopt_labels(*parts.test, parts.train, place);
    break;
  }
  return parts;
}

}  // namespace duet
