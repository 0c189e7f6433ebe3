#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# capture_all.sh --out DIR: builds the collector and the workloads on a GPU machine, measures and captures in order
# of worth within --minutes, and leaves at most seven archives of at most 14 MiB and manifest.tsv in DIR.
#   --plan         print the runs with their time and size, start nothing
#   --minutes N    time for everything, build and packing included (10)
#   --work DIR     where runs leave their files (build-capture/ of the repository); finished runs are not repeated
#   --done FILE    a manifest of an earlier capture: its finished runs are skipped, its tables beside it go on
#   --python P     a Python with torch and transformers (python3); PYTHONPATH may add bitsandbytes and torchao
# Exit codes: 0 all runs done, 1 some failed or were left out, 2 usage or no GPU.
set -u
collectors=$(cd "$(dirname "$0")" && pwd)
out="" minutes=10 work=$collectors/../build-capture done_before="" python=python3 plan=no
usage() { sed -n '3,11s/^# \{0,1\}//p' "$0"; }
wrong() { echo "error: $*; --help says more" >&2; exit 2; }
while [ $# -gt 0 ]; do
  case $1 in
    --plan) plan=yes; shift; continue ;;
    -h | --help) usage; exit 0 ;;
    --out | --minutes | --work | --done | --python) [ $# -ge 2 ] || wrong "$1 needs a value" ;;
    *) wrong "'$1' is no option" ;;
  esac
  case $1 in
    --out) out=$2 ;; --minutes) minutes=$2 ;; --work) work=$2 ;; --done) done_before=$2 ;; --python) python=$2 ;;
  esac
  shift 2
done
[[ $minutes =~ ^[0-9]+$ && $minutes -ge 2 && $minutes -le 600 ]] || wrong "--minutes: '$minutes' is no number from 2 to 600"

all_batches="--batch 1,8,32 --steps 24 --warmup 4"
main_stacks=hf-eager/bf16,bnb/nf4,bnb/llm-int8,hf-graph/bf16
# name, kind, seconds, MiB packed, arguments; the most valuable first
runs() {
  cat <<TABLE
micro microbench 110 1 --only gemm,gemv,small,launch
e2e-main decode 120 1 --model llama-3.1-8b,qwen3-0.6b,qwen2.5-14b,qwen3-1.7b,mistral-7b,qwen2.5-32b --stack $main_stacks $all_batches
e2e-more decode 50 1 --model llama-3.1-8b,qwen3-0.6b,qwen2.5-14b --stack torchao/int4-wo,bnb/int8,torchao/int8-wo $all_batches
e2e-generate decode 30 1 --model llama-3.1-8b,qwen3-0.6b --stack hf-eager/bf16,bnb/nf4,bnb/llm-int8 --loop generate --steps 24
llama-8b_bf16_b1 capture 14 2 --model llama-3.1-8b --stack hf-eager/bf16
llama-8b_nf4_b1 capture 14 2 --model llama-3.1-8b --stack bnb/nf4
qwen-0.6b_bf16_b1 capture 12 2 --model qwen3-0.6b --stack hf-eager/bf16
qwen-0.6b_nf4_b1 capture 12 2 --model qwen3-0.6b --stack bnb/nf4
llama-8b_llm-int8_b1 capture 14 2 --model llama-3.1-8b --stack bnb/llm-int8
llama-8b_graph_b1 capture 14 2 --model llama-3.1-8b --stack hf-graph/bf16
power microbench 60 1 --only power
e2e-power decode 50 1 --model llama-3.1-8b --stack $main_stacks --batch 1 --steps 40 --power-seconds 5
qwen-14b_bf16_b1 capture 14 2 --model qwen2.5-14b --stack hf-eager/bf16
qwen-14b_nf4_b8 capture 14 2 --model qwen2.5-14b --stack bnb/nf4 --batch 8
qwen-1.7b_bf16_b8 capture 12 2 --model qwen3-1.7b --stack hf-eager/bf16 --batch 8
mistral-7b_nf4_b8 capture 14 2 --model mistral-7b --stack bnb/nf4 --batch 8
qwen-32b_bf16_b1 capture 16 3 --model qwen2.5-32b --stack hf-eager/bf16
qwen-32b_nf4_b1 capture 16 3 --model qwen2.5-32b --stack bnb/nf4
llama-8b_graph-trace_b1 graph-trace 14 1 --model llama-3.1-8b --stack hf-graph/bf16
llama-8b_int4-wo_b1 capture 14 2 --model llama-3.1-8b --stack torchao/int4-wo
e2e-72b decode 40 1 --model qwen2.5-72b --stack bnb/nf4,hf-eager/bf16 --layers auto --batch 1,8 --steps 16 --warmup 3
power-again microbench 240 1 --only power
TABLE
}

if [ $plan = yes ]; then
  printf '%-26s %-12s %8s %6s  %s\n' run kind seconds MiB arguments
  printf '%-26s %-12s %8s %6s\n' build build 35 0
  runs | while read -r name kind seconds mib arguments; do
    printf '%-26s %-12s %8s %6s  %s\n' "$name" "$kind" "$seconds" "$mib" "$arguments"
  done
  runs | awk -v m="$minutes" '{s += $3; b += $4} END {
    printf "about %d s and %d MiB in all; --minutes %d runs what fits, from the top\n", s + 35, b, m}'
  exit 0
fi
[ -n "$out" ] || wrong "--out DIR is needed"
[ -z "$done_before" ] || [ -r "$done_before" ] || wrong "--done: '$done_before' cannot be read"
if [ ! -e /dev/nvidiactl ] && ! { command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep -q '^GPU'; }; then
  echo "error: no NVIDIA GPU here; --plan shows what would run" >&2
  exit 2
fi

start=$(date +%s)
deadline=$((start + 60 * minutes - 40)) # the rest is for packing
mkdir -p "$out" "$work/tables" "$work/spools" "$work/packed" "$work/log" || exit 2
out=$(cd "$out" && pwd) work=$(cd "$work" && pwd)
manifest=$work/manifest.tsv
if [ -e "$out/manifest.tsv" ] && [ ! -e "$manifest" ]; then
  wrong "--out: $out holds another capture, which this one would overwrite"
fi
if [ -n "$done_before" ]; then
  awk -F '\t' '$2 == "done"' "$done_before" >>"$manifest"
  tables=$(dirname "$done_before")/tables.tar.gz
  [ ! -r "$tables" ] || tar -C "$work" --skip-old-files -xzf "$tables" tables
fi
touch "$manifest"
say() { printf '[%4d s] %s\n' $(($(date +%s) - start)) "$*"; }
note() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$manifest"; }
finished() { awk -F '\t' -v n="$1" '$1 == n && $2 == "done" {found = 1} END {exit !found}' "$manifest"; }

# Where the toolkit lacks CUPTI or cuBLAS, the wheels of NVIDIA that PyTorch brings have them.
find_wheels() {
  "$python" - 2>/dev/null <<'END'
import glob, importlib.util
nvidia = importlib.util.find_spec("nvidia")
for folder in nvidia.submodule_search_locations if nvidia else []:
    print(*sorted(glob.glob(folder + "/cu[0-9]*"))[-1:], sep="")
END
}

missing_packages() {
  local package
  for package in bitsandbytes torchao; do
    "$python" -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('$package') is None)" \
      >/dev/null 2>&1 || printf ' %s' "$package"
  done
}

# Whether none of a run's stacks has its package: then there is nothing to measure.
lacks_packages() { # arguments
  [[ $1 =~ --stack\ ([^ ]+) ]] || return 1
  local stack
  for stack in ${BASH_REMATCH[1]//,/ }; do
    case $stack in
      bnb/*) [[ $missing == *bitsandbytes* ]] || return 1 ;;
      torchao/*) [[ $missing == *torchao* ]] || return 1 ;;
      *) return 1 ;;
    esac
  done
}

describe_machine() {
  {
    date -u +%Y-%m-%dT%H:%M:%SZ
    uname -srm
    nvidia-smi -q -d CLOCK,POWER,TEMPERATURE,PERFORMANCE,ECC 2>&1
    nvidia-smi 2>&1
    lscpu 2>&1
    nvcc --version 2>&1
    "$python" -m pip list 2>&1
  } >>"$work/tables/machine.txt"
}

build() {
  local wheels generator=()
  wheels=$(find_wheels | head -n 1)
  command -v make >/dev/null || ! command -v ninja >/dev/null || generator=(-G Ninja)
  CUDA_WHEELS=$wheels "$collectors/workloads/build_microbench.sh" "$work/microbench" "${architecture:-90}" >"$work/log/microbench_build" 2>&1 &
  local microbench=$! failed=0
  { cmake -S "$collectors" -B "$work/collectors" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release \
    -DHOPSIM_CUDA_ROOTS="$wheels" &&
    cmake --build "$work/collectors" --parallel "$(nproc)"; } >"$work/log/collector_build" 2>&1 || failed=1
  wait "$microbench" || failed=1
  collect=$(find "$work/collectors" -name hopsim-collect -type f -perm -u+x 2>/dev/null | head -n 1)
  if [ $failed = 1 ]; then
    tail -n 5 "$work/log/microbench_build" "$work/log/collector_build" >&2
    note build failed 0
  fi
}

# decode.py warms up, so code may load on its first use, as in the runs that are timed: EAGER would load all of it.
capture() { # name kind seconds arguments...
  local name=$1 kind=$2 seconds=$3 flags=() status=0 rows=$work/spools/$1/run.csv
  shift 3
  [ "$kind" = graph-trace ] && flags=(--graph-trace)
  CUDA_MODULE_LOADING=${CUDA_MODULE_LOADING:-LAZY} timeout -k 5 "$seconds" \
    "$collect" --spool "$work/spools/$name" "${flags[@]}" -- "$python" "$collectors/workloads/decode.py" \
    --steps 4 --warmup 2 --annotate --csv "$rows" "$@" || status=$?
  # What was measured is kept, whatever happened afterwards.
  if grep -q ',ok,' "$rows" 2>/dev/null; then
    pack_spool "$name" && return $status
  elif grep -q ',skipped: ' "$rows" 2>/dev/null; then
    grep -o ',skipped: [^,]*' "$rows" | tail -n 1 >&2
    outcome=skipped
    return 0
  fi
  return $((status > 0 ? status : 1))
}

# One run; its files lie where a repetition finds them. Sets `outcome` to done, partial (some rows are left for a
# repetition) or skipped (nothing to measure here).
launch() { # name kind budget arguments...
  local name=$1 kind=$2 budget=$3
  shift 3
  outcome="done"
  local within=(timeout -k 5 $((budget + 15)))
  case $kind in
    microbench)
      [ -x "$work/microbench" ] || { echo "microbench was not built" >&2; return 1; }
      mkdir -p "$work/tables/$name"
      "${within[@]}" "$work/microbench" --out "$work/tables/$name" --budget "$budget" "$@" ;;
    decode)
      local table=$work/tables/$name.csv
      [ ! -e "$table" ] || sed -i '1!{/,ok,/!d}' "$table" # the others are tried again
      "${within[@]}" "$python" "$collectors/workloads/decode.py" --budget "$budget" --csv "$table" --resume "$@" || return
      ! grep -qE ',"?skipped: (out of time|bitsandbytes|torchao)' "$table" || outcome=partial ;;
    capture | graph-trace)
      [ -n "$collect" ] || { echo "hopsim-collect was not built" >&2; return 1; }
      rm -rf "$work/spools/$name" "$work/packed/$name.tar.gz"
      mkdir -p "$work/spools/$name"
      capture "$name" "$kind" $((budget + 15)) "$@" ;;
  esac
}

megabytes() { du -cb "$@" 2>/dev/null | awk 'END {printf "%.1f", $1 / 1048576}'; }

# Each capture is packed once, when it is done.
pack_spool() { # name
  tar -C "$work/spools" -cf - "$1" | gzip -6 >"$work/packed/$1.tar.gz.part" &&
    mv "$work/packed/$1.tar.gz.part" "$work/packed/$1.tar.gz"
}

# spools-N.tar hold the captures' .tar.gz, in order of worth; what exceeds six of 14 MiB is dropped by name.
pack() {
  local most=$((14 * 1048576 - 65536)) index=1 used=0 name size
  local -a members=()
  close_archive() {
    [ ${#members[@]} -gt 0 ] || return 0
    tar -C "$work/packed" -cf "$out/spools-$index.tar.part" "${members[@]}" &&
      mv "$out/spools-$index.tar.part" "$out/spools-$index.tar"
    index=$((index + 1)) used=0 members=()
  }
  for name in $(runs | awk '{print $1}'); do
    [ -e "$work/packed/$name.tar.gz" ] || continue
    size=$(($(stat -c %s "$work/packed/$name.tar.gz") + 1024))
    if [ $size -le $most ] && [ $((used + size)) -gt $most ]; then close_archive; fi
    if [ $size -gt $most ] || [ $index -gt 6 ]; then
      finished "$name" && note "$name" dropped 0
      say "dropped $name: $((size / 1048576)) MiB are more than fits"
      rm "$work/packed/$name.tar.gz"
      continue
    fi
    members+=("$name.tar.gz") used=$((used + size))
  done
  close_archive
  cp "$manifest" "$work/tables/manifest.tsv"
  tar -C "$work" -czf "$out/tables.tar.gz.part" tables log && mv "$out/tables.tar.gz.part" "$out/tables.tar.gz"
  cp "$manifest" "$out/manifest.tsv"
}

trap 'say "stopped"; pack; exit 1' INT TERM
architecture=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d ' .')
collect="" outcome=""
missing=$(missing_packages)
say "building"
build
describe_machine
while read -r name kind seconds mib arguments; do
  if finished "$name"; then
    say "$name: done before"
    continue
  fi
  if lacks_packages "$arguments"; then
    say "$name: skipped, without$missing"
    note "$name" skipped 0
    continue
  fi
  left=$((deadline - $(date +%s)))
  budget=$((seconds * minutes / 10))
  [ "$budget" -ge "$seconds" ] || [ "$kind" = microbench ] || [ "$kind" = decode ] || budget=$seconds
  [ "$budget" -le $((left - 5)) ] || budget=$((left - 5))
  if [ "$budget" -lt 12 ] || { [ "$kind" = capture ] && [ "$budget" -lt "$seconds" ]; }; then
    say "$name: left out, no time"
    note "$name" left-out 0
    continue
  fi
  say "$name: $kind, up to $budget s"
  begin=$(date +%s)
  # shellcheck disable=SC2086  # a list of words
  launch "$name" "$kind" "$budget" $arguments >"$work/log/$name" 2>&1 </dev/null
  status=$?
  took=$(($(date +%s) - begin))
  if [ $status = 0 ]; then
    note "$name" "$outcome" "$took"
    say "$name: $outcome in $took s"
  else
    note "$name" "failed-$status" "$took"
    say "$name: failed ($status): $(tail -n 1 "$work/log/$name" | cut -c1-160)"
  fi
  # Whatever ends this script later, what is measured by now is packed.
  pack
done < <(runs)
pack
say "$(find "$out" -maxdepth 1 -name '*.tar*' | wc -l) archives, $(megabytes "$out") MiB in $out"
# The last word on each run counts: an earlier failure may be mended.
awk -F '\t' '{last[$1] = $2} END {for (n in last) if (last[n] !~ /^(done|skipped)$/) bad = 1; exit bad}' "$manifest"
