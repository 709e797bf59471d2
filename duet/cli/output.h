#pragma once

#include <functional>

namespace duet {

/// Occupies closed descriptors among 0 to 2 with one that refuses reads and writes, so that a file opened later never
/// gets one of them: a log line must not end up in a checkpoint. Needs no initialised library.
void reserve_standard_streams();

/// From here on printing to stdout and stderr never fails; text that cannot be written is dropped, and finish_output()
/// reports it.
void guard_output();

/// Declares that the output is only a log, whose loss does not matter. `broken` is called, perhaps often, when a line
/// was written to a pipe without a reader.
void output_is_a_log(std::function<void()> broken = {});

/// The exit status for a verb that ended with `status`: 6, with a message on stderr, if its output was its product and
/// could not be written; 141, as after SIGPIPE, if the reader has gone.
int finish_output(int status);

}  // namespace duet
