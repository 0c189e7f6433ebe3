#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [EXPERIMENT...]: from a bare Debian 12: installs what is missing, builds, runs each experiment (default: the main
# job, trap_map) into results/NAME.h5 and makes a page, pictures and tables of it in results/NAME/.
set -eu
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- trap_map
experiments/install.sh
experiments/build.sh release hopsim
mkdir -p results
for name in "$@"; do
  build/hopsim sweep "experiments/$name.yaml" -o "results/$name.h5"
  build/hopsim report "results/$name.h5" -o "results/$name"
done
