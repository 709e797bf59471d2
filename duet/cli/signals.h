#pragma once

namespace duet {

/// Whether the program was started with HUP ignored, as by nohup. To be asked before libraries set themselves up: some
/// that Debian's LibTorch brings along take HUP for themselves.
bool hangup_is_ignored();
/// HUP as it was when the program was started, whatever libraries have made of it.
void keep_hangup(bool ignored);

/// From here on INT (Ctrl-C), TERM, HUP (a closed terminal, a lost connection) and PIPE ask the program to come to an
/// end in order instead of ending it at once. A second INT or TERM ends it at once; HUP and PIPE, which come twice of
/// themselves, never do. HUP stays without effect where the program was started so (nohup). `words` are said on stderr
/// when a signal comes, but for PIPE; null says nothing.
void catch_signals(const char* words);

/// The first signal that has come; 0: none.
int caught_signal();

/// As if PIPE had come, where it is kept from coming.
void note_broken_pipe();

/// What stop_if_asked() throws, so that what is half made is taken away; the program then ends with 128 + signal. The
/// one thing thrown that is no Error: nothing is wrong.
struct Stopped {
  int signal;
};
void stop_if_asked();

}  // namespace duet
