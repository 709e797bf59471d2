#pragma once

#include <nlohmann/json.hpp>

#include "duet/picture/image.h"
#include "duet/picture/sheet.h"
#include "duet/train/sampler.h"

namespace duet {

/// Pictures from stored values uint8 [N,C,H,W]. Of two channels only the first is shown.
std::vector<Image> pictures_of(const Tensor& stored);

/// A scatter plot of samples [N,2] in the plane, with axis names `names` (two, or none). With `groups` sample i belongs
/// to group i % groups.size(), and each group has its own colour and name.
Image points_picture(const Tensor& points, const std::vector<std::string>& names,
                     const std::vector<std::string>& groups);

/// A plot of paths in the plane: of samples [N,2] each `steps` consecutive ones are joined by a line.
Image paths_picture(const Tensor& points, const std::vector<std::string>& names, int64_t steps);

/// Samples with their views, of pictures, below each other: as many samples side by side as there are columns, in as
/// many groups of rows as they need.
Image views_sheet(const std::vector<Sampler::Viewed>& views, int64_t columns);

/// The sheet that shows a run's progress, always from the same z: 8x8 pictures, or 8 samples side by side with their
/// views below each other; with labels one row per class (the first 10) and one z per column, with codes the same of a
/// code's classes. Points of the plane become a scatter plot with `real` ones; of other vectors the first six columns
/// become pairs of histograms. `real` has stored examples for comparison with vectors and may be undefined.
Image progress_sheet(const Sampler& sampler, const Tensor& real, uint64_t seed);

/// Writes a film of a run's sheets up to `images` and returns its path, empty if there are fewer than two sheets.
/// Throws Error(data, device).
std::filesystem::path write_film(const RunFolder& run, int64_t images);

/// Plots losses, logged terms and scores over kimg, from a run's records.
Image curves(const std::vector<nlohmann::ordered_json>& events);

}  // namespace duet
