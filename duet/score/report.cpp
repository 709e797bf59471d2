#include "duet/score/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace duet {
namespace {

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

constexpr size_t kMostClassesShown = 25;

std::string number(double value) { return fmt::format("{:.4g}", value); }

std::string shares_text(const Report& report) {
  size_t width = 0;
  for (const auto& name : report.classes) width = std::max(width, name.size());
  const double largest = std::max(1e-12, *std::max_element(report.class_share.begin(), report.class_share.end()));
  std::string text = "\nshare of the samples (the longest bar is the largest share)\n";
  for (size_t i = 0; i < std::min(kMostClassesShown, report.class_share.size()); ++i) {
    const auto bar = static_cast<size_t>(30 * report.class_share[i] / largest + 0.5);
    text += without_trailing_blanks(fmt::format("  {:<{}}  {:5.1f} %  {}", report.classes[i], width,
                                                100 * report.class_share[i], std::string(bar, '#'))) +
            "\n";
  }
  if (report.class_share.size() > kMostClassesShown)
    text += fmt::format("  and {} more\n", report.class_share.size() - kMostClassesShown);
  return text;
}

}  // namespace

const Metric* Report::find(const std::string& name) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const auto& m) { return m.name == name; });
  return found == metrics.end() ? nullptr : &*found;
}

std::string to_text(const Report& report) {
  size_t name_width = 0, value_width = 0;
  for (const auto& metric : report.metrics) {
    name_width = std::max(name_width, metric.name.size());
    value_width = std::max(value_width, number(metric.value).size());
  }
  std::string text;
  for (const auto& metric : report.metrics) {
    const auto error = metric.standard_error ? "+- " + fmt::format("{:.2g}", *metric.standard_error) : std::string();
    const auto better = metric.better.empty() ? std::string() : metric.better + " is better";
    text += without_trailing_blanks(fmt::format("{} {:<{}}  {:>{}} {:<11} {:<16}  {}",
                                                metric.name == report.primary.name ? '*' : ' ', metric.name, name_width,
                                                number(metric.value), value_width, error, better, metric.note)) +
            "\n";
  }
  if (!report.class_share.empty()) text += shares_text(report);
  text += "\n* decides. " + report.protocol + "\n";
  if (!report.origin.empty()) text += "samples: " + report.origin + "\n";
  for (const auto& note : report.notes) text += "note: " + note + "\n";
  return text;
}

std::string to_json(const Report& report) {
  nlohmann::ordered_json metrics = nlohmann::ordered_json::object();
  for (const auto& metric : report.metrics) {
    auto& entry = metrics[metric.name];
    entry["value"] = metric.value;
    if (metric.standard_error) entry["standard_error"] = *metric.standard_error;
    if (!metric.better.empty()) entry["better"] = metric.better;
    if (!metric.note.empty()) entry["note"] = metric.note;
  }
  nlohmann::ordered_json json = {{"samples", report.samples},
                                 {"protocol", report.protocol},
                                 {"primary", report.primary.name},
                                 {"metrics", metrics}};
  if (!report.origin.empty()) json["origin"] = report.origin;
  for (size_t i = 0; i < report.class_share.size(); ++i) json["class_share"][report.classes[i]] = report.class_share[i];
  if (!report.notes.empty()) json["notes"] = report.notes;
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace duet
