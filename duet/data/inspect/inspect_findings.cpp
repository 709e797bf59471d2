#include "duet/data/inspect/inspect_findings.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>

#include "duet/core/error.h"
#include "duet/core/shell.h"
#include "duet/data/formats/idx.h"
#include "duet/data/formats/image_set.h"
#include "duet/data/open.h"

namespace duet {
namespace {

constexpr int64_t kFew = 500;
constexpr double kImbalance = 20;

using Findings = std::vector<Finding>;

std::string first_of(const Faulty& named) { return named.names.empty() ? "." : ". First: " + named.names.front(); }

/// Folders directly inside the class folder `name` that contain pictures; these are probably the classes.
std::vector<std::string> inner_folders(const ImageSet& images, const std::string& name) {
  std::set<std::string> inner;
  const std::string inside = "/" + name + "/";
  for (int64_t index = 0; index < images.info().size; ++index) {
    const std::string file = "/" + images.name(index);
    const size_t at = file.find(inside);
    if (at == std::string::npos) continue;
    const size_t start = at + inside.size(), slash = file.find('/', start);
    if (slash != std::string::npos) inner.insert(file.substr(start, slash - start));
  }
  return {inner.begin(), inner.end()};
}

/// A path for the user to pass, always in quotes.
std::string in_quotes(const std::string& path) {
  const auto quoted = shell_quoted(path);
  return quoted == path ? "'" + path + "'" : quoted;
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr size_t kSome = 3;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kSome); ++i) text += (i ? ", " : "") + names[i];
  return names.size() > kSome ? text + ", ..." : text;
}

/// A single class folder: the level above or below was meant.
Finding wrong_level(const PartInspection& part, const Dataset& data) {
  const std::string name = part.info.classes.front();
  const auto* images = dynamic_cast<const ImageSet*>(&data);
  const std::vector<std::string> inner = images ? inner_folders(*images, name) : std::vector<std::string>{};
  const bool folder = part.info.format == "folder";
  const std::string below = in_quotes(folder ? part.info.name + "/" + name : "the content of " + name);
  if (!inner.empty())
    return {"one_class", fmt::format("Wrong folder level? There is one class folder, '{}', and the folders inside it "
                                     "({}) count as one class. {} {} if those are the classes.",
                                     name, some_of(inner), folder ? "Pass" : "Pack only", below)};
  return {"one_class", fmt::format("Wrong folder level? There is one class folder, '{}', so every label is the same. "
                                   "{} {} for pictures without labels, or add a folder per class.",
                                   name, folder ? "Pass" : "Pack only", below)};
}

/// Class folders that all contain several folders of pictures are probably separate data sets.
void find_sets_as_classes(const PartInspection& part, const Dataset& data, Findings& findings) {
  const auto* images = dynamic_cast<const ImageSet*>(&data);
  if (!images) return;
  std::map<std::string, std::set<std::string>> inner;
  for (int64_t index = 0; index < images->info().size; ++index) {
    const auto path = std::filesystem::path(images->name(index)).parent_path();
    // The class, and the folder below it that would be a class.
    const auto label = images->label(index);
    const auto& name = images->info().classes[static_cast<size_t>(label)];
    const auto at = std::find(path.begin(), path.end(), name);
    if (at == path.end() || std::next(at) == path.end()) return;
    inner[name].insert(std::next(at)->string());
  }
  for (const auto& [name, folders] : inner)
    if (folders.size() < 2) return;
  const auto& [name, folders] = *inner.begin();
  const bool folder = part.info.format == "folder";
  findings.push_back(
      {"inner_sets",
       fmt::format("Wrong folder level? Each of the {} class folders holds folders of pictures itself ('{}' holds {}), "
                   "as sets with classes of their own do; here each counts as one class. If each is a set, {} one of "
                   "them, such as {}.",
                   inner.size(), name, some_of({folders.begin(), folders.end()}), folder ? "pass" : "pack only",
                   in_quotes(folder ? part.info.name + "/" + name : name))});
}

void find_class_mistakes(const PartInspection& part, const Dataset& data, bool training, Findings& findings) {
  if (part.info.classes.empty() || part.examined == 0) return;
  if (part.info.classes.size() == 1) {
    findings.push_back(wrong_level(part, data));
    return;
  }
  if (training) find_sets_as_classes(part, data, findings);
  std::vector<std::string> empty;
  int64_t smallest = part.examined, largest = 0;
  size_t small_class = 0, large_class = 0;
  for (size_t i = 0; i < part.class_sizes.size(); ++i) {
    const int64_t size = part.class_sizes[i];
    if (size == 0) empty.push_back(part.info.classes[i]);
    if (size > 0 && size <= smallest) smallest = size, small_class = i;
    if (size > largest) largest = size, large_class = i;
  }
  const char* name = training ? "training" : "test";
  if (empty.size() + 1 == part.class_sizes.size())
    findings.push_back({"one_class", fmt::format("All {} examples have the label '{}' although {} classes are named. "
                                                 "Check the labels, or that the other classes' files are there.",
                                                 name, part.info.classes[large_class], part.info.classes.size())});
  else if (!empty.empty() && training && !part.info.endless)
    findings.push_back({"empty_class", fmt::format("Classes without examples: {} of {} ({}). A generator cannot learn "
                                                   "them; remove the folders or add pictures.",
                                                   empty.size(), part.info.classes.size(), some_of(empty))});
  if (training && largest > kImbalance * static_cast<double>(smallest))
    findings.push_back({"imbalance", fmt::format("Classes are uneven: '{}' has {} examples, '{}' only {}. The small "
                                                 "ones will be learned poorly; add examples, or train without labels.",
                                                 part.info.classes[large_class], grouped(largest),
                                                 part.info.classes[small_class], grouped(smallest))});
}

/// IDX has its labels in a separate file, which is easily forgotten.
void find_missing_labels(const PartInspection& part, const Dataset& data, bool training, Findings& findings) {
  const bool labelled =
      std::any_of(part.class_sizes.begin(), part.class_sizes.end(), [](int64_t size) { return size > 0; });
  if (part.info.format != "idx" || labelled || part.examined == 0) return;
  const std::string place = data.where(0), images = place.substr(0, place.rfind('['));
  const std::string labels = idx_labels_name(images);
  const std::string missing =
      labels.empty() ? fmt::format("{} is not named like an IDX file, so no labels file belongs to it", images)
                     : fmt::format("{} (or the same with .gz) is not beside {}", labels, images);
  const char* lost = training ? "no conditional recipe can be trained and no score tells classes apart"
                              : "no score tells classes apart (score.features = random does without)";
  findings.push_back({"no_labels", fmt::format("The {} part has no labels: {}. Without them {}. Put the file there if "
                                               "you want that.",
                                               training ? "training" : "test", missing, lost)});
}

/// Sets in another format inside a folder of pictures: the folder is too high, or they are leftovers.
void find_inner_data(const PartInspection& part, Findings& findings) {
  if (part.info.format != "folder") return;
  auto inside = data_inside(part.info.name);
  // Tables beside pictures mostly describe them.
  std::erase_if(inside, [](const KnownData& known) { return known.format == "npy" || known.format == "csv"; });
  if (inside.empty()) return;
  findings.push_back({"inner_data", fmt::format("Wrong folder level? Data in another format lie inside and are not "
                                                "read, only the pictures are. If you meant those, pass {}.",
                                                describe_known(inside))});
}

/// A recipe needs one size: suggest the power of two closest to the most common picture's shorter side.
void find_mixed_sizes(const PartInspection& part, const char* name, Findings& findings) {
  if (part.other_size.count == 0) return;
  const auto& shape = part.info.shape;
  const double side = std::log2(static_cast<double>(std::min(shape.width, shape.height)));
  const auto advised = int64_t{1} << std::clamp<int64_t>(std::lround(side), 4, 8);
  const auto found =
      2 * part.other_size.count <= part.examined ? fmt::format("{} of {} are not {}x{}", grouped(part.other_size.count),
                                                               grouped(part.examined), shape.width, shape.height)
      : part.sizes.size() == 1 ? fmt::format("all are {}x{} where the training part has {}x{}", part.sizes[0].width,
                                             part.sizes[0].height, shape.width, shape.height)
                               : fmt::format("{} sizes are there", grouped(static_cast<int64_t>(part.sizes.size())));
  findings.push_back(
      {"mixed_sizes",
       fmt::format("Pictures of different sizes in the {} part: {}. Training needs one size: a recipe "
                   "with a resolution (--set data.resolution={}) crops and resizes them all, and `duet "
                   "inspect {} --resolution {}` shows them so{}",
                   name, found, advised, shell_quoted(part.info.name), advised, first_of(part.other_size))});
}

void find_left_out(const PartInspection& part, Findings& findings) {
  if (const auto left_out = describe_left_out(part.info.left_out); !left_out.empty())
    findings.push_back({"left_out", left_out + "."});
}

void find_damage(const PartInspection& part, const char* name, Findings& findings) {
  if (part.corrupt.count > 0)
    findings.push_back(
        {"corrupt", fmt::format("{} of {} {} examples cannot be read; training stops at such an "
                                "example. Remove or replace them{}",
                                grouped(part.corrupt.count), grouped(part.examined), name, first_of(part.corrupt))});
  if (part.not_finite > 0)
    findings.push_back({"not_finite", fmt::format("Infinite or NaN numbers in the {} part: {}. Training would diverge; "
                                                  "remove those examples.",
                                                  name, grouped(part.not_finite))});
  if (part.blank.count > 0)
    findings.push_back(
        {"blank", fmt::format("Pictures of a single colour in the {} part: {}. They are easy to copy and "
                              "teach nothing; remove them unless they are meant{}",
                              name, grouped(part.blank.count), first_of(part.blank))});
  if (part.duplicates.count > 0 && !part.info.shape.is_vector())
    findings.push_back({"duplicates", fmt::format("Exact copies of another picture in the {} part: {}. They count "
                                                  "double; remove them unless that is meant{}",
                                                  name, grouped(part.duplicates.count), first_of(part.duplicates))});
}

void find_value_mistakes(const PartInspection& part, Findings& findings) {
  const bool picture = part.info.element == Element::uint8 && part.examined > part.corrupt.count;
  if (part.grey_as_rgb)
    findings.push_back({"grey_as_rgb",
                        "All pictures are grey but stored with three equal channels. "
                        "Set data.channels = 1: a third of the work, and no false colours."});
  if (picture && part.max <= 1)
    findings.push_back({"dark", part.max > 0 ? "The largest value is 1 where white is 255, so all pictures look black. "
                                               "They were probably saved as 0 to 1; multiply them by 255."
                                             : "Every value is 0, so all pictures are black; look at how they were "
                                               "saved."});
  if (part.coloured_as_grey > 0) findings.push_back(coloured_as_grey(part.coloured_as_grey, part.examined, "pictures"));
  if (!part.info.endless && part.info.size < kFew)
    findings.push_back(
        {"few", fmt::format("There {} only {} training example{}. Fewer than {} are soon memorised; add examples{}",
                            part.info.size == 1 ? "is" : "are", part.info.size, part.info.size == 1 ? "" : "s", kFew,
                            part.info.element == Element::uint8
                                ? ", or set data.mirror = true where mirrored pictures are as good."
                                : ".")});
}

/// Flattened pictures are learned better as pictures.
void find_flattened_pictures(const PartInspection& part, Findings& findings) {
  const auto& info = part.info;
  if (!info.shape.is_vector() || info.shape.numel() < 64 || part.min < -1 || part.max > 255) return;
  const int64_t count = info.shape.numel();
  for (const int64_t channels : {1, 3}) {
    const auto side =
        static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(count) / static_cast<double>(channels))));
    if (side * side * channels != count || side < 8) continue;
    findings.push_back(
        {"flattened", fmt::format("{} numbers could be {} pictures of {}x{}. If they are, save the array as "
                                  "[N,{},{},{}]: networks for pictures see neighbours, and sheets show them.",
                                  count, channels == 1 ? "grey" : "RGB", side, side, channels, side, side)});
    return;
  }
}

/// A constant column, or one whose numbers a float cannot distinguish.
void find_column_mistakes(const PartInspection& part, Findings& findings) {
  constexpr double kCoarse = 1e5;  // of the 1.7e7 values that a float32 distinguishes
  std::vector<std::string> constant, coarse;
  for (const auto& c : part.columns) {
    if (c.min == c.max) constant.push_back(c.name);
    if (c.min < c.max && std::max(std::abs(c.min), std::abs(c.max)) > kCoarse * c.stddev) coarse.push_back(c.name);
  }
  if (!constant.empty() && part.examined > 1 && constant.size() < part.columns.size())
    findings.push_back(
        {"constant_column", fmt::format("Columns that never change: {} of {} ({}). There is nothing to learn; "
                                        "leave them out.",
                                        constant.size(), part.columns.size(), some_of(constant))});
  if (!coarse.empty())
    findings.push_back(
        {"coarse_column", fmt::format("Columns far from zero beside their deviation: {} of {} ({}). As 32-bit "
                                      "floats their numbers are rounded; subtract an offset before saving "
                                      "them.",
                                      coarse.size(), part.columns.size(), some_of(coarse))});
}

}  // namespace

std::vector<Finding> find_mistakes(const Inspection& inspection, const Source& source) {
  Findings findings;
  find_damage(inspection.train, "training", findings);
  if (inspection.test) find_damage(*inspection.test, "test", findings);
  find_left_out(inspection.train, findings);
  // Here all pictures were counted.
  const auto& doubts = inspection.train.info.doubts;
  std::copy_if(doubts.begin(), doubts.end(), std::back_inserter(findings),
               [](const Finding& doubt) { return doubt.code != kColouredAsGrey; });
  find_column_mistakes(inspection.train, findings);
  find_flattened_pictures(inspection.train, findings);
  find_mixed_sizes(inspection.train, "training", findings);
  if (inspection.test) find_mixed_sizes(*inspection.test, "test", findings);
  find_inner_data(inspection.train, findings);
  find_missing_labels(inspection.train, *source.train, true, findings);
  if (inspection.test && !inspection.train.info.classes.empty())
    find_missing_labels(*inspection.test, *source.test, false, findings);
  find_class_mistakes(inspection.train, *source.train, true, findings);
  if (inspection.test && inspection.test->info.classes.size() > 1)
    find_class_mistakes(*inspection.test, *source.test, false, findings);
  if (inspection.overlap.count > 0)
    findings.push_back({"overlap", fmt::format("{} of {} test examples are also in the training part, so the test "
                                               "part cannot show memorising. Remove them from one part{}",
                                               grouped(inspection.overlap.count), grouped(inspection.test->examined),
                                               first_of(inspection.overlap))});
  find_value_mistakes(inspection.train, findings);
  return findings;
}

}  // namespace duet
