#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "duet/data/dataset.h"

namespace duet {

/// Maximum number of columns of vectors that are summarised individually.
constexpr int64_t kMostColumns = 4096;

/// Options of an inspection.
struct InspectOptions {
  int64_t endless_examples = 2000;  ///< how many examples of an endless set are drawn
  int threads = 2;                  ///< number of threads that read and decode
  int64_t named = 5;                ///< how many examples are named in each list; all are counted
};

/// Examples with the same fault: all counted, the first few named.
struct Faulty {
  int64_t count = 0;
  std::vector<std::string> names;
};

/// Pictures of one size.
struct SizeCount {
  int64_t width = 0;
  int64_t height = 0;
  int64_t count = 0;
};

/// Summary of one column of vectors.
struct ColumnSummary {
  std::string name;  ///< the file's, or "1", "2", ...
  double min = 0, max = 0, mean = 0, stddev = 0;
};

/// Content of one part (training or test) of a data set.
struct PartInspection {
  DatasetInfo info;
  int64_t examined = 0;                ///< examples read; less than info.size only for an endless set
  double min = 0;                      ///< of all numbers of all readable examples, as stored
  double max = 0;                      ///< see min
  double mean = 0;                     ///< see min
  double stddev = 0;                   ///< see min
  int64_t not_finite = 0;              ///< numbers that are infinite or NaN; not part of the range
  std::vector<ColumnSummary> columns;  ///< of vectors of numbers, at most kMostColumns of them; else empty
  std::vector<int64_t> class_sizes;    ///< examples per class of info.classes, among the examined
  Faulty blank;                        ///< pictures of one single colour
  Faulty corrupt;                      ///< unreadable examples; the names are the errors' messages
  Faulty duplicates;                   ///< examples equal to an earlier one; a name is "copy = earlier"
  std::vector<SizeCount> sizes;        ///< of pictures in several sizes, the most frequent first; else empty
  Faulty other_size;                   ///< pictures with another size than info.shape; a name is "file 40x30"
  bool grey_as_rgb = false;            ///< three channels that are equal in every picture
  int64_t turned = 0;                  ///< pictures that their EXIF orientation rotates or mirrors
  int64_t alpha = 0;                   ///< pictures with an alpha channel, composited over white
  int64_t transparent = 0;             ///< those of them that are not opaque everywhere
  int64_t coloured_as_grey =
      0;  ///< coloured pictures read as grey because the first is grey and no channels were requested
};

/// Content of a data set and what is probably wrong with it.
struct Inspection {
  PartInspection train;
  std::optional<PartInspection> test;
  Faulty overlap;  ///< test examples equal to a training example; a name is "test = training"
  std::vector<Finding> findings;
};

/// Reads every example once (of an endless set the first few). Damaged examples are collected, not thrown. Blocks until
/// done. Throws what a dataset throws other than Error(data).
Inspection inspect(const Source& source, const InspectOptions& options = {});

/// As text: parts, classes, faults, and the findings last, in lines of at most `columns` if names allow.
std::string to_text(const Inspection& inspection, size_t columns = 100);

/// As JSON: the same, with every class and every named example.
nlohmann::json to_json(const Inspection& inspection);

}  // namespace duet
