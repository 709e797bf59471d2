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

#include "duet/cli/complaint.h"
#include "duet/cli/help.h"
#include "duet/cli/output.h"
#include "duet/cli/signals.h"
#include "duet/cli/terminal.h"
#include "duet/cli/verbs.h"
#include "duet/cli/words.h"
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

void tell_passed_over(const std::string& damaged) { fmt::print(stderr, "{}\n", printable(damaged)); }

void tell_hidden(const std::string& spec) {
  if (const auto hidden = hidden_path(spec); !hidden.empty())
    fmt::print(stderr, "note: {0} is the built-in set; what lies here under that name is {1}\n", spec,
               shell_quoted(hidden));
}

void add_device(CLI::App& verb, std::string& device) {
  verb.add_option("--device", device,
                  "what computes: cpu, cuda, cuda:N, or auto (the default): a GPU where LibTorch sees one");
}

namespace {

int complain(Fault fault, const std::string& message) {
  std::fflush(stdout);
  fmt::print(stderr, "duet: {}\n", printable_lines(message));
  return static_cast<int>(fault);
}

/// Parses the command line and runs its verb.
void parse(CLI::App& program, int argc, char** argv) {
  const auto words = meant_words(program, {argv + std::min(argc, 1), argv + argc});
  try {
    program.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them from the end
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) throw Error(Fault::usage, printable(complaint(program, error, words)));
    std::ostringstream text;
    program.exit(error, text, text);  // --help, --version
    fmt::print("{}", text.str());
    if (dynamic_cast<const CLI::CallForHelp*>(&error)) fmt::print("\n");
  }
}

int run(int argc, char** argv) {
  CLI::App program{
      "Trains generative adversarial networks, shows what they do, and judges them by quality.\n"
      "`duet VERB --help` says more, with an example."};
  program.name("duet");
  program.require_subcommand(1);
  program.formatter(help_formatter(page_columns()));
  program.footer("Example:\n  duet train digits\n  duet sample runs/digits --out digits.png");
  program.set_version_flag("--version", fmt::format("duet {}", kVersion));
  reuse_tensor_memory();
  // Said outright: LibTorch's own default depends on how it was built.
  at::set_num_threads(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  for (auto add : {add_train, add_sample, add_score, add_inspect, add_data, add_list, add_bench}) add(program);
  try {
    parse(program, argc, argv);
    return exit_status();
  } catch (const Error& error) {
    return complain(error.fault(), error.what());
  } catch (const Stopped& stopped) {
    return 128 + stopped.signal;
  } catch (const std::filesystem::filesystem_error& error) {
    // The last net below core/paths.h: what the system refuses is nothing that duet has done wrong.
    return complain(Fault::device, describe_refusal(error.path1(), error.code()));
  } catch (const std::bad_alloc&) {
    return complain(Fault::device, "out of memory; use a smaller batch or data.memory_gib");
  } catch (const std::exception& error) {
    return complain(Fault::internal, fmt::format("internal error, please report it: {}", error.what()));
  }
}

/// Threads that wait for each other by spinning lose everything when another process wants a core: beside one busy
/// neighbour on two cores a step took 30 times as long. Sleeping at once costs a fifth where layers are small; a few
/// microseconds of spinning cost little in either case. OpenMP reads its policy when it is loaded, so the program is
/// started once more with a better one; whoever has chosen a policy keeps it. This runs before LibTorch has taken a
/// third of a second to set itself up, and hence before the environment is at getenv's place.
[[maybe_unused]] void wait_without_spinning(int, char** argv, char** environment) {
  std::vector<char*> variables;
  for (auto** variable = environment; *variable; ++variable) {
    const std::string_view text = *variable;
    if (text.starts_with("OMP_WAIT_POLICY=") || text.starts_with("GOMP_SPINCOUNT=")) return;
    variables.push_back(*variable);
  }
  char policy[] = "OMP_WAIT_POLICY=passive", spins[] = "GOMP_SPINCOUNT=2000";
  variables.insert(variables.end(), {policy, spins, nullptr});
  // By its own name, which process lists then show. Returns only on failure, which leaves the default policy.
  char self[PATH_MAX + 1] = {};
  if (::readlink("/proc/self/exe", self, PATH_MAX) > 0) ::execve(self, argv, variables.data());
}

/// How HUP was when the program was started; not known where nothing runs before libraries.
std::optional<bool> hangup_ignored;

/// What must be done before any library sets itself up, opens a file or handles a signal.
[[maybe_unused]] void before_libraries(int count, char** argv, char** environment) {
  hangup_ignored = hangup_is_ignored();
  hold_standard_streams();
  wait_without_spinning(count, argv, environment);
}

#ifndef DUET_SANITIZED  // sanitizers are not set up at that time either
__attribute__((section(".preinit_array"), used)) void (*before_all)(int, char**, char**) = before_libraries;
#endif

}  // namespace
}  // namespace duet

int main(int argc, char** argv) {
  // A file that may grow no further is an error with a name, as a full disk is, and not a silent end.
  std::signal(SIGXFSZ, SIG_IGN);
  if (duet::hangup_ignored) duet::keep_hangup(*duet::hangup_ignored);
  duet::guard_output();
  return duet::finish_output(duet::run(argc, argv));
}
