#pragma once

// Loops that the compiler vectorises once for each kind of CPU; the program picks its kind when it starts. Source files
// that use these are compiled with -O3 and without errno and traps in mathematics (see CMakeLists.txt).

/// Put before a function: one version for AVX-512 (with 16-bit numbers), one for AVX2, one for any x86-64. One alone
/// under sanitizers: who chooses the version is asked before these are set up.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DUET_EVERY_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DUET_EVERY_CPU
#endif

/// Put before what such a function calls, so that it becomes part of each version.
#define DUET_INLINE inline __attribute__((always_inline))
