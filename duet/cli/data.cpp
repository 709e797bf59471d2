#include <filesystem>

#include "duet/cli/output.h"
#include "duet/cli/signals.h"
#include "duet/cli/terminal.h"
#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/shell.h"
#include "duet/data/builtin.h"
#include "duet/data/fetch.h"
#include "duet/data/make.h"

namespace duet {
namespace {

void add_make(CLI::App& verb) {
  struct Options {
    std::string name, out, format;
    int64_t count = 1000;
    uint64_t seed = 0;
  };
  std::vector<std::string> names;
  for (const auto& set : builtin_sets()) names.push_back(set.name);
  auto* make = verb.add_subcommand("make", "write a built-in set as files");
  auto options = std::make_shared<Options>();
  make->add_option("name", options->name, "built-in set; see `duet list datasets`")->required()->check(one_of(names));
  make->add_option("-n,--count", options->count, "examples (default: 1000)");
  make->add_option("--out", options->out, "folder, new or empty")
      ->required()
      ->check(not_empty("a new folder, for instance digits-png"));
  make->add_option("--format", options->format, "png (class folders), idx, npy")->check(one_of({"png", "idx", "npy"}));
  make->add_option("--seed", options->seed, "seed of the examples")->check(seed_range());
  make->footer("Example:\n  duet data make digits -n 10000 --out digits-png");
  make->callback([options] {
    refuse_tilde("--out", options->out);
    const auto source = open_builtin(options->name, {.seed = options->seed});
    catch_signals(nullptr);
    output_is_a_log();
    make_dataset(*source.train, options->count, options->out, options->format, stop_if_asked);
    fmt::print("{}: {} examples of {}\n", printable(options->out), options->count, options->name);
    note_hidden_path(options->out);
  });
}

void add_fetch(CLI::App& verb) {
  struct Options {
    std::string name, out, mirror;
  };
  auto* get = verb.add_subcommand("fetch", "download a published set and verify it");
  auto options = std::make_shared<Options>();
  get->add_option("name", options->name, "mnist, fashion-mnist, cifar10")->required();
  get->add_option("--out", options->out, "folder (default: data/NAME)")
      ->check(not_empty("a folder; leave it out for data/NAME"));
  get->add_option("--mirror", options->mirror, "URL to use instead of the published ones");
  get->footer("Example:\n  duet data fetch mnist --out data/mnist");
  get->callback([options] {
    FetchOptions how;
    how.folder = options->out.empty() ? "data/" + options->name : options->out;
    how.mirror = options->mirror;
    output_is_a_log();
    refuse_tilde("--out", how.folder.string());
    {
      StatusLine status(Standard::error);
      how.progress = [&](const std::string& file, int64_t done, int64_t total) {
        status.draw(fmt::format("{}  {:.1f} of {:.1f} MB", file, static_cast<double>(done) / 1e6,
                                static_cast<double>(total) / 1e6));
      };
      fetch(options->name, how);
    }
    fmt::print("{}: complete and verified\n", printable(how.folder.string()));
  });
}

}  // namespace

void add_data(CLI::App& program) {
  auto* verb = program.add_subcommand("data", "write built-in data sets as files, download others");
  verb->require_subcommand(1);
  verb->footer("Example:\n  duet data make digits -n 10000 --out digits-png");
  add_make(*verb);
  add_fetch(*verb);
}

}  // namespace duet
