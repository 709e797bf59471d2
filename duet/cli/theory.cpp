#include "duet/train/theory.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "duet/cli/output_path.h"
#include "duet/cli/phases.h"
#include "duet/cli/terminal.h"
#include "duet/cli/verbs.h"
#include "duet/core/columns.h"
#include "duet/core/error.h"
#include "duet/picture/chart.h"

namespace duet {
namespace {

struct Options {
  std::string out = "theory.png";
  int64_t seed = 0;
  bool json = false;
};

/// How far the numbers of one training may be from the theory's.
constexpr double kTolerance = 0.02;

/// The paper's lower lines: z above, x below, and G's arrows between them, as one line with gaps.
Series arrows(const TheoryPanel& panel) {
  constexpr double kGap = std::numeric_limits<double>::quiet_NaN(), kZ = -0.08, kX = -0.3;
  Series series{.name = "z to G(z)", .x = {}, .y = {}};
  for (const auto& [z, x] : panel.samples) {
    for (const double at : {z, x, x}) series.x.push_back(at);
    for (const double at : {kZ, kX, kGap}) series.y.push_back(at);
  }
  return series;
}

Image figure(const std::vector<TheoryPanel>& panels) {
  std::vector<Chart> charts;
  for (const auto& panel : panels) {
    Chart chart{{{.name = "data p", .x = panel.x, .y = panel.p},
                 {.name = "fakes q", .x = panel.x, .y = panel.q},
                 {.name = "D", .x = panel.x, .y = panel.d},
                 arrows(panel),
                 {.name = "p / (p + q)", .x = panel.x, .y = panel.best, .dashed = true}},
                {.title = panel.title, .height = 260}};
    charts.push_back(std::move(chart));
  }
  charts.back().options.x_label = "x";
  return line_charts(charts);
}

std::string to_text(const std::vector<LearnedRatio>& results, size_t columns) {
  std::string text = wrapped(
      "D learns alone between data N(0,1) and fakes N(shift,1). The theory: D(x) = p(x) / (p(x) + q(x)), and V = 2 JSD "
      "- log 4. Mean D and V are means over 100,000 new examples of each.",
      {columns});
  text += "\nshift  largest error of D  mean D, data  fakes      V  2 JSD learned   exact   error\n";
  for (const auto& r : results)
    text += fmt::format("{:5g}  {:18.4f}  {:12.4f} {:6.4f} {:6.3f}  {:13.4f} {:7.4f} {:7.4f}\n", r.shift, r.worst,
                        r.mean_real, r.mean_fake, r.value, r.learned, r.exact, std::abs(r.learned - r.exact));
  bool all = true;
  for (const auto& r : results) all = all && r.worst <= kTolerance && std::abs(r.learned - r.exact) <= kTolerance;
  text += "\n" +
          wrapped(fmt::format("{} Without overlap 2 JSD is log 4 = {:.4f}, wherever the fakes are: there D's loss says "
                              "nothing about how far they have to go.",
                              all ? fmt::format("Every error is below {}.", kTolerance)
                                  : fmt::format("Some error is above {}: train with another --seed.", kTolerance),
                              std::log(4.0)),
                  {columns});
  return text;
}

std::string to_json(const std::vector<LearnedRatio>& results, const std::vector<TheoryPanel>& panels) {
  nlohmann::ordered_json json;
  for (const auto& r : results)
    json["ratios"].push_back({{"shift", r.shift},
                              {"largest_error", r.worst},
                              {"mean_real", r.mean_real},
                              {"mean_fake", r.mean_fake},
                              {"value", r.value},
                              {"twice_jsd_learned", r.learned},
                              {"twice_jsd_exact", r.exact}});
  for (const auto& panel : panels)
    json["panels"].push_back(
        {{"title", panel.title}, {"x", panel.x}, {"p", panel.p}, {"q", panel.q}, {"d", panel.d}, {"best", panel.best}});
  return json.dump(2);
}

void run(const Options& options) {
  if (!options.out.ends_with(".png"))
    fail(Fault::usage, "--out {}: expected a picture, such as theory.png", options.out);
  check_output_path(options.out, "a file", "a file");
  Phases phases;
  std::vector<LearnedRatio> results;
  const auto seed = static_cast<uint64_t>(options.seed);
  for (const double shift : {0.0, 1.0, 2.0, 4.0, 8.0}) {
    phases.begin(fmt::format("training D alone against fakes N({:g},1)", shift));
    results.push_back(learn_ratio(shift, seed));
  }
  phases.begin("training G and D on the line");
  const auto panels = learning_panels(seed);
  write_png(resolve_link(options.out), figure(panels));
  if (options.json)
    fmt::print("{}\n", to_json(results, panels));
  else
    fmt::print("{}\nfigure: {}\n", to_text(results, page_columns()), printable(options.out));
}

}  // namespace

void add_theory(CLI::App& program) {
  auto* verb = program.add_subcommand("theory", "check the theory of GANs by training, and draw it");
  auto options = std::make_shared<Options>();
  verb->add_option("--out", options->out, "picture of four moments of a training (default: theory.png)")
      ->check(not_empty("a picture; leave it out for theory.png"));
  verb->add_option("--seed", options->seed, "seed of all random numbers")->check(seed_range());
  verb->add_flag("--json", options->json, "print JSON");
  add_threads(*verb);
  verb->footer(
      "After Goodfellow et al. 2014 (arXiv:1406.2661), sections 4.1 and 4.2 and Figure 1.\n\nExample:\n  duet theory "
      "--out theory.png");
  verb->callback([options] { run(*options); });
}

}  // namespace duet
