#!/usr/bin/env bash
# scripts/fuzz.sh [SECONDS [TARGET...]]: runs the parsers' fuzz targets with libFuzzer and the address and
# undefined-behaviour sanitizers; all targets, 600 seconds each by default. Needs clang with its runtime (Debian: clang
# libclang-rt-dev libomp-dev). A finding stops its target and is in build/fuzz/found/TARGET with libFuzzer's output; the
# corpus grows in build/fuzz/corpus. The memory limit is for a layer of 2^31 numbers, the most that one may have: 8 GiB.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-600}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] ||
  targets=(png jpeg webp tiff exif idx cifar npy npz csv tar zip toml safetensors run_json events layer)

[ -f build/fuzz/build.ninja ] || cmake --preset fuzz
for target in "${targets[@]}"; do
  cmake --build build/fuzz --target "fuzz_$target"
done

failed=()
for target in "${targets[@]}"; do
  program=build/fuzz/tests/fuzz/fuzz_$target corpus=build/fuzz/corpus/$target found=build/fuzz/found/$target
  mkdir -p "$corpus" "$found"
  DUET_FUZZ_SEEDS=build/fuzz/seeds/$target "$program"
  echo "== $target: $seconds s"
  UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$program" -max_total_time="$seconds" -timeout=25 \
    -rss_limit_mb=10000 -artifact_prefix="$found/" -print_final_stats=1 "$corpus" "build/fuzz/seeds/$target" \
    >"$found/log.txt" 2>&1 || failed+=("$target")
  grep -E '^#[0-9]+.*DONE|^stat::number_of_executed_units|^SUMMARY|^[a-z_]+: ' "$found/log.txt" || true
done
[ ${#failed[@]} -eq 0 ] || { echo "findings: ${failed[*]}"; exit 1; }
