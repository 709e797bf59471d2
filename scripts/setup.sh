# Functions of ./quickstart and ./check: packages, layout, build. Sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step="start"
trap 'code=$?; [ $code -eq 0 ] || echo "$(basename "$0"): failed while: $step (exit $code)" >&2' EXIT

say() { step="$1"; printf '\n== %s\n' "$1"; }

# Installs the packages of packages.txt that are missing; without root it prints which and stops.
install_packages() {
  say "packages of packages.txt"
  local missing=() sudo=()
  while read -r package _; do
    case "$package" in ""|\#*) continue ;; esac
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing+=("$package")
  done < packages.txt
  if [ ${#missing[@]} -eq 0 ]; then echo "all installed"; return; fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "these packages are missing, and installing them needs root:"
      echo "  apt-get install --no-install-recommends ${missing[*]}"
      return 1
    fi
    sudo=(sudo)
  fi
  echo "installing ${missing[*]}"
  "${sudo[@]}" apt-get update -q >/dev/null
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" >/dev/null
}

# Only version 19: others format some places differently with the same .clang-format.
check_layout() {
  local formatter
  for formatter in clang-format-19 clang-format; do
    if [[ "$("$formatter" --version 2>/dev/null)" == *"version 19."* ]]; then
      find duet tests examples -name '*.h' -print0 -o -name '*.cpp' -print0 | xargs -0 "$formatter" --dry-run -Werror
      echo "matches .clang-format"
      return
    fi
  done
  echo "skipped: clang-format 19 is not installed, and other versions format some places differently"
}

# Configures and builds the release preset; further arguments go to the build (targets).
build() {
  say "build (first time: some minutes; afterwards seconds)"
  local begin=$SECONDS
  local launcher=()
  if command -v ccache >/dev/null; then
    # With a precompiled header ccache only works if it ignores time stamps.
    launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
  fi
  cmake --preset release "${launcher[@]}" > build-configure.log 2>&1 || { cat build-configure.log; return 1; }
  rm -f build-configure.log
  cmake --build --preset release "$@"
  echo "built in $((SECONDS - begin)) s"
}
