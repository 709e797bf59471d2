#include "duet/data/formats/array_roles.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "duet/core/error.h"

namespace duet {
namespace {

using Names = std::vector<std::string>;
using Load = std::function<NpyArray(const NpyHeader&)>;

const Names kExamples{"x",      "images", "image",       "imgs",        "pictures",  "data",         "samples",
                      "xtrain", "trainx", "imagestrain", "trainimages", "traindata", "trainsamples", "points"};
const Names kLabels{"y",      "labels",      "label",       "ytrain",  "trainy",
                    "target", "labelstrain", "trainlabels", "targets", "traintargets"};
const Names kTestExamples{"xtest", "testx", "testimages", "imagestest", "testdata", "testsamples"};
const Names kTestLabels{"ytest", "testy", "testlabels", "labelstest", "testtargets"};

/// "X_train" is xtrain.
std::string plain(const std::string& name) {
  std::string text;
  for (const unsigned char letter : name)
    if (std::isalnum(letter)) text += static_cast<char>(std::tolower(letter));
  return text;
}

bool is_one_of(const NpyHeader& array, const Names& names) {
  return std::find(names.begin(), names.end(), plain(array.name)) != names.end();
}

/// The first existing array with one of `names`.
std::optional<size_t> named(const std::vector<NpyHeader>& arrays, const Names& names) {
  for (const auto& name : names)
    for (size_t i = 0; i < arrays.size(); ++i)
      if (plain(arrays[i].name) == name) return i;
  return {};
}

bool is_column(const std::vector<int64_t>& shape) { return shape.size() == 1 || (shape.size() == 2 && shape[1] == 1); }

int64_t length(const NpyHeader& array) { return array.shape.empty() ? 0 : array.shape[0]; }

/// A mean [D] and a covariance [D,D], as FID programs store them.
std::vector<size_t> find_statistics(const std::vector<NpyHeader>& arrays) {
  std::vector<size_t> found;
  for (size_t i = 0; i < arrays.size(); ++i)
    for (size_t j = 0; j < arrays.size(); ++j) {
      const auto &mean = arrays[i].shape, &spread = arrays[j].shape;
      const auto mean_name = plain(arrays[i].name), spread_name = plain(arrays[j].name);
      const bool names = (mean_name.starts_with("mu") && spread_name.starts_with("sigma")) ||
                         (mean_name.starts_with("mean") && spread_name.starts_with("cov")) ||
                         (mean_name == "m" && spread_name == "s") ||
                         (mean_name.size() == 2 && mean_name[0] == 'm' && spread_name == 's' + mean_name.substr(1));
      if (names && mean.size() == 1 && spread.size() == 2 && spread[0] == mean[0] && spread[1] == mean[0])
        found.insert(found.end(), {i, j});
    }
  return found;
}

/// Ranking of unnamed arrays as examples: by dimensions, then bytes before other types.
int rank(const NpyHeader& array) {
  const auto dimensions = array.shape.size() > 4 ? 0 : static_cast<int>(array.shape.size());
  return 2 * dimensions + (array.type == NpyType::u1 ? 1 : 0);
}

class Finder {
 public:
  Finder(const std::vector<NpyHeader>& arrays, const Load& load, const std::string& place)
      : arrays_(arrays), load_(load), place_(place) {}

  ArrayRoles find() {
    const auto statistics = find_statistics(arrays_);
    used_.insert(statistics.begin(), statistics.end());
    roles_.test_examples = take(named(arrays_, kTestExamples));
    roles_.examples = find_examples(statistics);
    roles_.labels = find_labels(kLabels, roles_.examples);
    if (roles_.test_examples) roles_.test_labels = find_labels(kTestLabels, *roles_.test_examples);
    for (const size_t i : statistics) used_.erase(i);
    for (size_t i = 0; i < arrays_.size(); ++i)
      if (!used_.contains(i)) roles_.left_out.push_back(i);
    return roles_;
  }

 private:
  std::optional<size_t> take(std::optional<size_t> array) {
    if (array) used_.insert(*array);
    return array;
  }

  size_t find_examples(const std::vector<size_t>& statistics) {
    if (const auto by_name = take(named(arrays_, kExamples))) return *by_name;
    std::optional<size_t> best;
    for (size_t i = 0; i < arrays_.size(); ++i) {
      if (used_.contains(i) || !arrays_[i].type || arrays_[i].shape.empty()) continue;
      if (arrays_.size() > 1 && (is_one_of(arrays_[i], kLabels) || is_one_of(arrays_[i], kTestLabels))) continue;
      if (!best || rank(arrays_[i]) > rank(arrays_[*best])) best = i;
    }
    // Next to statistics of an FID a single column belongs to them and is not pictures.
    if (!statistics.empty() && (!best || arrays_[*best].shape.size() < 2))
      fail(Fault::data,
           "{}: holds the statistics of an FID ({} {}, {} {}): mean and covariance of pictures' features; expected "
           "pictures; give those from which it was computed",
           place_, arrays_[statistics[0]].name, describe(arrays_[statistics[0]]), arrays_[statistics[1]].name,
           describe(arrays_[statistics[1]]));
    if (!best) refuse_all();
    return *take(best);
  }

  [[noreturn]] void refuse_all() const {
    std::vector<std::string> found;
    for (const auto& array : arrays_) found.push_back(fmt::format("{} ({})", array.name, describe(array)));
    if (arrays_.size() == 1) check_type(arrays_[0]);  // throws with a remedy for its type
    fail(Fault::data,
         "{}: no examples among its arrays: {}; expected numbers, as an array named x, images or data; save them so: "
         "np.savez(file, x=array)",
         place_, fmt::join(found, ", "));
  }

  std::optional<size_t> find_labels(const Names& names, size_t examples) {
    const int64_t size = length(arrays_[examples]);
    if (const auto by_name = named(arrays_, names)) {
      if (serves_by_name(*by_name, size)) return take(by_name);
    }
    if (&names == &kTestLabels) return {};
    for (const bool like_labels : {true, false})
      for (size_t i = 0; i < arrays_.size(); ++i) {
        const bool similar =
            plain(arrays_[i].name).find("label") != std::string::npos || plain(arrays_[i].name).starts_with("class");
        if (similar == like_labels && serves_by_shape(i, size, like_labels)) return take(i);
      }
    return {};
  }

  /// An array named like labels must contain labels; one that cannot be class numbers is reported and ignored.
  bool serves_by_name(size_t i, int64_t size) {
    const auto& array = arrays_[i];
    const auto doubt = [&](const char* what, const std::string& advice) {
      roles_.doubt =
          fmt::format("{} ({}) is left out: {}. To use it as labels, {}.", array.name, describe(array), what, advice);
      return false;
    };
    const auto numbering = fmt::format("save np.unique({}, return_inverse=True)[1]", array.name);
    if (array.type_name == "text" || array.type_name == "object") return doubt("it is no numbers", numbering);
    if (!array.type) return doubt("its type is not read", "save it as int32");
    if (array.shape.size() == 2 && array.shape[0] == size && array.shape[1] > 1)
      return doubt("it is several numbers for each example",
                   fmt::format("save {}.argmax(1), if a row marks its class", array.name));
    if (!is_column(array.shape) || length(array) != size)
      fail(Fault::data, "{}: {} labels, but {} has {} examples; expected one label for each example", array.place,
           array.count(), arrays_[examples_of(array)].place, size);
    if (is_float(*array.type) && !extent_of(load_(array)).whole)
      return doubt("its numbers are not whole, so they name no classes", "save class numbers as int32");
    return true;
  }

  size_t examples_of(const NpyHeader& labels) const {
    return is_one_of(labels, kTestLabels) && roles_.test_examples ? *roles_.test_examples : roles_.examples;
  }

  bool serves_by_shape(size_t i, int64_t size, bool like_labels) const {
    constexpr int64_t kMany = 20;
    const auto& array = arrays_[i];
    if (used_.contains(i) || !array.type || !is_column(array.shape) || length(array) != size) return false;
    if (is_one_of(array, kLabels) || is_one_of(array, kTestLabels)) return false;
    if (is_float(*array.type) && !like_labels) return false;
    const auto numbers = load_(array);
    const auto extent = extent_of(numbers);
    if (extent.low < 0 || extent.high > 65535 || !extent.whole) return false;
    const auto labels = to_labels(numbers);
    // All-different numbers identify examples, not classes.
    return size <= kMany || std::ssize(std::set<int>(labels.begin(), labels.end())) < size;
  }

  const std::vector<NpyHeader>& arrays_;
  const Load& load_;
  const std::string& place_;
  std::set<size_t> used_;
  ArrayRoles roles_;
};

}  // namespace

ArrayRoles find_roles(const std::vector<NpyHeader>& arrays, const Load& load, const std::string& place) {
  return Finder(arrays, load, place).find();
}

}  // namespace duet
