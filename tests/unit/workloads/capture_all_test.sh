#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016  # stand-ins are quoted scripts
# capture_all_test.sh SOURCE: the plan, wrong usage, and a whole capture with stand-ins for GPU, compiler and Python.
set -u
script=$1/collectors/capture_all.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAILED: $*"; exit 1; }
expect_2() {
  "$script" "$@" >"$folder/stdout" 2>"$folder/stderr"
  [ $? = 2 ] || fail "exit code of: $*"
  [ "$(wc -l <"$folder/stderr")" = 1 ] || fail "one line of error for: $*"
}

plan=$("$script" --plan) || fail "--plan"
for run in micro e2e-main llama-8b_nf4_b1 qwen-32b_bf16_b1 power; do
  grep -q "^$run " <<<"$plan" || fail "--plan does not list $run"
done
expect_2 --minutes soon --plan
expect_2 --nope
expect_2 --out
expect_2
[ -e /dev/nvidiactl ] || PATH=/usr/bin:/bin expect_2 --out "$folder/none"
[ ! -e "$folder/none" ] || fail "something written without a GPU"

# Stand-ins: each leaves what the real one would. One spool is larger than an archive may be.
stub() { printf '#!/usr/bin/env bash\n%s\n' "$2" >"$folder/bin/$1"; chmod +x "$folder/bin/$1"; }
mkdir -p "$folder/bin"
stub nvidia-smi 'case "$*" in *compute_cap*) echo 9.0 ;; *) echo "GPU 0: stand-in" ;; esac'
stub nvcc 'while [ $# -gt 0 ]; do [ "$1" = -o ] && { mkdir -p "$(dirname "$2")"
  printf "#!/bin/sh\nwhile [ \$# -gt 0 ]; do [ \"\$1\" = --out ] && echo rows >\"\$2/kernels.csv\"; shift; done\n" >"$2"; chmod +x "$2"; }; shift; done'
stub cmake '[ "$1" = -S ] || exit 0
mkdir -p "$4/collectors"
cat >"$4/collectors/hopsim-collect" <<"END"
#!/usr/bin/env bash
spool=$2
case $spool in
  *mistral*) head -c 16000000 /dev/urandom >"$spool/1.hopspool" ;;
  *) head -c 2000000 /dev/urandom >"$spool/1.hopspool" ;;
esac
while [ "$1" != -- ]; do shift; done
shift
[ "$CUDA_MODULE_LOADING" = LAZY ] || exit 9
"$@"
case $spool in *qwen-32b_bf16_b1) exit 1 ;; *int4-wo*) exit 2 ;; esac
END
chmod +x "$4/collectors/hopsim-collect"'
stub python 'case "$*" in *find_spec*bitsandbytes*) [ ! -e '"$folder/no_bnb"' ]; exit ;; *e2e-generate*) exit 1 ;; esac
status=ok
[[ "$*" == *"e2e-more"* && ! -e '"$folder/more_time"' ]] && status="skipped: out of time"
[[ "$*" == *"--stack torchao/int4-wo" ]] && status="skipped: no torchao"
while [ $# -gt 0 ]; do
  [ "$1" = --csv ] && { [ -e "$2" ] || echo "model,status,ms" >"$2"; echo "a,$status,1" >>"$2"; }
  shift
done'
capture() { # folder
  PATH=$folder/bin:$PATH "$script" --out "$folder/$1" --work "$folder/work" --python python "${@:2}" >"$folder/log" 2>&1
}

capture out
[ $? = 1 ] || fail "a failed run and a dropped one make exit code 1"
cat "$folder/log"
grep -q 'dropped mistral-7b_nf4_b8' "$folder/log" || fail "an oversized spool is dropped by name"
grep -q 'e2e-generate: failed (1)' "$folder/log" || fail "a failed run is noted"
count=$(find "$folder/out" -type f | wc -l)
[ "$count" -le 8 ] || fail "$count files"
[ -z "$(find "$folder/out" -type f -size +14680064c)" ] || fail "a file over 14 MiB"
tar -tzf "$folder/out/tables.tar.gz" | grep -q 'tables/micro/kernels.csv' || fail "tables are packed"
for archive in "$folder"/out/spools-*.tar; do tar -tf "$archive"; done >"$folder/members"
tar -xOf "$folder/out/spools-1.tar" llama-8b_bf16_b1.tar.gz | tar -tzf - | grep -q '^llama-8b_bf16_b1/1.hopspool' || fail "spools are packed"
! grep -q int4-wo "$folder/members" || fail "a capture of nothing is packed"
grep -q 'llama-8b_int4-wo_b1: skipped in' "$folder/log" || fail "a stack that is not there is a failure"
grep -q 'qwen-32b_bf16_b1: failed (1)' "$folder/log" || fail "a failed collector is not noted"
grep -q qwen-32b_bf16_b1 "$folder/members" || fail "what was captured before a failure is lost"
grep -q 'e2e-more: partial' "$folder/log" || fail "a run that was out of time counts as done"

capture out
grep -q 'micro: done before' "$folder/log" || fail "a finished run is repeated"
grep -q 'e2e-generate: decode' "$folder/log" || fail "a failed run is not repeated"
grep -q 'e2e-more: decode' "$folder/log" || fail "a partial run is not taken up again"

# Another machine, with more time and fewer packages; it adds to the tables and leaves the first archives alone.
rm -rf "$folder/work"
cp "$folder/out/spools-1.tar" "$folder/first.tar"
capture out --done "$folder/out/manifest.tsv"
[ $? = 2 ] || fail "a capture into the folder of another one"
cmp -s "$folder/out/spools-1.tar" "$folder/first.tar" || fail "an earlier capture is overwritten"
rm -rf "$folder/work"
sed -i '/^qwen-14b_nf4_b8/d' "$folder/out/manifest.tsv"
touch "$folder/more_time" "$folder/no_bnb"
capture out2 --done "$folder/out/manifest.tsv"
grep -q 'micro: done before' "$folder/log" || fail "--done is not heeded"
grep -q 'qwen-14b_nf4_b8: skipped, without bitsandbytes' "$folder/log" || fail "a missing package costs a run"
grep -q 'e2e-more: done' "$folder/log" || fail "a partial run of another machine is not taken up"
tar -xzOf "$folder/out2/tables.tar.gz" tables/e2e-main.csv | grep -q ',ok,' || fail "earlier tables are lost"
echo "passed"
