#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace duet {

/// Each function adds a verb to the program: its options and a callback that runs it. One source file each; only main()
/// catches exceptions.
void add_train(CLI::App& program);
void add_sample(CLI::App& program);
void add_score(CLI::App& program);
void add_compare(CLI::App& program);
void add_probe(CLI::App& program);
void add_inspect(CLI::App& program);
void add_data(CLI::App& program);
void add_list(CLI::App& program);
void add_theory(CLI::App& program);
void add_bench(CLI::App& program);

/// Adds --threads, the number of threads that compute.
void add_threads(CLI::App& verb);
/// Warns on stderr of a damaged checkpoint that was skipped for an older one.
void warn_skipped(const std::string& damaged);
/// Prints a note on stderr that a data SPEC means the built-in set if a file or folder has the same name.
void note_hidden_path(const std::string& spec);
/// Adds --device, whose value is for find_device.
void add_device(CLI::App& verb, std::string& device);

/// Accepts only these names; the message lists them and the nearest one.
CLI::Validator one_of(const std::vector<std::string>& names);

/// Accepts numbers from `low` to `high`; the message names them and ends with `remedy`.
CLI::Validator between(double low, double high, const std::string& remedy);

/// Accepts any text but an empty one, which an unset shell variable leaves; the message ends with `expected`.
CLI::Validator not_empty(const std::string& expected);

/// Accepts the seeds that a recipe can hold: 0 to 9e15, which all JSON readers represent exactly.
CLI::Validator seed_range();

/// The exit status of a verb that was stopped by a signal: 128 + signal.
int& exit_status();

}  // namespace duet
