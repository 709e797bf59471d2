#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "duet/data/dataset.h"
#include "duet/data/formats/class_folders.h"
#include "duet/picture/codecs.h"

namespace duet {

/// Access to encoded pictures by index, wherever they are stored. Several threads may read at once.
class ImageFiles {
 public:
  virtual ~ImageFiles() = default;
  /// The encoded bytes: a view of memory, or of `buffer` after reading into it. Throws Error(data).
  virtual std::span<const std::byte> read(size_t file, std::vector<std::byte>& buffer) const = 0;
  /// The file's name for messages.
  virtual std::string where(size_t file) const = 0;
};

/// Code of the finding that coloured pictures are read as grey because the first one is.
constexpr const char* kColouredAsGrey = "coloured_as_grey";
/// That finding, with the number of such pictures; `pictures` in words.
Finding coloured_as_grey(int64_t coloured, int64_t of, const char* pictures);

/// Pictures of a folder or archive as examples, decoded and fitted at every read. Threads: as every Dataset, for any
/// number.
class ImageSet final : public Dataset {
 public:
  /// A picture as stored.
  struct Look {
    Shape shape;                    ///< of the planes as read
    bool turned = false;            ///< its EXIF orientation requires rotating or mirroring
    bool alpha = false;             ///< it has an alpha channel
    bool transparent = false;       ///< not opaque everywhere
    bool coloured_as_grey = false;  ///< it is coloured, and read as grey without a request for that
  };
  /// Content of a set. All pictures are read through `files`, which the training and test part share.
  struct Content {
    std::shared_ptr<const ImageFiles> files;
    std::shared_ptr<const FoundFiles> found;
    ClassedFiles classed;
  };

  /// `info` has name and format, and a shape if the pictures must have that of another set (the training part). Reads
  /// pictures if the options leave size or channels open; then all must declare the size of the first, or with
  /// options.mixed_sizes are measured. Throws Error(data) naming the different one, Error(recipe) for an impossible
  /// option.
  ImageSet(Content content, DatasetInfo info, const SourceOptions& options);

  const DatasetInfo& info() const override { return info_; }
  void read(int64_t index, void* out) const override;
  int64_t label(int64_t index) const override;
  std::string where(int64_t index) const override;

  /// Name below the root, with '/' between folders.
  const std::string& name(int64_t index) const;
  /// With SourceOptions::mixed_sizes the size that each picture declares, 0x0 if it declares none; empty otherwise, or
  /// if a resolution makes them equal.
  const std::vector<PixelSize>& sizes() const { return sizes_; }
  /// Reads a picture with its properties; in a set of mixed sizes in its own size. Throws Error(data) as read.
  Look examine(int64_t index, std::vector<uint8_t>& planes) const;

 private:
  Shape first_shape(bool optional) const;
  std::vector<PixelSize> declared_sizes() const;
  void check_sizes() const;
  void adopt_most_frequent_size();
  void doubt_grey();
  void check_unchanged(int64_t index, const Image& fitted) const;
  size_t file(int64_t index) const { return content_.classed.files[static_cast<size_t>(index)]; }

  Content content_;
  DatasetInfo info_;
  int64_t resolution_;
  bool channels_asked_;
  std::vector<PixelSize> sizes_;
};

/// Both parts of the files found in one root.
Source make_image_source(const std::shared_ptr<const ImageFiles>& files, const std::shared_ptr<const FoundFiles>& found,
                         Parts parts, DatasetInfo info, const SourceOptions& options);

}  // namespace duet
