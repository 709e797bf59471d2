#include "duet/train/loop_events.h"

#include "duet/run/events.h"
#include "duet/version.h"

namespace duet {

nlohmann::ordered_json begin_event(const StartInfo& beginning, const Recipe& recipe, bool resumed, int64_t images) {
  auto event = new_event(resumed ? "resume" : "start", images);
  event["duet"] = kVersion;
  event["recipe"] = recipe.name;
  event["kimg"] = recipe.kimg;
  event["device"] = beginning.device;
  event["threads"] = beginning.threads;
  event["precision"] = beginning.precision;
  for (const auto& [name, count] : beginning.parameters) event["parameters"][name] = count;
  return event;
}

nlohmann::ordered_json tick_event(const Progress& progress, int64_t images) {
  auto event = new_event("tick", images);
  event["images_per_second"] = progress.images_per_second;
  for (const auto& [name, value] : progress.terms) event["terms"][name] = value;
  for (const auto& [name, share] : progress.time_shares) event["time_shares"][name] = share;
  return event;
}

nlohmann::ordered_json score_event(const Report& report, bool best, int64_t images) {
  auto event = new_event("score", images);
  event["best"] = best;
  event.update(nlohmann::ordered_json::parse(to_json(report)));
  return event;
}

nlohmann::ordered_json best_event(const Report& report, int64_t images) {
  auto event = new_event("best", images);
  event["metric"] = report.primary.name;
  event["value"] = report.primary.value;
  return event;
}

nlohmann::ordered_json stop_event(bool finished, int64_t images) {
  auto event = new_event("stop", images);
  event["finished"] = finished;
  return event;
}

}  // namespace duet
