#pragma once

#include <functional>

namespace duet {

/// Keeps descriptors 0 to 2 from being given to files that are opened later: where one is closed, something that
/// refuses to be written takes its place. A log line never ends in a checkpoint. Needs no library to have been set up.
void hold_standard_streams();

/// From here on stdout and stderr never fail where something is printed: what cannot be written is passed over, and
/// finish_output() tells.
void guard_output();

/// What is printed is a log of something else: it does not matter when it is lost. `broken` is called, perhaps often,
/// when a line was written to a pipe that nobody reads any more.
void output_is_a_log(std::function<void()> broken = {});

/// The exit status of a verb that ended with `status`: where what it printed was its product and could not be written,
/// 6, with a message on stderr; 141, as a signal would have it, where nobody reads any more.
int finish_output(int status);

}  // namespace duet
