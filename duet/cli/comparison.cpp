#include "duet/cli/comparison.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "duet/core/columns.h"
#include "duet/core/error.h"
#include "duet/core/statistics.h"
#include "duet/picture/chart.h"

namespace duet {
namespace {

const std::string kSeconds = "training_seconds";

/// Every metric that some score has, in the order of the reports.
std::vector<std::string> all_metrics(const std::vector<RunGroup>& groups) {
  std::vector<std::string> names;
  for (const auto& group : groups)
    for (const auto& run : group.runs)
      for (const auto& score : run.history.scores)
        for (const auto& name : score.names)
          if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  names.push_back(kSeconds);
  return names;
}

/// "lower", "higher" or "".
std::string better_of(const std::vector<RunGroup>& groups, const std::string& metric) {
  if (metric == kSeconds) return "lower";
  for (const auto& group : groups)
    for (const auto& run : group.runs)
      for (const auto& score : run.history.scores)
        if (const auto found = score.metrics.find(metric); found != score.metrics.end()) return found->second.better;
  return "";
}

std::string count_text(size_t count) { return fmt::format("{} run{}", count, count == 1 ? "" : "s"); }

/// One group's line of a block, without its name.
std::string summary_text(const Summary& summary) {
  if (summary.count == 0) return "has none";
  const auto mean = fmt::format("{:.4g}", summary.mean);
  if (summary.count == 1) return mean + "  (1 run)";
  return fmt::format("{} +- {:.2g}  ({:.4g} to {:.4g}, {})", mean, summary.deviation, summary.low, summary.high,
                     count_text(summary.count));
}

/// The points of a metric's curve by kimg, over all runs of a group.
Series series_of(const RunGroup& group, const std::string& metric) {
  std::map<double, std::vector<double>> points;
  for (const auto& run : group.runs)
    for (const auto& score : run.history.scores)
      if (const auto found = score.metrics.find(metric); found != score.metrics.end())
        points[score.kimg].push_back(found->second.value);
  Series series{.name = group.name, .x = {}, .y = {}};
  for (const auto& [kimg, values] : points) {
    const auto summary = summary_of(values);
    series.x.push_back(kimg);
    series.y.push_back(summary.mean);
    series.spread.push_back(summary.deviation);
  }
  return series;
}

nlohmann::ordered_json group_json(const Comparison& comparison, const RunGroup& group) {
  nlohmann::ordered_json json{{"name", group.name}};
  json["runs"] = nlohmann::ordered_json::array();
  for (const auto& run : group.runs) {
    const auto* score = run.history.score(comparison.which);
    json["runs"].push_back({{"path", run.path.string()},
                            {"kimg", run.history.kimg},
                            {"finished", run.history.finished},
                            {"scored_at", score ? nlohmann::ordered_json(score->kimg) : nlohmann::ordered_json()}});
  }
  for (const auto& metric : comparison.metrics) {
    const auto values = group.values(metric, comparison.which);
    const auto summary = summary_of(values);
    if (values.empty()) continue;
    json["metrics"][metric] = {{"mean", summary.mean}, {"deviation", summary.deviation}, {"low", summary.low},
                               {"high", summary.high}, {"runs", summary.count},          {"values", values}};
  }
  return json;
}

}  // namespace

Comparison compare(std::vector<RunGroup> groups, const std::string& which, std::vector<std::string> metrics) {
  const auto known = all_metrics(groups);
  for (const auto& metric : metrics)
    if (std::find(known.begin(), known.end(), metric) == known.end())
      fail(Fault::usage, "--metric {}: no run has it; expected one of {}", metric, fmt::join(known, ", "));
  // Floors and the like are the same for all.
  if (metrics.empty())
    std::copy_if(known.begin(), known.end(), std::back_inserter(metrics),
                 [&](const std::string& metric) { return !better_of(groups, metric).empty(); });
  return {std::move(groups), which, std::move(metrics)};
}

std::vector<std::string> doubts_of(const Comparison& comparison) {
  std::vector<std::string> doubts;
  std::map<std::string, std::string> protocols;  // with the name of a run
  for (const auto& group : comparison.groups) {
    for (const auto& run : group.runs) {
      if (!run.history.finished)
        doubts.push_back(message("{} is at {:g} of {:g} kimg: not finished", run.path.string(), run.history.kimg,
                                 run.history.end_kimg));
      if (const auto* score = run.history.score(comparison.which))
        protocols.emplace(score->protocol, run.path.string());
      else
        doubts.push_back(message("{} has no score and is left out", run.path.string()));
    }
  }
  if (protocols.size() > 1) {
    const auto &one = *protocols.begin(), &other = *std::next(protocols.begin());
    doubts.push_back(message("scores by different protocols cannot be compared: {} in {}, {} in {}", one.first,
                             one.second, other.first, other.second));
  }
  for (size_t i = 1; i < comparison.groups.size(); ++i) {
    const auto a = comparison.groups[0].runs.size(), b = comparison.groups[i].runs.size();
    if (const double least = least_p_value(a, b); least > 0.05)
      doubts.push_back(
          message("{} against {}: p cannot be below {:.2g} with so few runs; `duet train RECIPE --seeds 5`"
                  " makes more",
                  count_text(a), count_text(b), least));
  }
  return doubts;
}

std::string to_text(const Comparison& comparison, size_t columns) {
  size_t width = 0;
  for (const auto& group : comparison.groups) width = std::max(width, columns_of(printable(group.name)));
  std::string text;
  for (const auto& metric : comparison.metrics) {
    const auto better = better_of(comparison.groups, metric);
    text += printable(metric) + (better.empty() ? "" : " (" + better + " is better)") + "\n";
    const auto first = comparison.groups[0].values(metric, comparison.which);
    for (const auto& group : comparison.groups) {
      const auto values = group.values(metric, comparison.which);
      auto line = summary_text(summary_of(values));
      if (&group != comparison.groups.data() && !values.empty() && !first.empty())
        line += fmt::format("  p = {:.2g}", permutation_p_value(first, values));
      text += wrapped(line, {columns, "  " + padded(printable(group.name), width) + "  ", std::string(width + 4, ' ')});
    }
  }
  return text;
}

std::string to_json(const Comparison& comparison) {
  nlohmann::ordered_json json{{"which", comparison.which}};
  for (const auto& group : comparison.groups) json["groups"].push_back(group_json(comparison, group));
  json["differences"] = nlohmann::ordered_json::array();
  const auto& first = comparison.groups.front();
  for (size_t i = 1; i < comparison.groups.size(); ++i) {
    for (const auto& metric : comparison.metrics) {
      const auto& group = comparison.groups[i];
      const auto a = first.values(metric, comparison.which), b = group.values(metric, comparison.which);
      if (a.empty() || b.empty()) continue;
      json["differences"].push_back({{"metric", metric},
                                     {"from", first.name},
                                     {"to", group.name},
                                     {"difference", summary_of(b).mean - summary_of(a).mean},
                                     {"p", permutation_p_value(a, b)}});
    }
  }
  json["notes"] = doubts_of(comparison);
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

Image curves_of(const Comparison& comparison) {
  std::vector<Chart> charts;
  for (const auto& metric : comparison.metrics) {
    if (metric == kSeconds) continue;
    Chart chart;
    for (const auto& group : comparison.groups) chart.series.push_back(series_of(group, metric));
    const auto better = better_of(comparison.groups, metric);
    chart.options.title = metric + (better.empty() ? "" : " (" + better + " is better)");
    chart.options.height = 260;
    charts.push_back(std::move(chart));
  }
  if (charts.empty()) fail(Fault::usage, "--out: {} has no curve; add another --metric", kSeconds);
  charts.back().options.x_label = "kimg";
  return line_charts(charts);
}

}  // namespace duet
