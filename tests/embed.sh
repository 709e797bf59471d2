#!/usr/bin/env bash
# Installs duet under a fresh prefix, builds examples/embed with it outside the tree, with CMake and with pkg-config,
# and samples a run with both. `shared` does the same with a shared library, linked from the given build's objects.
set -euo pipefail
build="$1" kind="${2:-static}" tests="$(cd "$(dirname "$0")" && pwd)"
example="$tests/../examples/embed"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cache() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }

if [ "$kind" = shared ]; then
  # Both kinds of library have the same objects, so they are copied instead of compiled. The library folder is an
  # unusual one: the program must find it wherever it is.
  export DUET_OBJECTS="$build"
  cmake -S "$tests/.." -B "$work/shared" -G Ninja -DCMAKE_BUILD_TYPE="$(cache CMAKE_BUILD_TYPE)" \
    -DBUILD_SHARED_LIBS=ON -DDUET_TESTS=OFF -DCMAKE_INSTALL_LIBDIR=lib/of/duet \
    -DCMAKE_PREFIX_PATH="$(cache CMAKE_PREFIX_PATH)" -DTorch_DIR="$(cache Torch_DIR)" \
    -DCMAKE_CXX_COMPILER="$(cache CMAKE_CXX_COMPILER)" \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$tests/take_object.sh" > "$work/configure.log"
  cmake --build "$work/shared" > "$work/build.log" || { cat "$work/build.log"; exit 1; }
  build="$work/shared"
fi

cmake --install "$build" --prefix "$work/first" > "$work/install.log"
mv "$work/first" "$work/prefix"  # the installed files must not depend on the prefix
prefix="$work/prefix"
if [ "$kind" = shared ]; then
  library="$(readlink -f "$prefix/lib/of/duet/libduet.so")" version="$("$prefix/bin/duet" --version)"
  if [ "duet $(basename "$library")" != "${version/ / libduet.so.}" ]; then
    echo "$library has another version than: $version"; exit 1
  fi
  soname="$(objdump -p "$library" | awk '$1 == "SONAME" {print $2}')"
  [[ "$library" == */"$soname".* ]] || { echo "SONAME is $soname"; exit 1; }
  ldd "$prefix/bin/duet" | grep "$soname => $prefix/"
fi

cmake -S "$example" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix" \
  -Dduet_DIR="$(dirname "$(find "$prefix" -name duetConfig.cmake)")" > "$work/configure.log"
cmake --build "$work/build"

export PKG_CONFIG_PATH="$(dirname "$(find "$prefix" -name duet.pc)")"
[ "duet $(pkg-config --modversion duet)" = "$("$prefix/bin/duet" --version)" ]
# shellcheck disable=SC2046  # flags are words
"$(cache CMAKE_CXX_COMPILER)" "$example/main.cpp" $(pkg-config --cflags --libs duet) \
  -Wl,-rpath,"$(pkg-config --variable=libdir duet)" -o "$work/plain"

"$prefix/bin/duet" train digits --out "$work/run" --kimg 0.5 --set score.every=0 --set tick=1 > "$work/train.log"
for embed in "$work/build/embed" "$work/plain"; do
  "$embed" "$work/run" | tee "$work/said"
  grep -q '^16 pictures of 1x28x28 from recipe digits, mean pixel [0-9.]*$' "$work/said"
  if "$embed" "$work/none" 2> "$work/error"; then echo "a missing run was not refused"; exit 1; fi
  grep -q 'no such folder' "$work/error"
done
