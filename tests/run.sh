#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [PRESET...]: installs what is missing, builds and tests each preset (default: release).
set -eu
cd "$(dirname "$0")/.."

experiments/install.sh clang-format python3-h5py python3-pandas  # the last two for the documentation's examples
[ $# -gt 0 ] || set -- release
for preset in "$@"; do
  experiments/build.sh "$preset"
  echo "testing ($preset)"
  log=$(mktemp)
  if ctest --preset "$preset" >"$log" 2>&1; then
    grep -E 'tests passed|Total Test time' "$log"
    skipped=$(grep -c '\*\*\*Skipped' "$log" || true)
    [ "$skipped" -eq 0 ] || echo "$skipped skipped: they need the public captures in ../shared, a GPU, or python3-h5py and python3-pandas"
    rm -f "$log"
  else
    grep -vE 'Start +[0-9]+:|Passed' "$log" >&2
    rm -f "$log"
    exit 1
  fi
done
