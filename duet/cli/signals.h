#pragma once

namespace duet {

/// Whether the program was started with HUP ignored, as by nohup. Call it before libraries initialise: some that come
/// with Debian's LibTorch change the handling of HUP.
bool hangup_is_ignored();
/// Restores the handling of HUP from program start, whatever libraries did to it.
void restore_hangup(bool ignored);

/// From here on INT (Ctrl-C), TERM, HUP (a closed terminal, a lost connection) and PIPE ask the program to stop
/// gracefully instead of ending it at once. A second INT or TERM ends it at once; HUP and PIPE, which may arrive twice,
/// do not. HUP stays ignored if it was ignored at program start (nohup). `words` are printed on stderr when a signal
/// other than PIPE arrives; null prints nothing.
void catch_signals(const char* words);

/// The first signal that arrived; 0: none.
int caught_signal();

/// Records PIPE without a signal, for output whose write errors were handled.
void note_broken_pipe();

/// Thrown by stop_if_asked(), so that partial results are removed; the program then exits with 128 + signal. The only
/// thing thrown that is not an Error, because nothing is wrong.
struct Stopped {
  int signal;
};
void stop_if_asked();

}  // namespace duet
