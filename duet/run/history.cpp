#include "duet/run/history.h"

#include <algorithm>
#include <cmath>

namespace duet {
namespace {

using Json = nlohmann::ordered_json;

double number(const Json& record, const char* key) {
  const auto found = record.find(key);
  return found != record.end() && found->is_number() ? found->get<double>() : 0;
}

std::string text(const Json& record, const char* key) {
  const auto found = record.find(key);
  return found != record.end() && found->is_string() ? found->get<std::string>() : "";
}

bool flag(const Json& record, const char* key) {
  const auto found = record.find(key);
  return found != record.end() && found->is_boolean() && found->get<bool>();
}

ScoreRecord score_of(const Json& record) {
  ScoreRecord score{.kimg = number(record, "images") / 1000,
                    .best = flag(record, "best"),
                    .primary = text(record, "primary"),
                    .protocol = text(record, "protocol")};
  const auto metrics = record.find("metrics");
  if (metrics == record.end() || !metrics->is_object()) return score;
  for (const auto& [name, metric] : metrics->items()) {
    if (!metric.is_object() || !metric.contains("value") || !metric.at("value").is_number()) continue;
    score.names.push_back(name);
    score.metrics[name] = {metric.at("value").get<double>(), text(metric, "better")};
  }
  return score;
}

}  // namespace

const ScoreRecord* History::score(const std::string& which) const {
  if (scores.empty()) return nullptr;
  if (which == "last") return &scores.back();
  // Each best one is better than all before it.
  const auto found = std::find_if(scores.rbegin(), scores.rend(), [](const ScoreRecord& s) { return s.best; });
  return found == scores.rend() ? &scores.back() : &*found;
}

History history_of(const RunFolder& run) {
  History history;
  double ticked = 0;
  for (const auto& record : run.events()) {
    const auto what = text(record, "event");
    const double images = number(record, "images");
    history.kimg = std::max(history.kimg, images / 1000);
    if (what == "start" || what == "resume") history.end_kimg = number(record, "kimg");
    if (what == "stop" || what == "resume") history.finished = flag(record, "finished");
    if (what == "score") history.scores.push_back(score_of(record));
    if (what != "tick") continue;
    const double rate = number(record, "images_per_second");
    if (rate > 0) history.training_seconds += std::max(0.0, images - ticked) / rate;
    ticked = images;
  }
  return history;
}

}  // namespace duet
