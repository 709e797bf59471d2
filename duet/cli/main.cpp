#include <csignal>
#include <cstdio>

#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/torch.h"

namespace duet {

int& exit_status() {
  static int status = 0;
  return status;
}

void add_threads(CLI::App& verb) {
  verb.add_option_function<int>(
          "--threads", [](int threads) { at::set_num_threads(threads); }, "threads to compute with (default: all cores)")
      ->check(CLI::Range(1, 1024));
}

namespace {

int complain(Fault fault, const std::string& message) {
  std::fflush(stdout);
  fmt::print(stderr, "duet: {}\n", message);
  return static_cast<int>(fault);
}

int run(int argc, char** argv) {
  CLI::App program{"Trains generative adversarial networks, shows what they do, and judges them by quality.\n"
                   "`duet VERB --help` says more, with an example."};
  program.name("duet");
  program.require_subcommand(1);
  program.set_version_flag("--version", "duet 0.1.0");
  program.failure_message([](const CLI::App*, const CLI::Error& error) { return std::string(error.what()); });
  for (auto add : {add_train, add_sample, add_score, add_inspect, add_data, add_list}) add(program);
  try {
    program.parse(argc, argv);
    return exit_status();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);  // --help, --version
    return complain(Fault::usage, fmt::format("{}; `duet --help` names the verbs, `duet VERB --help` its options",
                                              error.what()));
  } catch (const Error& error) {
    return complain(error.fault(), error.what());
  } catch (const std::bad_alloc&) {
    return complain(Fault::device, "out of memory; use a smaller batch or data.memory_gib");
  } catch (const std::exception& error) {
    return complain(Fault::internal, fmt::format("internal error, please report it: {}", error.what()));
  }
}

}  // namespace
}  // namespace duet

int main(int argc, char** argv) { return duet::run(argc, argv); }
