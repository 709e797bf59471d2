#!/usr/bin/env bash
# Builds a source file of ops/ with a LibTorch in another folder that has, like LibTorch 2.x, headers and a library of
# its own oneDNN, which must not be used, and its own libgomp, which must not confuse CMake.
set -euo pipefail
build="$1" source="$(cd "$(dirname "$0")/.." && pwd)"
packages="$(sed -n 's/^Torch_DIR:PATH=//p' "$build/CMakeCache.txt")/.."
case "$(readlink -f "$packages")" in
  /usr/lib/*/cmake) ;;
  *) echo "skipped: this test copies the files of Debian's LibTorch, and this build uses another one"; exit 77 ;;
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
compiler="$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")"
cp -L "$("$compiler" -print-file-name=libgomp.so.1)" "$libraries"

cmake -S "$source" -B "$work/build" -G Ninja -DDUET_TESTS=OFF \
  -DCMAKE_PREFIX_PATH="$work/torch" > "$work/configure.log" 2>&1
if grep -A 9 "runtime search path" "$work/configure.log"; then
  echo "CMake warns that it cannot tell which library will be found"; exit 1
fi
grep -q "^Torch_DIR:PATH=$work" "$work/build/CMakeCache.txt" || { echo "the copied LibTorch was not found"; exit 1; }
grep '^DNNL_' "$work/build/CMakeCache.txt"
if grep '^DNNL_.*'"$work" "$work/build/CMakeCache.txt"; then echo "LibTorch's oneDNN was used"; exit 1; fi
# The system's oneDNN is linked as a copy that prefers its own symbols.
readelf -d "$work/build/apart"/libdnnl.so.* | grep -w SYMBOLIC
cmake --build "$work/build" --target CMakeFiles/duet_tensor.dir/duet/ops/onednn.cpp.o
