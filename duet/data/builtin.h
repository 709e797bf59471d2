#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "duet/data/dataset.h"

namespace duet {

/// A built-in data set as `duet list datasets` shows it.
struct BuiltinSet {
  std::string name;
  std::string line;   ///< one-line description
  std::string paper;  ///< its source
};

/// The built-in sets: digits and faces, then the vectors and tiny pictures of toys().
const std::vector<BuiltinSet>& builtin_sets();

/// Opens a built-in set. It is endless, needs no files, and has no test part: other seeds give other examples of the
/// same distribution. Example and label `index`, any in [0, 2^62), are pure functions of (options.seed, index). The
/// nominal size is 60,000 for pictures and 50,000 for vectors. Pictures are fitted to options.resolution and channels.
/// Throws Error(data) for an unknown name, Error(recipe) when the options do not fit the set.
Source open_builtin(const std::string& name, const SourceOptions& options);

/// An endless set that is drawn by functions: every built-in set is one. Threads: as every Dataset, for any number.
class DrawnSet final : public Dataset {
 public:
  /// Description of a set. The functions are called from several threads at once, with valid indices.
  struct Content {
    DatasetInfo info;
    uint64_t seed = 0;
    std::function<void(int64_t index, void* out)> draw;
    std::function<int64_t(int64_t index)> label;  ///< empty when there are no classes
    /// Names and values of the attributes of an example besides its class; empty if there are none.
    std::vector<std::string> attribute_names;
    std::function<std::vector<std::string>(int64_t index)> attributes;
  };

  explicit DrawnSet(Content content) : content_(std::move(content)) {}

  const DatasetInfo& info() const override { return content_.info; }
  /// Throws Error(internal) when the index is out of range.
  void read(int64_t index, void* out) const override;
  int64_t label(int64_t index) const override;
  /// "digits[12] of seed 1".
  std::string where(int64_t index) const override;

  /// Names of the attributes, in the order of attributes().
  const std::vector<std::string>& attribute_names() const { return content_.attribute_names; }
  /// Attributes of example `index` as text.
  std::vector<std::string> attributes(int64_t index) const;

 private:
  void check(int64_t index) const;

  Content content_;
};

}  // namespace duet
