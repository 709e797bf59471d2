#include "duet/cli/start_summary.h"

#include <algorithm>
#include <sstream>

#include "duet/core/columns.h"
#include "duet/core/error.h"
#include "duet/core/grouped.h"

namespace duet {
namespace {

/// Times of the early sheets: "1, 2, 4, 8".
std::string early_sheets(const Recipe& recipe) {
  std::vector<std::string> times;
  for (double kimg = kFirstSheet; kimg < std::min(recipe.sample_every, recipe.kimg); kimg *= 2)
    times.push_back(fmt::format("{:g}", kimg));
  if (times.empty()) return "";
  if (times.size() > 5) return fmt::format("{}, {}, {} ... {}", times[0], times[1], times[2], times.back());
  return fmt::format("{}", fmt::join(times, ", "));
}

std::string sheets(const Recipe& recipe, double kimg) {
  const auto early = kimg < recipe.sample_every ? early_sheets(recipe) : "";
  const auto every = fmt::format("every {:g} kimg", recipe.sample_every);
  std::string text = kimg > 0 ? "a sheet " : "a sheet now, ";
  if (!early.empty()) text += fmt::format("at {} and then ", early);
  text += recipe.sample_every < recipe.kimg ? every : "at the end";
  if (recipe.score.every <= 0) return text + "; no scores (score.every = 0)";
  return text + (recipe.score.every < recipe.kimg ? fmt::format("; a score every {:g} kimg", recipe.score.every)
                                                  : "; a score at the end");
}

std::string parameters(const StartInfo& beginning) {
  std::vector<std::string> counts;
  for (const auto& [name, count] : beginning.parameters) counts.push_back(fmt::format("{} {}", name, grouped(count)));
  return fmt::format("{} parameters", fmt::join(counts, ", "));
}

}  // namespace

std::string start_summary(const Recipe& recipe, const TrainingData& data, const StartInfo& beginning,
                          const std::filesystem::path& run, bool whole, size_t columns) {
  std::string text;
  const auto line = [&](const char* label, const std::string& words) {
    const std::string indent(columns < 50 ? 2 : 10, ' ');
    text += wrapped(printable(words), {columns, fmt::format("{:<10}", label), indent});
  };
  const auto held_out = data.split.held_out ? data.split.held_out->info().size : 0;
  const bool mirrors = recipe.data.mirror && data.facts.pictures;
  line("data:", describe_data(data.split.train->info()) +
                    (mirrors ? "; half of them mirrored at random (data.mirror)" : "") +
                    (held_out > 0 ? fmt::format("; {} held out", grouped(held_out)) : ""));
  for (const auto& spec : game_spec(recipe, data.facts).streams) line("", describe_stream(spec, data));
  line("device:", fmt::format("{}, {} thread{}, products in {}", beginning.device, beginning.threads,
                              beginning.threads == 1 ? "" : "s", beginning.precision));
  line("networks:", parameters(beginning));
  line("run:", run.string());
  line("output:", sheets(recipe, beginning.kimg));
  // A resumed run's recipe has no time comment, and another length takes another time.
  const auto time = beginning.kimg >= recipe.kimg        ? "no steps left"
                    : whole && !recipe.head.time.empty() ? recipe.head.time
                                                         : "known after the first rounds (ETA)";
  line("length:", fmt::format("{:g} kimg{}; time: {}", recipe.kimg,
                              beginning.kimg > 0 ? fmt::format(", from {:.4g}", beginning.kimg) : "", time));
  return text;
}

std::string describe_stream(const StreamSpec& spec, const TrainingData& data) {
  return fmt::format("stream {} ({}, {}): {}", spec.name, spec.line,
                     spec.paired ? "paired with them by number" : "drawn apart",
                     describe_data(data.split_of(spec.name).train->info()));
}

std::string describe_data(const DatasetInfo& info) {
  return message(
      "{} ({}), {} of {}{}{}", info.name, info.format,
      info.endless ? "endless examples" : fmt::format("{} example{}", grouped(info.size), info.size == 1 ? "" : "s"),
      to_string(info.shape),
      !info.shape.is_vector()   ? ""
      : info.shape.numel() == 1 ? " number"
                                : " numbers",
      info.classes.empty() ? "" : fmt::format(", {} classes", info.classes.size()));
}

std::string layer_row(const Network::Row& row, size_t columns) {
  const size_t room = std::max<size_t>(columns, 50) - 28;
  const auto numbers =
      fmt::format(" {:>12} {:>12}", to_string(row.output), row.parameters ? grouped(row.parameters) : "");
  if (columns_of(row.layer) <= room) return fmt::format("  {}{}\n", padded(row.layer, room), numbers);
  return wrapped(row.layer, {columns, "  ", "    "}) + "  " + std::string(room, ' ') + numbers + "\n";
}

std::string readable_toml(const std::string& toml, size_t columns) {
  std::string out;
  std::istringstream lines(toml);
  for (std::string line; std::getline(lines, line);) {
    // The last mark begins the comment, because the writer's comments contain none.
    const auto comment = line.rfind(" # ");
    if (columns_of(line) > columns && comment != std::string::npos && !line.starts_with("#")) {
      out += wrapped(line.substr(comment + 3), {columns, "# ", "# "});
      line.erase(line.find_last_not_of(' ', comment) + 1);
    }
    out += line + "\n";
  }
  return out;
}

}  // namespace duet
