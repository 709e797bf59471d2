#include "duet/train/order.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"
#include "duet/core/nearest.h"

namespace duet {
namespace {

constexpr double kRounding = 1e-9;  // three batches of 100 are 0.3 kimg despite rounding

/// "generator + encoder" -> {"generator", "encoder"}
Group group_of(const std::string& text) {
  Group group;
  for (size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find('+', begin);
    auto name = text.substr(begin, end == std::string::npos ? end : end - begin);
    const auto first = name.find_first_not_of(' '), last = name.find_last_not_of(' ');
    group.push_back(first == std::string::npos ? "" : name.substr(first, last - first + 1));
  }
  return group;
}

}  // namespace

std::string to_string(const std::vector<Group>& groups) {
  std::vector<std::string> texts;
  for (const auto& group : groups) texts.push_back(fmt::format("{}", fmt::join(group, " + ")));
  return fmt::format("{}", fmt::join(texts, ", "));
}

TurnOrder::TurnOrder(const Recipe& recipe, const std::vector<PlayerSpec>& players) : recipe_(recipe) {
  for (const auto& player : players) players_.push_back(player.name);
  const auto& turns = recipe_.turns;
  for (const auto& [name, phase] : turns.phase) {
    const auto place = "turns.phase." + name;
    if (phase.until <= 0)
      fail(Fault::recipe, "{}: has no end; expected until = the {} at which the next phase begins", place, turns.unit);
    phases_.push_back(
        {name, phase.until, phase.rate, phase.order == "alternating", groups_of(place, phase.order, phase.list)});
  }
  std::sort(phases_.begin(), phases_.end(), [](const Phase& a, const Phase& b) { return a.until < b.until; });
  for (size_t i = 1; i < phases_.size(); ++i)
    if (phases_[i].until == phases_[i - 1].until)
      fail(Fault::recipe, "turns.phase.{} and turns.phase.{} both end at {:g} {}; expected one after the other",
           phases_[i - 1].name, phases_[i].name, phases_[i].until, turns.unit);
  if (turns.repeat && phases_.empty())
    fail(Fault::recipe, "turns.repeat: there are no phases to repeat; add [turns.phase.NAME], or leave it out");
  phases_.push_back({"", 0, 1, turns.order == "alternating", groups_of("turns", turns.order, turns.list)});
}

std::vector<Group> TurnOrder::groups_of(const std::string& place, const std::string& order,
                                        const std::vector<std::string>& list) const {
  if (order == "simultaneous") {
    const auto& turns = recipe_.turns;
    bool counted = turns.order == "alternating";  // somewhere
    for (const auto& [name, phase] : turns.phase) counted = counted || phase.order == "alternating";
    for (const auto& [name, config] : recipe_.player)
      if (config.steps.highest() > 1 && !counted)
        fail(Fault::recipe, "player.{}.steps {}, but {}.order = \"simultaneous\" moves everyone once; use alternating",
             name, config.steps.is_constant() ? fmt::format("= {:g}", config.steps.from) : "is a schedule", place);
    return {players_};
  }
  std::vector<Group> groups;
  if (order == "alternating") return groups;
  for (const auto& text : list) {
    groups.push_back(group_of(text));
    for (const auto& name : groups.back()) {
      if (std::find(players_.begin(), players_.end(), name) == players_.end()) {
        const auto near = nearest_name(name, players_);
        fail(Fault::recipe, "{}.list: '{}' is not a player of game \"{}\"; it has {}{}", place, name, recipe_.game.kind,
             fmt::join(players_, ", "), near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
      }
      if (std::count(groups.back().begin(), groups.back().end(), name) > 1)
        fail(Fault::recipe, "{}.list: '{}' moves {} twice from the same point; expected each player once", place, text,
             name);
    }
  }
  if (groups.empty()) fail(Fault::recipe, "{}.list is empty; expected players in the order of their moves", place);
  return groups;
}

const TurnOrder::Phase& TurnOrder::phase_at(const Clock& clock, int64_t number) const {
  if (phases_.size() == 1) return phases_.front();
  const auto& unit = recipe_.turns.unit;
  double now = unit == "epoch" ? clock.epoch : unit == "round" ? static_cast<double>(number) : clock.kimg;
  if (recipe_.turns.repeat) now = std::fmod(now + kRounding, phases_[phases_.size() - 2].until);
  for (const auto& phase : phases_)
    if (phase.until == 0 || now + kRounding < phase.until) return phase;
  return phases_.back();
}

Schedule TurnOrder::steps_of(const std::string& player) const {
  const auto config = recipe_.player.find(player);
  return config == recipe_.player.end() ? Schedule(1) : config->second.steps;
}

double TurnOrder::rate(const Clock& clock, int64_t number) const { return phase_at(clock, number).rate; }

std::vector<Group> TurnOrder::at(const Clock& clock, int64_t number, const Updates& updates) const {
  const double seen = clock.kimg + static_cast<double>(recipe_.batch) / 1000;
  const auto& phase = phase_at(clock, number);
  auto listed = phase.groups;
  if (phase.alternating)
    for (const auto& name : players_) {
      const auto steps = std::lround(steps_of(name).at({clock.kimg, updates(name), clock.epoch}));
      listed.insert(listed.end(), static_cast<size_t>(std::max(1L, steps)), Group{name});
    }
  std::vector<Group> groups;
  for (const auto& group : listed) {
    Group moving;
    for (const auto& name : group) {
      const auto config = recipe_.player.find(name);
      if (config == recipe_.player.end() || seen + kRounding >= config->second.start) moving.push_back(name);
    }
    if (!moving.empty()) groups.push_back(moving);
  }
  return groups;
}

std::string TurnOrder::to_text(const Phase& phase) const {
  if (!phase.alternating) return to_string(phase.groups);
  std::vector<std::string> texts;
  for (const auto& name : players_) {
    const auto steps = steps_of(name);
    const auto low = std::lround(steps.lowest()), high = std::lround(steps.highest());
    if (steps.is_constant())
      texts.insert(texts.end(), static_cast<size_t>(high), name);
    else
      texts.push_back(fmt::format("{} {} to {} times ({})", name, low, high, steps.shape));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::vector<std::string> TurnOrder::lines() const {
  std::vector<std::string> lines;
  for (const auto& phase : phases_) {
    const bool last = phase.until == 0;
    if (last && recipe_.turns.repeat) break;
    auto line = to_text(phase);
    if (phase.rate != 1) line += fmt::format(" (learning rates times {:g})", phase.rate);
    if (!last) line = fmt::format("{}, until {:g} {}: {}", phase.name, phase.until, recipe_.turns.unit, line);
    if (last && phases_.size() > 1) line = "then: " + line;
    lines.push_back(line);
  }
  if (recipe_.turns.repeat) lines.emplace_back("and again from the first");
  return lines;
}

}  // namespace duet
