#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace duet {

/// A verb adds its options to the program and a callback that runs it. One source file each; main has the only catch.
void add_train(CLI::App& program);
void add_sample(CLI::App& program);
void add_score(CLI::App& program);
void add_inspect(CLI::App& program);
void add_data(CLI::App& program);
void add_list(CLI::App& program);
void add_bench(CLI::App& program);

/// Adds --threads, which sets the number of threads tensors are computed with.
void add_threads(CLI::App& verb);
/// Tells of a checkpoint that is damaged, for which an older one is taken.
void tell_passed_over(const std::string& damaged);
/// Says on stderr that a data SPEC means the built-in set, where there is a file or folder of the same name.
void tell_hidden(const std::string& spec);
/// Adds --device, whose name find_device understands.
void add_device(CLI::App& verb, std::string& device);

/// Accepts only the names; a message names them all and the nearest one.
CLI::Validator one_of(const std::vector<std::string>& names);

/// Accepts numbers from `low` to `high`; a message names them and ends with what to do.
CLI::Validator between(double low, double high, const std::string& remedy);

/// Accepts any text but an empty one, which a variable of the shell that is not set leaves; a message says what is
/// expected.
CLI::Validator not_empty(const std::string& expected);

/// Accepts the seeds that a recipe can hold: 0 to 9e15, which every number of a JSON reader holds exactly.
CLI::Validator seed_range();

/// Set by a verb that ends early but in order (128 + the signal that stopped it).
int& exit_status();

}  // namespace duet
