#include "duet/cli/tick_line.h"

#include <algorithm>
#include <cctype>

#include "duet/cli/pace.h"
#include "duet/core/columns.h"
#include "duet/core/error.h"
#include "duet/core/text.h"

namespace duet {
namespace {

/// What a line leaves out; each level includes those before it.
enum Level { kAll, kNoShares, kShortNames, kNoPenalties, kNoRate, kLossesOnly, kNoTerms };

/// A player's name as in papers: "D" for "discriminator".
std::string initial(const std::string& player) {
  return player.empty() ? player : std::string(1, static_cast<char>(std::toupper(player.front())));
}

/// A term's name as in papers: "D(real)" for probability_real; empty if it is not shown.
std::string term_name(const std::string& term, bool probabilities, int level) {
  if (term == "adversarial") return level >= kShortNames ? " " : "loss";
  if (term.starts_with("probability_")) return level >= kLossesOnly ? "" : fmt::format("D({})", term.substr(12));
  if (term.starts_with("logit_")) return probabilities || level >= kLossesOnly ? "" : term.substr(6);
  return level >= kNoPenalties ? "" : term;
}

/// The terms by player: "D loss 1.29 r1 0.0722 D(real) 0.71 D(fake) 0.24 G loss 0.775".
std::string short_terms(const Progress& p, int level) {
  if (level >= kNoTerms) return "";
  const bool probabilities = std::any_of(p.terms.begin(), p.terms.end(), [](const auto& term) {
    return term.first.find("/probability_") != std::string::npos;
  });
  std::string text = " |", player;
  for (const auto& [name, value] : p.terms) {
    const auto slash = name.find('/');
    const auto mover = name.substr(0, slash);
    const auto term = term_name(name.substr(slash == std::string::npos ? 0 : slash + 1), probabilities, level);
    if (term.empty()) continue;
    if (std::exchange(player, mover) != mover) text += " " + initial(mover);
    if (term != " ") text += " " + term;
    text += term.starts_with("D(") ? fmt::format(" {:.2f}", value) : fmt::format(" {:.3g}", value);
  }
  return text;
}

std::string shares(const Progress& p) {
  std::string text;
  for (const auto& [name, share] : p.time_shares)
    if (share >= 0.005)
      text += fmt::format(" {} {:.0f}%", name == "data" || name == "other" ? name : initial(name), 100 * share);
  return " |" + text;
}

std::string line_at(const Progress& p, int level) {
  auto text = fmt::format("{:8.2f} kimg {:3.0f}%", p.kimg, std::min(100.0, 100 * p.kimg / p.total_kimg));
  if (level < kNoRate) text += fmt::format("  {:.0f} img/s", p.images_per_second);
  text += fmt::format("  ETA {}{}", duration(p.seconds_left), short_terms(p, level));
  return level < kNoShares ? text + shares(p) : text;
}

}  // namespace

std::string TickLines::line(const Progress& progress, size_t columns) {
  if (std::exchange(columns_, columns) != columns) level_ = kAll;
  auto text = line_at(progress, level_);
  while (columns_of(text) > columns && level_ < kNoTerms) text = line_at(progress, ++level_);
  return cut_to_columns(text, columns);
}

std::string bar_line(double kimg, double total_kimg, double rate, double seconds_left, size_t columns) {
  constexpr size_t kMostCells = 40, kLeastCells = 8;
  std::string place = fmt::format("{:.2f} / {:g} kimg", kimg, total_kimg), left, pace;
  if (rate > 0) left = fmt::format("  ETA {}", duration(std::max(0.0, seconds_left)));
  if (rate > 0) pace = fmt::format("  {:.0f} img/s", rate);
  const auto fits = [&](size_t cells) { return cells + 3 + place.size() + pace.size() + left.size() <= columns; };
  // Leave out first what the bar needs least.
  if (!fits(kLeastCells)) pace.clear();
  if (!fits(kLeastCells)) place = fmt::format("{:.0f}%", std::min(100.0, 100 * kimg / total_kimg));
  if (!fits(kLeastCells)) return cut_to_columns(place + left, columns);
  const size_t cells = std::min(kMostCells, columns - 3 - place.size() - pace.size() - left.size());
  const auto filled = static_cast<size_t>(static_cast<double>(cells) * std::min(1.0, kimg / total_kimg));
  return fmt::format("[{}{}] {}{}{}", std::string(filled, '#'), std::string(cells - filled, '.'), place, pace, left);
}

std::string score_lines(const Report& report, bool best, size_t columns) {
  std::vector<std::string> parts;
  for (const char* name : {"frechet", "kernel_distance", "energy_distance", "mode_divergence", "modes", "confident",
                           "agreement", "high_quality"})
    if (const auto* metric = report.find(name)) parts.push_back(fmt::format("{} {:.4g}", name, metric->value));
  if (best) parts.emplace_back("(best so far, saved)");
  std::string text, line = "          score";
  for (const auto& part : parts) {
    if (columns_of(line) + 2 + columns_of(part) > columns) {
      text += line + "\n";
      line = std::string(columns < 60 ? 0 : 15, ' ');
    }
    line += "  " + part;
  }
  return text + line + "\n";
}

}  // namespace duet
