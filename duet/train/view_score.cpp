#include "duet/train/view_score.h"

#include <fmt/format.h>

namespace duet {

void add_view_score(Report& report, const std::vector<Sampler::Viewed>& views, const TrainingData& data,
                    const ClassifierOptions& options) {
  if (views.size() < 2) return;
  const auto seen = [&](const Sampler::Viewed& view) {
    const auto& split = data.split_of(view.like);
    return LikeExamples{view.stored, *split.train, split.held_out.get()};
  };
  auto metric = same_class(seen(views[0]), seen(views[1]), options);
  if (!metric) return;
  metric->note = fmt::format("share of the samples whose \"{}\" shows the class of their \"{}\", as classified",
                             views[1].name, views[0].name);
  report.metrics.push_back(*metric);
}

}  // namespace duet
