#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# decode_test.sh SOURCE: usage of decode.py, and with torch and transformers (HOPSIM_PYTHON, else python3) a toy model
# on the CPU: rows of the table, and the same tokens from the growing cache and from the static one.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
workloads=$1/collectors/workloads
python=${HOPSIM_PYTHON:-python3}
export PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
command -v "$python" >/dev/null || { echo "no Python"; exit 77; }
fail() { echo "FAILED: $*"; cat "$folder/stderr"; exit 1; }
expect_2() {
  "$python" "$workloads/decode.py" "$@" >"$folder/stdout" 2>"$folder/stderr"
  [ $? = 2 ] || fail "exit code of: $*"
}

expect_2 --batch 0
expect_2 --batch 1,x
expect_2 --layers some
expect_2 --power-seconds 1
expect_2 --nope
"$python" -c 'import torch, transformers' 2>/dev/null || { echo "no torch or no transformers: the rest is skipped"; exit 77; }

"$python" "$workloads/decode.py" --list >"$folder/stdout" 2>"$folder/stderr" || fail "--list"
grep -q 'stacks: hf-eager/bf16 hf-graph/bf16 bnb/nf4' "$folder/stdout" || fail "--list names the stacks"
expect_2 --model gpt-5
expect_2 --device cpu

"$python" "$workloads/decode.py" --device cpu --tiny --stack hf-eager/bf16,hf-graph/bf16 --batch 1,2 --context 8 --steps 2 \
  --warmup 1 --csv "$folder/e2e.csv" >"$folder/stdout" 2>"$folder/stderr" || fail "a toy model runs"
[ "$(grep -c ',ok,' "$folder/e2e.csv")" = 4 ] || fail "four rows"
[ "$(head -n 1 "$folder/e2e.csv" | cut -d, -f1-3)" = gpu,driver,torch ] || fail "the header"

"$python" - "$workloads" >"$folder/stdout" 2>"$folder/stderr" <<'END' || fail "static and growing cache differ"
import sys

sys.path.insert(0, sys.argv[1])
import torch

import decode_models
import decode_run

decode_models.WEIGHT_DEVIATION = 0.5  # tokens then vary from step to step
with torch.no_grad():
    model = decode_models.build("qwen3-0.6b", 2, "cpu", lambda layer: None, tiny=True).float()
    prompt = torch.randint(512, (2, 7), generator=torch.Generator().manual_seed(1))
    runs = []
    for stack in ("hf-eager/bf16", "hf-graph/bf16"):
        runner = decode_run.make_runner(stack, model, prompt, 8)
        first = runner.token.clone()
        tokens = [runner.step().flatten().tolist() for _ in range(6)]
        runner.reset()
        runner.token.copy_(first)
        again = [runner.step().flatten().tolist() for _ in range(6)]
        assert tokens == again, (stack, tokens, again)
        runs.append(tokens)
    assert runs[0] == runs[1], runs
    assert len({tuple(step) for step in runs[0]}) > 1, "tokens that never vary prove nothing"
    assert len(decode_run.generate_steps(model, prompt, 3)) == 3
END
echo "passed"
