#include "duet/train/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/picture/chart.h"
#include "duet/picture/film.h"
#include "duet/run/run_folder.h"

namespace duet {
namespace {

constexpr int64_t kSide = 8, kClassColumns = 10, kClassRows = 10, kPoints = 2000;
constexpr int64_t kShownColumns = 6;
constexpr int kScatterSide = 640, kColumnHeight = 200;

std::vector<double> column(const Tensor& values, int64_t index) {
  const auto flat = values.flatten(1).select(1, index).to(torch::kFloat64).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

/// Names of a plane's axes, if the data have any.
void set_axes(ChartOptions& options, const std::vector<std::string>& names) {
  if (names.size() != 2) return;
  options.x_label = names[0];
  options.y_label = names[1];
}

/// Histogram: shares of the values in equal bins of [low, high].
Series histogram(const std::string& name, const Tensor& values, double low, double high) {
  constexpr int64_t kBins = 60;
  const auto counts = torch::histc(values.flatten().to(torch::kFloat32), kBins, low, high) / values.numel();
  Series series{name, {}, {}, {}};
  for (int64_t i = 0; i < kBins; ++i) {
    series.x.push_back(low + (high - low) * (static_cast<double>(i) + 0.5) / kBins);
    series.y.push_back(counts[i].item<double>());
  }
  return series;
}

/// Histograms of real and generated values of one column.
Image column_picture(const Tensor& real, const Tensor& made, const ChartOptions& options) {
  const double first = real.min().item<double>(), last = real.max().item<double>();
  const double margin = last > first ? 0.1 * (last - first) : 1;
  const double low = first - margin, high = last + margin;
  return line_chart({histogram("real", real, low, high), histogram("generated", made, low, high)}, options);
}

/// A scatter plot of points of the plane; of other vectors histograms of the first columns.
Image vector_picture(const Sampler& sampler, const Tensor& real, uint64_t seed) {
  const auto made = sampler.sample({.count = kPoints, .seed = seed}).flatten(1);
  const auto shown = real.defined() ? real.flatten(1) : made;
  const auto& names = sampler.facts().columns;
  ChartOptions options;
  options.title = "generated over real";
  if (made.size(1) == 2) {
    options.width = options.height = kScatterSide;
    set_axes(options, names);
    return scatter({{"real", column(shown, 0), column(shown, 1)}, {"generated", column(made, 0), column(made, 1)}},
                   options);
  }
  std::vector<Image> charts;
  for (int64_t i = 0; i < std::min(made.size(1), kShownColumns); ++i) {
    if (made.size(1) > 1) {
      options.height = kColumnHeight;
      options.title = "column " + (names.empty() ? std::to_string(i + 1) : names[static_cast<size_t>(i)]);
    }
    charts.push_back(column_picture(shown.select(1, i), made.select(1, i), options));
  }
  return charts.size() == 1 ? charts.front() : stack(charts);
}

/// Every term's series, in order of first appearance.
std::vector<Series> series_of(const std::vector<nlohmann::ordered_json>& events, const std::string& kind,
                              const std::string& group, const std::function<bool(const std::string&)>& wanted) {
  std::vector<Series> all;
  for (const auto& event : events) {
    // Records may have been edited by hand.
    if (event.value("event", "") != kind || !event.contains("images")) continue;
    const auto values = event.find(group);
    if (values == event.end() || !values->is_object()) continue;
    for (const auto& [name, value] : values->items()) {
      if (!wanted(name)) continue;
      const auto& number = value.is_object() && value.contains("value") ? value.at("value") : value;
      auto slot = std::find_if(all.begin(), all.end(), [&name = name](const Series& s) { return s.name == name; });
      if (slot == all.end()) slot = all.insert(all.end(), Series{name, {}, {}, {}});
      if (!number.is_number()) continue;
      slot->x.push_back(event.at("images").get<double>() / 1000);
      slot->y.push_back(number.get<double>());
    }
  }
  return all;
}

}  // namespace

std::vector<Image> pictures_of(const Tensor& stored) {
  std::vector<Image> pictures;
  const auto rows = stored.size(1) == 3 ? stored.permute({0, 2, 3, 1}).contiguous() : stored.select(1, 0).contiguous();
  const int channels = stored.size(1) == 3 ? 3 : 1;
  for (int64_t i = 0; i < stored.size(0); ++i) {
    auto image = blank_image(static_cast<int>(stored.size(3)), static_cast<int>(stored.size(2)), channels);
    std::memcpy(image.pixels.data(), rows[i].data_ptr<uint8_t>(), image.pixels.size());
    pictures.push_back(std::move(image));
  }
  return pictures;
}

namespace {

Image generated_picture(const std::vector<Cloud>& clouds, const std::vector<std::string>& names) {
  ChartOptions options;
  options.title = "generated";
  set_axes(options, names);
  options.width = options.height = kScatterSide;
  return scatter(clouds, options);
}

}  // namespace

Image points_picture(const Tensor& points, const std::vector<std::string>& names,
                     const std::vector<std::string>& groups) {
  // The first cloud of a scatter plot is the real points, which sampling does not have.
  std::vector<Cloud> clouds(1);
  const auto flat = points.flatten(1);
  const auto count = static_cast<int64_t>(std::max<size_t>(groups.size(), 1));
  for (int64_t i = 0; i < count; ++i) {
    const auto group = flat.slice(0, i, flat.size(0), count);
    clouds.push_back({groups.empty() ? "" : groups[static_cast<size_t>(i)], column(group, 0), column(group, 1)});
  }
  return generated_picture(clouds, names);
}

Image paths_picture(const Tensor& points, const std::vector<std::string>& names, int64_t steps) {
  std::vector<Cloud> clouds(1);
  const auto flat = points.flatten(1);
  for (int64_t first = 0; first < flat.size(0); first += steps) {
    const auto way = flat.slice(0, first, first + steps);
    clouds.push_back({"", column(way, 0), column(way, 1), /*joined=*/true});
  }
  return generated_picture(clouds, names);
}

namespace {

/// One row for each class of the game's code (the first 10), and one sample's z and other latents per column.
Image code_sheet(const Sampler& sampler, uint64_t seed) {
  const auto& wanted = sampler.recipe();
  const auto rows = std::min(wanted.sheet_rows > 0 ? wanted.sheet_rows : kClassRows, sampler.code()->how.size);
  const auto columns = wanted.sheet_columns > 0 ? wanted.sheet_columns : kClassColumns;
  const auto codes = torch::arange(rows, torch::kInt64).repeat_interleave(columns);
  const auto numbers = torch::arange(columns, torch::kInt64).repeat({rows});
  SheetOptions options{.columns = static_cast<int>(columns)};
  for (int64_t i = 0; i < rows; ++i) options.row_names.push_back(fmt::format("{} {}", sampler.code()->name, i));
  return sheet(pictures_of(sampler.stored(sampler.with_codes({.seed = seed}, numbers, codes))), options);
}

}  // namespace

Image views_sheet(const std::vector<Sampler::Viewed>& views, int64_t columns) {
  std::vector<std::vector<Image>> rows;
  std::vector<std::string> names;
  for (const auto& view : views) {
    if (view.stored.scalar_type() != torch::kUInt8) continue;  // vectors
    rows.push_back(pictures_of(view.stored));
    names.push_back(view.name);
  }
  const auto count = rows.front().size(), width = static_cast<size_t>(columns);
  SheetOptions options;
  options.columns = static_cast<int>(columns);
  std::vector<Image> pictures;
  for (size_t first = 0; first < count; first += width)
    for (size_t k = 0; k < rows.size(); ++k) {
      options.row_names.push_back(names[k]);
      const auto& row = rows[k];
      for (size_t i = first; i < first + width; ++i)
        pictures.push_back(i < count ? row[i] : blank_image(row.front().width, row.front().height, 1));
    }
  return sheet(pictures, options);
}

Image progress_sheet(const Sampler& sampler, const Tensor& real, uint64_t seed) {
  if (!sampler.facts().pictures) return vector_picture(sampler, real, seed);
  if (sampler.code() && !sampler.conditional()) return code_sheet(sampler, seed);
  const auto& wanted = sampler.recipe();
  SheetOptions options;
  if (!sampler.conditional()) {
    const auto rows = wanted.sheet_rows > 0 ? wanted.sheet_rows : kSide;
    const auto columns = wanted.sheet_columns > 0 ? wanted.sheet_columns : kSide;
    if (const auto views = static_cast<int64_t>(sampler.views().size()); views > 0)
      return views_sheet(sampler.views({.count = std::max<int64_t>(1, rows / views) * columns, .seed = seed}), columns);
    options.columns = static_cast<int>(columns);
    return sheet(pictures_of(sampler.sample({.count = rows * columns, .seed = seed})), options);
  }
  const auto rows = std::min<int64_t>(wanted.sheet_rows > 0 ? wanted.sheet_rows : kClassRows,
                                      static_cast<int64_t>(sampler.classes().size()));
  const auto columns = wanted.sheet_columns > 0 ? wanted.sheet_columns : kClassColumns;
  const auto z = sampler.latents(columns, seed).repeat({rows, 1});
  const auto labels = torch::arange(rows, torch::kInt64).repeat_interleave(columns);
  options.columns = static_cast<int>(columns);
  options.row_names.assign(sampler.classes().begin(), sampler.classes().begin() + rows);
  return sheet(pictures_of(sampler.stored(sampler.generate(z, labels, seed))), options);
}

namespace {

/// A metric and its floor, a line from 0 to the last score.
std::vector<Series> with_floor(const std::vector<nlohmann::ordered_json>& events, const std::string& metric) {
  auto series = series_of(events, "score", "metrics", [&](const auto& name) { return name == metric; });
  auto floor = series_of(events, "score", "metrics", [&](const auto& name) { return name == metric + "_floor"; });
  if (series.empty() || floor.empty() || floor.front().y.empty()) return series;
  floor.front().name = "floor: held-out examples in place of samples";
  floor.front().dashed = true;
  floor.front().x.insert(floor.front().x.begin(), 0);
  floor.front().y.insert(floor.front().y.begin(), floor.front().y.front());
  series.push_back(floor.front());
  return series;
}

/// The best score so far.
const nlohmann::ordered_json* best_score(const std::vector<nlohmann::ordered_json>& events) {
  const auto best = std::find_if(events.rbegin(), events.rend(), [](const auto& event) {
    const auto kept = event.find("best");
    return event.value("event", "") == "score" && kept != event.end() && kept->is_boolean() &&
           kept->template get<bool>();
  });
  return best == events.rend() || !best->contains("images") ? nullptr : &*best;
}

}  // namespace

Image curves(const std::vector<nlohmann::ordered_json>& events) {
  std::vector<Chart> charts;
  const auto* best = best_score(events);
  const auto chart = [&](const std::string& title, const char* unit, const std::vector<Series>& series) {
    if (series.empty()) return;
    ChartOptions options;
    options.title = title;
    options.x_label = "kimg";
    options.y_label = unit;
    options.x_from = 0;
    if (best) {
      options.mark_x = best->at("images").get<double>() / 1000;
      options.mark_name = fmt::format("best at {:g} kimg", *options.mark_x);
    }
    charts.push_back({series, options});
  };
  const auto holds = [](const char* part) {
    return [part](const std::string& name) { return name.find(part) != std::string::npos; };
  };
  const auto is_loss = [](const std::string& name) {
    return name.find("/logit_") == std::string::npos && name.find("/probability_") == std::string::npos;
  };
  chart("losses (they say little about quality)", "loss", series_of(events, "tick", "terms", is_loss));
  const auto probabilities = series_of(events, "tick", "terms", holds("/probability_"));
  if (!probabilities.empty())
    chart("D's probability that real and generated examples are real", "mean probability", probabilities);
  else
    chart("the discriminator's mean output", "score", series_of(events, "tick", "terms", holds("/logit_")));
  for (const char* metric : {"frechet", "kernel_distance", "energy_distance", "mode_divergence"})
    chart(metric, "lower is better", with_floor(events, metric));
  return charts.empty() ? Image{} : line_charts(charts);
}

std::filesystem::path write_film(const RunFolder& run, int64_t images) {
  const auto sheets = run.sheets(images);
  std::vector<Image> pictures;
  std::vector<std::string> labels;
  for (const auto i : film_choice(sheets.size(), FilmOptions().pictures)) {
    const auto& [at, path] = sheets[i];
    pictures.push_back(decode_image(read_bytes(path, Fault::data), path.string()));
    labels.push_back(fmt::format("{:.4g} kimg", static_cast<double>(at) / 1000));
  }
  const auto bytes = film(pictures, labels);
  if (bytes.empty()) return {};
  write_atomic(run.film_path(), bytes);
  return run.film_path();
}

}  // namespace duet
