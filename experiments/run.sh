#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job, from a bare Debian 12: installs what is missing, builds, simulates the trap map, draws it.
set -eu
cd "$(dirname "$0")/.."

experiments/install.sh
experiments/build.sh release hopsim
mkdir -p results
build/hopsim sweep experiments/trap_map.yaml -o results/trap_map.h5
build/hopsim report results/trap_map.h5 -o results/trap_map
