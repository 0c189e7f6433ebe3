#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build_microbench.sh FILE [ARCHITECTURE...]: compiles microbench with nvcc into FILE. Architectures are numbers such
# as 90; none means 80 and 90, with code for newer ones. NVCC names the compiler, CUDA_WHEELS the folder of NVIDIA's
# wheels (nvidia/cu13 of a Python), whose cuBLAS a toolkit without one takes. Prints only what goes wrong.
set -eu
[ $# -ge 1 ] || { echo "error: build_microbench.sh FILE [ARCHITECTURE...]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
nvcc=${NVCC:-nvcc}
for other in "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" /usr/local/cuda/bin/nvcc; do
  command -v "$nvcc" >/dev/null || nvcc=$other
done
command -v "$nvcc" >/dev/null || { echo "error: no CUDA compiler ($nvcc)" >&2; exit 2; }
file=$1
shift
[ $# -gt 0 ] || set -- 80 90
code=""
for architecture in "$@"; do
  code="$code -gencode arch=compute_$architecture,code=sm_$architecture"
  newest=$architecture
done
code="$code -gencode arch=compute_$newest,code=compute_$newest"

# The program finds cuBLAS where it was linked, whether or not the loader's own list has that folder.
toolkit=$(dirname "$(dirname "$(readlink -f "$(command -v "$nvcc")")")")
libraries="-lcublasLt -lcublas"
for folder in "$toolkit/lib64" "$toolkit/lib" "$toolkit/targets/$(uname -m)-linux/lib"; do
  [ ! -e "$folder/libcublasLt.so" ] || libraries="$libraries -Xlinker -rpath=$folder"
done
wheels=${CUDA_WHEELS:-}
if [ ! -e "$toolkit/include/cublasLt.h" ] && [ ! -e "$toolkit/targets/$(uname -m)-linux/include/cublasLt.h" ] &&
  [ -e "$wheels/include/cublasLt.h" ]; then
  code="$code -isystem $wheels/include"
  libraries="-L$wheels/lib -Xlinker -rpath=$wheels/lib"
  for library in "$wheels"/lib/libcublasLt.so.* "$wheels"/lib/libcublas.so.*; do
    libraries="$libraries -l:$(basename "$library")"
  done
fi
jobs=$(nproc 2>/dev/null || echo 2)
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT

# shellcheck disable=SC2016,SC2086  # expanded by the inner shell; a list of words
{ find "$here/microbench" -name '*.cu' -o -name '*.cpp' | sort; ls "$here/../nvml/nvml.cpp" "$here/../nvml/energy.cpp"; } |
  xargs -P "$jobs" -I '{}' sh -c '
    source=$1
    shift
    "$@" -c "$source" -o "'"$objects"'/$(basename "$source").o"' sh '{}' \
    "$nvcc" -std=c++20 -O2 -Xcompiler -Wall,-Wextra $code -I"$here" -I"$here/.." || { echo "error: microbench does not compile" >&2; exit 1; }
mkdir -p "$(dirname "$file")"
# shellcheck disable=SC2086  # a list of words
"$nvcc" $code "$objects"/*.o -o "$file.part" $libraries -ldl
mv "$file.part" "$file"
