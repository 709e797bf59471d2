#include "duet/run/events.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>

#include "duet/core/files.h"
#include "duet/score/metrics.h"
#include "duet/version.h"
#include "tests/places.h"
#include "tests/train/train_run.h"

// docs/events.md is the schema: all records of a run must match it.
namespace duet {
namespace {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Key {
  std::string type;
  bool optional = false;
};
using Schema = std::map<std::string, std::map<std::string, Key>>;

Schema documented() {
  Schema schema;
  std::string heading;
  const std::regex row("\\| `(\\w+)`(\\?)? \\| ([^|]+) \\|.*");
  std::istringstream lines(read_text(fs::path(source_path()) / "docs/events.md", Fault::internal));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) heading = line.substr(3), schema[heading];
    std::smatch match;
    if (std::regex_match(line, match, row)) schema[heading][match[1]] = {match[3], match[2] == "?"};
  }
  return schema;
}

bool has_type(const Json& value, const std::string& type) {
  if (type == "text") return value.is_string();
  if (type == "whole number") return value.is_number_integer();
  if (type == "number") return value.is_number() || value.is_null();
  if (type == "true or false") return value.is_boolean();
  if (type == "object") return value.is_object();
  return type == "list" && value.is_array();
}

void expect_as_documented(const Json& event, const Schema& schema) {
  const auto what = event.at("event").get<std::string>();
  ASSERT_TRUE(schema.contains(what)) << event;
  auto keys = schema.at("every record");
  keys.insert(schema.at(what).begin(), schema.at(what).end());
  for (const auto& [key, value] : event.items()) {
    ASSERT_TRUE(keys.contains(key)) << key << " in " << event;
    EXPECT_TRUE(has_type(value, keys.at(key).type)) << key << " is no " << keys.at(key).type << " in " << event;
  }
  for (const auto& [key, how] : keys)
    EXPECT_TRUE(how.optional || event.contains(key)) << "no " << key << " in " << event;
}

std::string kinds(const std::vector<Json>& events) {
  std::string all;
  for (const auto& event : events) all += event.at("event").get<std::string>() + " ";
  return all;
}

TEST(Events, AreAsTheirDocumentSays) {
  const FreshFolder folder;
  const auto schema = documented();
  EXPECT_EQ(schema.size(), 7u) << "a kind of record was added: does the test below write one?";
  const std::vector<std::string> scored{"score.every=0.8", "score.samples=100"};
  LoopHooks hooks;
  hooks.should_stop = [rounds = 0]() mutable { return ++rounds == 60; };
  train_run(folder / "ring", tiny(kTinyRing, scored), hooks);
  train_run(folder / "ring", tiny(kTinyRing, scored));
  train_run(folder / "digits", tiny(kTinyDigits));
  std::map<std::string, int> seen;
  for (const char* run : {"ring", "digits"})
    for (const auto& event : RunFolder::open(folder / run).events()) {
      expect_as_documented(event, schema);
      ++seen[event.at("event").get<std::string>()];
    }
  for (const auto& [kind, keys] : schema)
    EXPECT_TRUE(kind == "every record" || seen[kind] > 0) << kind << " was never written";
}

TEST(Events, TellTheStoryOfARun) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyRing, {"score.every=1.6", "score.samples=100", "tick=1.6", "checkpoint_every=1.6"});
  LoopHooks hooks;
  hooks.should_stop = [rounds = 0]() mutable { return ++rounds == 30; };
  train_run(folder / "run", recipe, hooks);
  const auto run = RunFolder::open(folder / "run");
  EXPECT_EQ(kinds(run.events()), "start tick stop ");
  EXPECT_EQ(run.events()[0].at("duet"), kVersion);
  EXPECT_EQ(run.events()[0].at("parameters").at("generator"), 4 * 8 + 8 + 8 * 2 + 2);
  EXPECT_EQ(run.events()[2].at("finished"), false);
  train_run(folder / "run", recipe);
  const auto events = run.events();
  EXPECT_EQ(kinds(events), "start tick stop resume tick tick score best stop ");
  EXPECT_EQ(events[3].at("images"), 480);
  EXPECT_EQ(events[7].at("value"), events[6].at("metrics").at("mode_divergence").at("value"));
  EXPECT_EQ(events[8].at("finished"), true);
  const std::regex time("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
  std::string before;
  for (const auto& event : events) {
    const auto now = event.at("time").get<std::string>();
    EXPECT_TRUE(std::regex_match(now, time)) << now;
    EXPECT_LE(before, now);
    before = now;
  }
  // A finished run is not trained further.
  train_run(folder / "run", recipe);
  EXPECT_EQ(kinds(run.events()), "start tick stop resume tick tick score best stop resume ");
}

TEST(Events, NameEveryMetricThatIsListed) {
  const FreshFolder folder;
  std::set<std::string> listed;
  for (const auto& entry : metric_entries()) EXPECT_TRUE(listed.insert(entry.name).second) << entry.name;
  for (const auto& overrides :
       {std::vector<std::string>{"score.every=1.6", "score.samples=100"},
        std::vector<std::string>{"score.every=1.6", "score.samples=100", "data.spec=gaussians1d"}}) {
    const auto outcome = train_run(folder / overrides.back(), tiny(kTinyRing, overrides));
    ASSERT_TRUE(outcome.score);
    for (const auto& metric : outcome.score->metrics) {
      const auto entry = std::find_if(metric_entries().begin(), metric_entries().end(),
                                      [&](const auto& e) { return e.name == metric.name; });
      ASSERT_NE(entry, metric_entries().end()) << metric.name << " is not in score/metrics.cpp";
      EXPECT_EQ(entry->better, metric.better) << metric.name;
    }
  }
}

}  // namespace
}  // namespace duet
