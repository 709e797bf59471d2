#include <algorithm>
#include <nlohmann/json.hpp>

#include "duet/core/columns.h"
#include "duet/core/error.h"
#include "duet/data/inspect/inspect.h"
#include "duet/data/inspect/inspect_findings.h"

namespace duet {
namespace {

constexpr size_t kLabelWidth = 12;

std::string line(const std::string& label, const std::string& text) {
  return fmt::format("  {:<{}}{}\n", label, kLabelWidth, printable(text));
}

/// A name shortened to this many letters.
std::string fit(const std::string& name, size_t width) {
  return name.size() <= width ? name : name.substr(0, width - 3) + "...";
}

/// "none", or the count and one name per line.
std::string named_line(const std::string& label, const Faulty& named, const char* unit) {
  if (named.count == 0) return line(label, "none");
  std::string text = line(label, fmt::format("{} {}{}", grouped(named.count), unit, named.count == 1 ? "" : "s"));
  for (const auto& name : named.names) text += line("", name);
  const int64_t more = named.count - static_cast<int64_t>(named.names.size());
  return more > 0 ? text + line("", fmt::format("and {} more", grouped(more))) : text;
}

/// Name and count of every class, up to 20 of them, in lines of words; of more the extremes.
std::string class_lines(const PartInspection& part) {
  constexpr size_t kListed = 20;
  const auto& names = part.info.classes;
  if (names.empty()) return line("classes", "none (no labels)");
  if (names.size() > kListed) {
    const auto [small, large] = std::minmax_element(part.class_sizes.begin(), part.class_sizes.end());
    const auto name = [&](auto at) { return names[static_cast<size_t>(at - part.class_sizes.begin())]; };
    return line("classes",
                fmt::format("{}, from {} examples ({}) to {} ({})", grouped(static_cast<int64_t>(names.size())),
                            grouped(*small), name(small), grouped(*large), name(large)));
  }
  std::string words = fmt::format("{}:", names.size());
  for (size_t i = 0; i < names.size(); ++i)
    words += fmt::format(" {} {}{}", names[i], grouped(part.class_sizes[i]), i + 1 < names.size() ? "," : "");
  return line("classes", words);
}

/// "412 pictures of 32x32, 3 of another size" with the first of those; if all sizes differ, the extremes.
std::string size_lines(const PartInspection& part) {
  if (part.sizes.empty()) return "";
  const auto name = [](const SizeCount& size) { return fmt::format("{}x{}", size.width, size.height); };
  const auto& most = part.sizes.front();
  const auto usual = std::find_if(part.sizes.begin(), part.sizes.end(), [&](const SizeCount& size) {
    return size.width == part.info.shape.width && size.height == part.info.shape.height;
  });
  const int64_t alike = usual == part.sizes.end() ? 0 : usual->count;
  // A test part may have a single size that differs from the training part's.
  if (part.sizes.size() == 1)
    return line("sizes", fmt::format("{}, where the training part has {}x{}", name(most), part.info.shape.width,
                                     part.info.shape.height));
  std::string text;
  if (alike >= part.other_size.count) {
    text = line("sizes", fmt::format("{} picture{} of {}x{}, {} of {}:", grouped(alike), alike == 1 ? "" : "s",
                                     part.info.shape.width, part.info.shape.height, grouped(part.other_size.count),
                                     part.sizes.size() == 2 ? "another size" : "other sizes"));
    for (const auto& picture : part.other_size.names) text += line("", picture);
    const auto more = part.other_size.count - static_cast<int64_t>(part.other_size.names.size());
    return more > 0 ? text + line("", fmt::format("and {} more", grouped(more))) : text;
  }
  const auto area = [](const SizeCount& a, const SizeCount& b) { return a.width * a.height < b.width * b.height; };
  const auto [small, large] = std::minmax_element(part.sizes.begin(), part.sizes.end(), area);
  return line("sizes", fmt::format("{}, from {} to {}; the most frequent is {} ({} picture{})",
                                   grouped(static_cast<int64_t>(part.sizes.size())), name(*small), name(*large),
                                   name(most), grouped(most.count), most.count == 1 ? "" : "s"));
}

std::string describe_size(const PartInspection& part, const char* name) {
  const DatasetInfo& info = part.info;
  const bool image = !info.shape.is_vector();
  const std::string count = info.endless ? fmt::format("endless; the first {} looked at", grouped(part.examined))
                                         : fmt::format("{} example{}", grouped(info.size), info.size == 1 ? "" : "s");
  const Shape shown =
      part.sizes.size() == 1 ? Shape{info.shape.channels, part.sizes[0].height, part.sizes[0].width} : info.shape;
  const std::string kind =
      part.sizes.size() > 1 ? "pictures of several sizes"
      : image               ? fmt::format("pictures of {}", to_string(shown))
              : fmt::format("vectors of {} number{}", to_string(info.shape), info.shape.numel() == 1 ? "" : "s");
  return fmt::format("{}: {}, {}, {}\n", name, count, kind,
                     info.element == Element::uint8 ? "8 bits" : "32-bit floating point");
}

/// How pictures are converted when they are read.
std::string treatment_lines(const PartInspection& part) {
  std::string text;
  const auto pictures = [](int64_t count) {
    return fmt::format("{} picture{}", grouped(count), count == 1 ? "" : "s");
  };
  if (part.turned > 0)
    text += line("turned", fmt::format("{} stored turned, read as {} EXIF orientation says, as viewers do",
                                       pictures(part.turned), part.turned == 1 ? "its" : "their"));
  if (part.alpha > 0)
    text += line("alpha", fmt::format("{} with an alpha channel ({} transparent somewhere), composited over white",
                                      pictures(part.alpha), grouped(part.transparent)));
  return text;
}

/// How the file was interpreted, one line each.
std::string reading_lines(const DatasetInfo& info) {
  std::string text;
  for (const auto& reading : info.reading) text += line(text.empty() ? "read as" : "", reading);
  return text;
}

/// A row for every column, up to 20 of them; of more, those with the smallest and the largest deviation.
std::string column_lines(const PartInspection& part) {
  constexpr size_t kListed = 20, kNameWidth = 24;
  const auto& columns = part.columns;
  if (columns.size() < 2) return "";
  const auto row = [&](const ColumnSummary& c, size_t width) {
    return fmt::format("{:<{}}  {:>10.4g} {:>10.4g} {:>10.4g} {:>10.4g}", fit(c.name, kNameWidth), width, c.min, c.max,
                       c.mean, c.stddev);
  };
  std::vector<ColumnSummary> shown = columns;
  std::string text;
  if (columns.size() > kListed) {
    const auto [least, most] = std::minmax_element(columns.begin(), columns.end(),
                                                   [](const auto& a, const auto& b) { return a.stddev < b.stddev; });
    text = line("columns", fmt::format("{}; those of the least and the greatest deviation:", columns.size()));
    shown = {*least, *most};
  }
  size_t width = 6;
  for (const auto& c : shown) width = std::max(width, fit(c.name, kNameWidth).size());
  text += line(text.empty() ? "columns" : "", fmt::format("{:<{}}  {:>10} {:>10} {:>10} {:>10}", "", width, "smallest",
                                                          "largest", "mean", "deviation"));
  for (const auto& c : shown) text += line("", row(c, width));
  return text;
}

std::string part_text(const PartInspection& part, const char* name) {
  std::string text = describe_size(part, name);
  text += reading_lines(part.info);
  text += line("values", fmt::format("{:.4g} to {:.4g}, mean {:.4g}, standard deviation {:.4g}", part.min, part.max,
                                     part.mean, part.stddev));
  text += column_lines(part);
  text += size_lines(part);
  text += treatment_lines(part);
  text += class_lines(part);
  text += named_line("corrupt", part.corrupt, "example");
  if (!part.info.shape.is_vector()) text += named_line("blank", part.blank, "picture");
  text += named_line("duplicates", part.duplicates, "example");
  return text;
}

/// Breaks lines that are too long; continuation lines are indented to the line's own text.
std::string reflowed(const std::string& text, size_t columns) {
  constexpr size_t kNumberWidth = 5, kLeastBeside = 40;
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const auto row = text.substr(at, end - at);
    at = end + 1;
    const bool labelled = row.starts_with("  ") && row.size() > 2 + kLabelWidth && row[1 + kLabelWidth] == ' ';
    const bool numbered = row.size() > kNumberWidth && row.compare(kNumberWidth - 2, 2, ". ") == 0;
    const size_t beside = numbered ? kNumberWidth : labelled && columns >= kLeastBeside ? 2 + kLabelWidth : 4;
    out += row.empty() ? "\n" : wrapped(row, {columns, "", std::string(beside, ' ')});
  }
  return out;
}

nlohmann::json to_json(const Faulty& named) { return {{"count", named.count}, {"names", named.names}}; }

nlohmann::json to_json(const std::vector<ColumnSummary>& columns) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& c : columns)
    all.push_back({{"name", c.name}, {"min", c.min}, {"max", c.max}, {"mean", c.mean}, {"stddev", c.stddev}});
  return all;
}

nlohmann::json to_json(const PartInspection& part) {
  nlohmann::json classes = nlohmann::json::array();
  for (size_t i = 0; i < part.info.classes.size(); ++i)
    classes.push_back({{"name", part.info.classes[i]}, {"examples", part.class_sizes[i]}});
  nlohmann::json sizes = nlohmann::json::array();
  for (const auto& size : part.sizes)
    sizes.push_back({{"width", size.width}, {"height", size.height}, {"pictures", size.count}});
  const Shape& shape = part.info.shape;
  return {{"examples", part.info.size},
          {"endless", part.info.endless},
          {"examined", part.examined},
          {"shape", {shape.channels, shape.height, shape.width}},
          {"element", part.info.element == Element::uint8 ? "uint8" : "float32"},
          {"min", part.min},
          {"max", part.max},
          {"mean", part.mean},
          {"stddev", part.stddev},
          {"columns", to_json(part.columns)},
          {"reading", part.info.reading},
          {"not_finite", part.not_finite},
          {"sizes", sizes},
          {"other_size", to_json(part.other_size)},
          {"classes", classes},
          {"blank", to_json(part.blank)},
          {"corrupt", to_json(part.corrupt)},
          {"duplicates", to_json(part.duplicates)},
          {"grey_as_rgb", part.grey_as_rgb},
          {"turned", part.turned},
          {"alpha", part.alpha},
          {"coloured_as_grey", part.coloured_as_grey},
          {"transparent", part.transparent},
          {"ignored", part.info.left_out.endings},
          {"dead_links", part.info.left_out.dead_links}};
}

}  // namespace

std::string to_text(const Inspection& inspection, size_t columns) {
  const PartInspection& train = inspection.train;
  std::string text = message("{} ({})\n", train.info.name, train.info.format);
  text += "\n" + part_text(train, "Training part");
  if (inspection.test) {
    text += "\n" + part_text(*inspection.test, "Test part");
    text += named_line("in training", inspection.overlap, "example");
  }
  if (const auto& endings = train.info.left_out.endings; !endings.empty())
    text += "\nIgnored files: " + printable(describe_endings(endings)) + "\n";
  if (inspection.findings.empty()) return reflowed(text + "\nNothing looks wrong.\n", columns);
  text +=
      fmt::format("\n{} thing{} to look at:\n", inspection.findings.size(), inspection.findings.size() == 1 ? "" : "s");
  for (size_t i = 0; i < inspection.findings.size(); ++i)
    text += fmt::format("{:>3}. {}\n", i + 1, printable(inspection.findings[i].text));
  return reflowed(text, columns);
}

nlohmann::json to_json(const Inspection& inspection) {
  nlohmann::json findings = nlohmann::json::array();
  for (const Finding& finding : inspection.findings)
    findings.push_back({{"code", finding.code}, {"text", finding.text}});
  nlohmann::json json = {{"name", inspection.train.info.name},     {"format", inspection.train.info.format},
                         {"train", to_json(inspection.train)},     {"test", nullptr},
                         {"overlap", to_json(inspection.overlap)}, {"findings", findings}};
  if (inspection.test) json["test"] = to_json(*inspection.test);
  return json;
}

}  // namespace duet
