#!/usr/bin/env bash
# Runs instead of the compiler (CMAKE_CXX_COMPILER_LAUNCHER): copies each object from the build in $DUET_OBJECTS.
set -euo pipefail
while [ $# -gt 0 ]; do
  case "$1" in -o) object="$2" ;; -MF) depends="$2" ;; esac
  shift
done
case "$object" in
  *.gch) : > "$object" ;;  # no precompiled header is needed to copy objects
  *) cp "$DUET_OBJECTS/$object" "$object" ;;
esac
: > "$depends"
