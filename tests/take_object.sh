#!/usr/bin/env bash
# In the compiler's place (CMAKE_CXX_COMPILER_LAUNCHER): takes each object from the build in $DUET_OBJECTS.
set -euo pipefail
while [ $# -gt 0 ]; do
  case "$1" in -o) object="$2" ;; -MF) depends="$2" ;; esac
  shift
done
case "$object" in
  *.gch) : > "$object" ;;  # who takes objects needs no precompiled header
  *) cp "$DUET_OBJECTS/$object" "$object" ;;
esac
: > "$depends"
