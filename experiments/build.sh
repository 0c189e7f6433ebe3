#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh PRESET [TARGET...]: configures and builds, quietly; the log is shown when something fails.
set -eu
cd "$(dirname "$0")/.."

preset=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "building ($preset)"
targets=""
[ $# -gt 0 ] && targets="--target $*"
# shellcheck disable=SC2086  # a list of words
if ! { cmake --preset "$preset" && cmake --build --preset "$preset" $targets; } >"$log" 2>&1; then
  grep -E -A 6 'error|Error|FAILED' "$log" | head -n 60 >&2
  echo "error: the build failed" >&2
  exit 1
fi
