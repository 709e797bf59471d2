#include "duet/train/watch_tick.h"

#include "duet/train/loop_events.h"

namespace duet {

double TickWatcher::seconds() const { return seconds_since(begin_); }

double TickWatcher::seconds_left(const ScoreWatcher& scores) const {
  const double kimg = watched_.kimg(), training = seconds() - scores.seconds();
  return training / (kimg - begin_kimg_) * std::max(0.0, watched_.recipe.kimg - kimg) + scores.seconds_to_come();
}

void TickWatcher::tick(const ScoreWatcher& scores) {
  auto& w = watched_;
  const auto readings = w.trainer->read();
  if (readings.images == 0) return;
  Progress progress;
  progress.kimg = w.kimg();
  progress.total_kimg = w.recipe.kimg;
  progress.images_per_second = static_cast<double>(readings.images) / readings.seconds_total;
  progress.seconds_left = seconds_left(scores);
  progress.terms = readings.means;
  double known = readings.seconds_data;
  progress.time_shares.emplace_back("data", readings.seconds_data / readings.seconds_total);
  for (const auto& [name, seconds] : readings.seconds) {
    progress.time_shares.emplace_back(name, seconds / readings.seconds_total);
    known += seconds;
  }
  progress.time_shares.emplace_back("other", std::max(0.0, 1 - known / readings.seconds_total));
  w.run.append(tick_event(progress, w.images()));
  if (w.hooks.tick) w.hooks.tick(progress);
}

}  // namespace duet
