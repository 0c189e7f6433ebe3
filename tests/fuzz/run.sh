#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [SECONDS]: builds the fuzz targets with clang and sanitizers and runs each importer (default: a minute).
set -eu
cd "$(dirname "$0")/../.."

seconds=${1:-60}
experiments/install.sh clang libclang-rt-14-dev sqlite3
experiments/build.sh fuzz fuzz_kineto fuzz_nsys fuzz_spool seed_spool
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/kineto" "$work/nsys" "$work/spool"
cp tests/fuzz/seeds/kineto.json "$work/kineto/"
sqlite3 "$work/nsys/seed.sqlite" <tests/fuzz/seeds/nsys.sql
build-fuzz/tests/fuzz/seed_spool "$work/spool/seed.hopspool"
for reader in kineto nsys spool; do
  echo "fuzzing the $reader importer for $seconds s"
  if ! TMPDIR="$work" "build-fuzz/tests/fuzz/fuzz_$reader" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 \
      -artifact_prefix="$work/" "$work/$reader" >"$work/log" 2>&1; then
    tail -n 40 "$work/log" >&2
    echo "error: the fuzzer found something; the input as base64:" >&2
    for found in "$work"/crash-* "$work"/timeout-* "$work"/oom-*; do
      [ -f "$found" ] && base64 "$found" >&2
    done
    exit 1
  fi
  grep -E '^Done' "$work/log"
done
