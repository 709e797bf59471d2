#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "duet/core/shape.h"
#include "duet/data/left_out.h"

namespace duet {

/// Type of one number of an example in memory.
enum class Element { uint8, float32 };

/// A likely mistake in the data.
struct Finding {
  std::string code;  ///< stable name: "one_class", "empty_class", "imbalance", "few", "grey_as_rgb", ...
  std::string text;  ///< what was found, its consequence, the remedy
};

/// Facts about a dataset that need no reading of its examples.
struct DatasetInfo {
  std::string name;                    ///< the user's name for it: "digits", "path/to/folder"
  std::string format;                  ///< "builtin", "idx", "cifar", "folder", "tar", "zip", "npy", "csv"
  Shape shape;                         ///< of every example
  Element element = Element::uint8;    ///< uint8 is an image in 0..255; float32 are plain numbers
  int64_t size = 0;                    ///< examples; for an endless set the nominal length of an epoch
  bool endless = false;                ///< examples are drawn: any index >= 0 is valid, and none repeats
  std::vector<std::string> classes;    ///< class names in label order, UTF-8; empty when there are no labels
  Shape original{};                    ///< of the first example as stored, if it is converted when read; else empty
  LeftOut left_out{};                  ///< of a folder or archive: the ignored files
  std::vector<std::string> columns{};  ///< names of a vector's numbers, if the file has any
  /// How a file is interpreted if there are other interpretations, and what of it is ignored: one line each, which
  /// inspect, train and score show.
  std::vector<std::string> reading{};
  std::vector<Finding> doubts{};  ///< likely mistakes in the file's layout
  /// Of a stacked set, whose channels are examples of another set: that set's classes. An example's class is the number
  /// that the classes of its channels form, the first channel's first.
  std::vector<std::string> channel_classes{};

  /// Pictures in files of their own, decoded at every read.
  bool is_picture_files() const { return format == "folder" || format == "tar" || format == "zip"; }
};

/// How stored pictures are converted: "pictures (the first is 64x64 grey) are read as 28x28 grey". Empty if they are
/// not.
std::string describe_refitting(const DatasetInfo& info);

/// Examples addressed by index. Knows nothing of batches, order, split or training: decorators and the feed do that.
/// All methods may be called from several threads at once.
class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual const DatasetInfo& info() const = 0;
  /// Writes example `index` to `out`: info().shape.numel() elements in C, H, W order. Throws Error(data) naming the
  /// example's origin when it is damaged.
  virtual void read(int64_t index, void* out) const = 0;
  /// Class of example `index` in [0, classes.size()), or -1 when there are no labels.
  virtual int64_t label(int64_t index) const = 0;
  /// Origin of example `index` for messages: "train/7/0012.png", "train-images-idx3-ubyte.gz[12]".
  virtual std::string where(int64_t index) const = 0;
};

/// A published dataset: the training part and, if there is one, the official test part.
struct Source {
  std::shared_ptr<const Dataset> train;
  std::shared_ptr<const Dataset> test;  ///< null if there is none
};

/// How a dataset is to be opened.
struct SourceOptions {
  int64_t resolution = 0;    ///< images are centre-cropped to a square and resized to this; 0 keeps their size
  int64_t channels = 0;      ///< 1 grey, 3 RGB; 0 keeps what the first image has
  uint64_t seed = 0;         ///< of drawn (built-in) sets
  std::string part = "all";  ///< of the examples, see DomainOptions
  int64_t rotate = 0;        ///< pictures are rotated by so many degrees counter-clockwise
  /// Pictures in files may differ in size although resolution is 0: the set's shape is that of most, and the others are
  /// counted. For inspection; reading one of the others as an example throws.
  bool mixed_sizes = false;
};

/// Opens a data SPEC: a built-in name, a path whose format is detected, or `format:path`. Throws Error(data) when the
/// path is missing, or the format is unknown or does not fit, with what was found there; Error(recipe) for options that
/// do not fit the data.
Source open_source(const std::string& spec, const SourceOptions& options);

/// A data SPEC that means the same in every working directory: its path made absolute; a built-in name unchanged.
std::string absolute_spec(const std::string& spec);

/// Whether a data SPEC is a built-in name, or its path exists.
bool data_exist(const std::string& spec);

}  // namespace duet
