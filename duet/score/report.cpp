#include "duet/score/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "duet/core/columns.h"
#include "duet/core/text.h"

namespace duet {
namespace {

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

constexpr size_t kMostClassesShown = 25;

std::string number(double value) { return fmt::format("{:.4g}", value); }

/// A bar's full length is the largest share, or an even one if all shares are smaller: then most samples are in no
/// class.
std::string shares_text(const Report& report, size_t columns) {
  std::vector<std::pair<std::string, double>> rows;
  for (size_t i = 0; i < std::min(kMostClassesShown, report.class_share.size()); ++i)
    rows.emplace_back(printable(report.classes[i]), report.class_share[i]);
  if (report.outside_share) rows.emplace_back("outside", *report.outside_share);
  size_t width = 0;
  double largest = 1 / static_cast<double>(report.class_share.size());
  for (const auto& [name, share] : rows) width = std::max(width, columns_of(name));
  for (const double share : report.class_share) largest = std::max(largest, share);
  largest = std::max(largest, report.outside_share.value_or(0));
  // Bars need at least ten columns; otherwise long names are wrapped.
  const size_t longest = std::clamp<size_t>(columns - std::min(columns, width + 13), 10, 30);
  std::string text = "\nshare of the samples\n";
  for (const auto& [name, share] : rows) {
    const auto bar = static_cast<size_t>(static_cast<double>(longest) * share / largest + 0.5);
    text += without_trailing_blanks(
                fmt::format("  {}  {:5.1f} %  {}", padded(name, width), 100 * share, std::string(bar, '#'))) +
            "\n";
  }
  if (report.class_share.size() > kMostClassesShown)
    text += fmt::format("  and {} more\n", report.class_share.size() - kMostClassesShown);
  return text;
}

/// A metric's columns, with its note beside them or, if there is no room, below.
std::string with_note(const std::string& left, const std::string& note, size_t columns) {
  constexpr size_t kLeastNote = 30;
  if (columns_of(without_trailing_blanks(left + note)) <= columns) return without_trailing_blanks(left + note) + "\n";
  if (note.empty()) return wrapped(without_trailing_blanks(left), {columns, "", "      "});
  const bool beside = columns_of(left) + kLeastNote <= columns;
  if (beside) return wrapped(note, {columns, left, std::string(columns_of(left), ' ')});
  return wrapped(without_trailing_blanks(left), {columns, "", "      "}) + wrapped(note, {columns, "      ", "      "});
}

}  // namespace

const Metric* Report::find(const std::string& name) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const auto& m) { return m.name == name; });
  return found == metrics.end() ? nullptr : &*found;
}

std::string to_text(const Report& report, size_t columns) {
  size_t name_width = 0, value_width = 0;
  for (const auto& metric : report.metrics) {
    name_width = std::max(name_width, metric.name.size());
    value_width = std::max(value_width, number(metric.value).size());
  }
  std::string text;
  for (const auto& metric : report.metrics) {
    const auto error = metric.standard_error ? "+- " + fmt::format("{:.2g}", *metric.standard_error) : std::string();
    const auto better = metric.better.empty() ? std::string() : metric.better + " is better";
    text += with_note(fmt::format("{} {:<{}}  {:>{}} {:<11} {:<16}  ", metric.name == report.primary.name ? '*' : ' ',
                                  metric.name, name_width, number(metric.value), value_width, error, better),
                      printable(metric.note), columns);
  }
  if (!report.class_share.empty()) text += shares_text(report, columns);
  const auto paragraph = [&](const std::string& words) { text += wrapped(printable(words), {columns, "", "  "}); };
  text += "\n";
  paragraph("* decides. " + report.protocol);
  if (!report.origin.empty()) paragraph("samples: " + report.origin);
  for (const auto& note : report.notes) paragraph("note: " + note);
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
  if (report.outside_share) json["outside_share"] = *report.outside_share;
  if (!report.notes.empty()) json["notes"] = report.notes;
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace duet
