#pragma once

// Loops that the compiler vectorises once for each kind of CPU; the program chooses a version when it starts. Source
// files that use these macros are compiled with -O3 and without errno and traps in mathematics (see CMakeLists.txt).

/// Put before a function: compiles it for AVX-512 (with 16-bit numbers), for AVX2, and for any x86-64. Sanitizers get
/// one version only: the choice would run before they are initialised.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DUET_EVERY_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DUET_EVERY_CPU
#endif

/// Put before functions that such a function calls, so that they are inlined into each version.
#define DUET_INLINE inline __attribute__((always_inline))
