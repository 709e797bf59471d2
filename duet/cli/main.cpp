#include <unistd.h>

#include <algorithm>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string_view>
#include <thread>
#include <vector>

#include "duet/cli/command_line.h"
#include "duet/cli/help.h"
#include "duet/cli/output.h"
#include "duet/cli/signals.h"
#include "duet/cli/terminal.h"
#include "duet/cli/usage_error.h"
#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/paths.h"
#include "duet/core/shell.h"
#include "duet/core/torch.h"
#include "duet/data/open.h"
#include "duet/ops/memory.h"
#include "duet/version.h"

namespace duet {

int& exit_status() {
  static int status = 0;
  return status;
}

void add_threads(CLI::App& verb) {
  verb.add_option_function<int>(
          "--threads", [](int threads) { at::set_num_threads(threads); },
          "threads to compute with (default: all cores)")
      ->check(between(1, 1024, "leave it out for all cores"));
}

void warn_skipped(const std::string& damaged) { fmt::print(stderr, "{}\n", printable(damaged)); }

void note_hidden_path(const std::string& spec) {
  if (const auto hidden = hidden_path(spec); !hidden.empty())
    fmt::print(stderr, "note: {0} is the built-in set; for the file or folder of that name write {1}\n", spec,
               shell_quoted(hidden));
}

void add_device(CLI::App& verb, std::string& device) {
  verb.add_option("--device", device,
                  "device that computes: cpu, cuda, cuda:N, or auto (the default): a GPU if LibTorch finds one");
}

namespace {

int report_error(Fault fault, const std::string& message) {
  std::fflush(stdout);
  fmt::print(stderr, "duet: {}\n", printable_lines(message));
  return static_cast<int>(fault);
}

/// Parses the command line and runs its verb.
void parse(CLI::App& program, int argc, char** argv) {
  const auto words = normalized_words(program, {argv + std::min(argc, 1), argv + argc});
  try {
    program.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 expects them in reverse order
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) throw Error(Fault::usage, printable(usage_error(program, error, words)));
    std::ostringstream text;
    program.exit(error, text, text);  // --help, --version
    fmt::print("{}", text.str());
    if (dynamic_cast<const CLI::CallForHelp*>(&error)) fmt::print("\n");
  }
}

int run(int argc, char** argv) {
  CLI::App program{
      "Trains generative adversarial networks, shows what they do, and judges them by quality.\n"
      "`duet VERB --help` explains a verb, with an example."};
  program.name("duet");
  program.require_subcommand(1);
  program.formatter(help_formatter(page_columns()));
  program.footer("Example:\n  duet train digits\n  duet sample runs/digits --out digits.png");
  program.set_version_flag("--version", fmt::format("duet {}", kVersion));
  reuse_tensor_memory();
  // Set explicitly, because LibTorch's default depends on its build.
  at::set_num_threads(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  for (auto add : {add_train, add_sample, add_score, add_compare, add_probe, add_inspect, add_data, add_list,
                   add_theory, add_bench})
    add(program);
  try {
    parse(program, argc, argv);
    return exit_status();
  } catch (const Error& error) {
    return report_error(error.fault(), error.what());
  } catch (const Stopped& stopped) {
    return 128 + stopped.signal;
  } catch (const std::filesystem::filesystem_error& error) {
    // Fallback for what core/paths.h does not report: a denied access is not an internal error.
    return report_error(Fault::device, describe_refusal(error.path1(), error.code()));
  } catch (const std::bad_alloc&) {
    return report_error(Fault::device, "out of memory; use a smaller batch or data.memory_gib");
  } catch (const std::exception& error) {
    return report_error(Fault::internal, fmt::format("internal error, please report it: {}", error.what()));
  }
}

/// Threads that busy-wait for each other become very slow when another process uses a core: beside one busy process on
/// two cores a step took 30 times as long. Sleeping at once costs a fifth where layers are small; a few microseconds of
/// busy-waiting cost little in either case. OpenMP reads its wait policy when it is loaded, so the program executes
/// itself once more with a better one, unless the user has set a policy. This runs before LibTorch's initialisation,
/// which takes a third of a second, and therefore before getenv works.
[[maybe_unused]] void wait_without_spinning(int, char** argv, char** environment) {
  std::vector<char*> variables;
  for (auto** variable = environment; *variable; ++variable) {
    const std::string_view text = *variable;
    if (text.starts_with("OMP_WAIT_POLICY=") || text.starts_with("GOMP_SPINCOUNT=")) return;
    variables.push_back(*variable);
  }
  char policy[] = "OMP_WAIT_POLICY=passive", spins[] = "GOMP_SPINCOUNT=2000";
  variables.insert(variables.end(), {policy, spins, nullptr});
  // By its path, which process lists then show. Returns only on failure; the default policy then remains.
  char self[PATH_MAX + 1] = {};
  if (::readlink("/proc/self/exe", self, PATH_MAX) > 0) ::execve(self, argv, variables.data());
}

/// Whether HUP was ignored at program start; unknown if nothing ran before libraries.
std::optional<bool> hangup_ignored;

/// What must run before any library initialises, opens a file or handles a signal.
[[maybe_unused]] void before_libraries(int count, char** argv, char** environment) {
  hangup_ignored = hangup_is_ignored();
  reserve_standard_streams();
  wait_without_spinning(count, argv, environment);
}

#ifndef DUET_SANITIZED  // sanitizers are not initialised then either
__attribute__((section(".preinit_array"), used)) void (*before_all)(int, char**, char**) = before_libraries;
#endif

}  // namespace
}  // namespace duet

int main(int argc, char** argv) {
  // A file at its size limit is then an error with a message, like a full disk, and not a silent end.
  std::signal(SIGXFSZ, SIG_IGN);
  if (duet::hangup_ignored) duet::restore_hangup(*duet::hangup_ignored);
  duet::guard_output();
  return duet::finish_output(duet::run(argc, argv));
}
