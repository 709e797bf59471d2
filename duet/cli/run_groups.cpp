#include "duet/cli/run_groups.h"

#include <algorithm>
#include <set>

#include "duet/core/error.h"
#include "duet/core/paths.h"
#include "duet/core/shell.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

bool is_run(const fs::path& path) {
  std::error_code error;
  return fs::exists(path / "recipe.toml", error) && fs::exists(path / "run.json", error);
}

/// Numbers within names by their value.
bool comes_before(const fs::path& a, const fs::path& b) {
  const auto one = a.filename().string(), other = b.filename().string();
  const auto number_at = [](const std::string& name) { return name.find_last_not_of("0123456789") + 1; };
  const auto from = number_at(one), to = number_at(other);
  if (one.substr(0, from) != other.substr(0, to)) return one < other;
  const auto digits = one.size() - from, others = other.size() - to;
  return digits != others ? digits < others : one < other;
}

/// "runs/a/" -> "a"
std::string last_part(const std::string& path) {
  const auto plain = fs::path(path).lexically_normal();
  const auto name = plain.has_filename() ? plain.filename() : plain.parent_path().filename();
  return name.empty() || name == "." ? path : name.string();
}

}  // namespace

std::vector<double> RunGroup::values(const std::string& metric, const std::string& which) const {
  std::vector<double> values;
  for (const auto& run : runs) {
    const auto* score = run.history.score(which);
    if (!score) continue;
    if (metric == "training_seconds") {
      values.push_back(run.history.training_seconds);
    } else if (const auto found = score->metrics.find(metric); found != score->metrics.end()) {
      values.push_back(found->second.value);
    }
  }
  return values;
}

bool RunGroup::has_scores() const {
  return std::any_of(runs.begin(), runs.end(), [](const ComparedRun& run) { return !run.history.scores.empty(); });
}

std::vector<fs::path> runs_in(const fs::path& folder) {
  std::vector<fs::path> runs;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (is_run(at->path())) runs.push_back(at->path());
  std::sort(runs.begin(), runs.end(), comes_before);
  return runs;
}

RunGroup find_group(const std::string& path) {
  const auto paths = is_run(path) ? std::vector<fs::path>{path} : runs_in(path);
  if (paths.empty()) {
    if (look_at(path, Fault::usage) == PathKind::missing)
      fail(Fault::usage, "{}: no such folder; expected a run, or a folder of runs{}", path, unexpanded(path));
    fail(Fault::usage,
         "{}: neither a run nor a folder of runs; expected what `duet train` made, with --seeds or without", path);
  }
  RunGroup group{.name = path, .runs = {}};
  for (const auto& run : paths) group.runs.push_back({run, history_of(RunFolder::open(run))});
  return group;
}

namespace {

RunGroup open_group(const std::string& path) {
  auto group = find_group(path);
  if (!group.has_scores())
    fail(Fault::data, "{}: has no score yet, and losses do not compare; train it with score.every set, or to its end",
         path);
  return group;
}

}  // namespace

std::vector<RunGroup> open_groups(const std::vector<std::string>& paths) {
  std::vector<RunGroup> groups;
  std::set<std::string> names;
  for (const auto& path : paths) {
    groups.push_back(open_group(path));
    names.insert(last_part(path));
  }
  if (names.size() == groups.size())
    for (auto& group : groups) group.name = last_part(group.name);
  return groups;
}

}  // namespace duet
