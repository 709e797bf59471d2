#pragma once

#include "duet/score/same_class.h"
#include "duet/train/sampler.h"
#include "duet/train/training_data.h"

namespace duet {

/// Adds to a report what a game's views of its samples say: the share of the samples whose second view shows the class
/// of the first (same_class()). Nothing for a game without views.
void add_view_score(Report& report, const std::vector<Sampler::Viewed>& views, const TrainingData& data,
                    const ClassifierOptions& options);

}  // namespace duet
