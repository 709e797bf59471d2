#pragma once

#include <nlohmann/json.hpp>

#include "duet/picture/image.h"
#include "duet/picture/sheet.h"
#include "duet/train/sampler.h"

namespace duet {

/// Pictures of stored numbers uint8 [N,C,H,W]. Two channels show the first.
std::vector<Image> pictures_of(const Tensor& stored);

/// A scatter plot of samples [N,2] of the plane, whose axes have `names` (two, or none). With `groups` sample i belongs
/// to group i % groups.size(), and each group has its colour and its name.
Image points_picture(const Tensor& points, const std::vector<std::string>& names,
                     const std::vector<std::string>& groups);

/// A plot of ways in the plane: of samples [N,2] each `steps` that follow one another are joined by a line.
Image ways_picture(const Tensor& points, const std::vector<std::string>& names, int64_t steps);

/// The sheet that a run's progress is read from, always from the same z: 8x8 pictures; with labels one row per class
/// (the first 10) and in every column one z. Plane points become a scatter plot over `real` ones, of other
/// vectors the first six columns become pairs of histograms. `real` holds stored examples to compare vectors with and
/// may be undefined.
Image progress_sheet(const Sampler& sampler, const Tensor& real, uint64_t seed);

/// A film of a run's sheets up to `images`, written beside them: its path, empty where there are fewer than two sheets.
/// Throws Error(data, device).
std::filesystem::path write_film(const RunFolder& run, int64_t images);

/// Losses, watched terms and scores over kimg, from a run's records.
Image curves(const std::vector<nlohmann::ordered_json>& events);

}  // namespace duet
