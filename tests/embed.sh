#!/usr/bin/env bash
# Installs duet under a fresh prefix, builds examples/embed against it from outside the tree, and samples a run with it.
set -euo pipefail
build="$1" duet="$2" example="$(dirname "$0")/../examples/embed"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" > "$work/install.log"
cmake -S "$example" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix" > "$work/configure.log"
cmake --build "$work/build"
"$work/prefix/bin/duet" train digits --out "$work/run" --kimg 0.5 --set score.every=0 --set tick=1 > "$work/train.log"
"$work/build/embed" "$work/run" | tee "$work/said"
grep -q '^16 pictures of 1x28x28 from recipe digits, mean pixel [0-9.]*$' "$work/said"
if "$work/build/embed" "$work/none" 2> "$work/error"; then echo "a missing run was not refused"; exit 1; fi
grep -q 'no such folder' "$work/error"
