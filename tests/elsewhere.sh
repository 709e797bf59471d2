#!/usr/bin/env bash
# Builds a source file of ops/ with a LibTorch that lies elsewhere and has, as LibTorch 2.x does, headers and a library
# of a oneDNN of its own beside it, which must not be taken, and a libgomp, which CMake must not stumble over.
set -euo pipefail
build="$1" source="$(cd "$(dirname "$0")/.." && pwd)"
packages="$(sed -n 's/^Torch_DIR:PATH=//p' "$build/CMakeCache.txt")/.."
case "$(readlink -f "$packages")" in
  /usr/lib/*/cmake) ;;
  *) echo "skipped: the LibTorch of this build is not Debian's, whose files this test puts elsewhere"; exit 77 ;;
esac
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
libraries="$work/torch/lib/$(basename "$(dirname "$(readlink -f "$packages")")")"
mkdir -p "$libraries/cmake" "$work/torch/include/oneapi/dnnl"
cp -r "$packages"/{ATen,Caffe2,Torch} "$libraries/cmake"
ln -s "$packages"/../lib{torch,c10,caffe2,shm}*.so* "$libraries"
ln -s /usr/include/{torch,c10,ATen,caffe2} "$work/torch/include"
echo '#error "this is not the oneDNN that duet wants"' > "$work/torch/include/oneapi/dnnl/dnnl.hpp"
touch "$libraries/libdnnl.a" "$work/torch/lib/libdnnl.a"
cp -L "$("$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")" -print-file-name=libgomp.so.1)" "$libraries"

cmake -S "$source" -B "$work/build" -G Ninja -DDUET_TESTS=OFF -DCMAKE_PREFIX_PATH="$work/torch" > "$work/configure.log" 2>&1
if grep -A 9 "runtime search path" "$work/configure.log"; then echo "CMake cannot tell which library will be found"; exit 1; fi
grep -q "^Torch_DIR:PATH=$work" "$work/build/CMakeCache.txt" || { echo "the LibTorch elsewhere was not found"; exit 1; }
grep '^DNNL_' "$work/build/CMakeCache.txt"
if grep '^DNNL_.*'"$work" "$work/build/CMakeCache.txt"; then echo "LibTorch's oneDNN was taken"; exit 1; fi
# The system's is linked as a copy that takes its own functions first.
readelf -d "$work/build/apart"/libdnnl.so.* | grep -w SYMBOLIC
cmake --build "$work/build" --target CMakeFiles/duet_tensor.dir/duet/ops/onednn.cpp.o
