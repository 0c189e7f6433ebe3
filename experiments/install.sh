#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# install.sh [PACKAGE...]: installs what building and running hopsim needs on Debian 12, and the packages named, if
# anything is missing. Quiet when nothing is.
set -eu

packages="g++ cmake ninja-build ccache git pkg-config libsimgrid-dev libyaml-cpp-dev libboost-dev libboost-graph-dev librandom123-dev
libhdf5-dev libsimdjson-dev libsqlite3-dev zlib1g-dev libfmt-dev libceres-dev libeigen3-dev libmuparser-dev libjemalloc-dev nlohmann-json3-dev libcli11-dev libssl-dev libgtest-dev libbenchmark-dev
gnuplot-nox fonts-dejavu-core node-d3 libopenmpi-dev openmpi-bin"

missing=""
for package in $packages "$@"; do
  if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed'; then
    missing="$missing $package"
  fi
done
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "error: these Debian packages are needed and there is no apt-get:$missing" >&2
  exit 2
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "error: run as root, or install these packages first:$missing" >&2; exit 2; }
  as_root="sudo"
fi
echo "installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # a list of words
if ! { $as_root apt-get update -q && $as_root apt-get install -y -q --no-install-recommends $missing; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "error: the packages could not be installed" >&2
  exit 2
fi
