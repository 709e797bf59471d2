#include "duet/data/inspect/inspect.h"

#include <nlohmann/json.hpp>

#include "duet/cli/terminal.h"
#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/names.h"

namespace duet {

void add_inspect(CLI::App& program) {
  struct Options {
    std::string spec;
    SourceOptions source;
    bool json = false;
  };
  auto* verb = program.add_subcommand("inspect", "what a data set contains, and what is wrong with it");
  auto options = std::make_shared<Options>();
  verb->add_option("spec", options->spec, "a built-in set, a path, or format:path")->required();
  verb->add_option("--resolution", options->source.resolution,
                   "read pictures as a recipe with this resolution does; 0 keeps their sizes (default: 0)")
      ->check(between(0, 4096, "recipes use 28 to 64; leave it out to keep the pictures' sizes"));
  verb->add_flag("--json", options->json, "print JSON");
  verb->footer(
      "Arrays of pictures are [N,H,W], [N,C,H,W] or [N,H,W,C]: bytes, or floats in -1..1, 0..1 or 0..255, which the "
      "smallest\n"
      "and largest value tell apart. [N,D] and tables (.csv) are vectors; a table's column named label, class, y or "
      "target\n"
      "holds the classes.\n\n"
      "Example:\n  duet inspect path/to/pictures");
  verb->callback([options] {
    options->source.mixed_sizes = true;
    note_hidden_path(options->spec);
    const auto inspection = inspect(open_source(options->spec, options->source));
    fmt::print("{}{}", options->json ? json_text(to_json(inspection), 2) : to_text(inspection, page_columns()),
               options->json ? "\n" : "");
  });
}

}  // namespace duet
