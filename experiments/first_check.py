#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares `hopsim run` with public end-to-end tables: bitsandbytes' own benchmark (step time) and the A800 rows of
hongping_ecocompute (speed, power). Host costs were fitted on the former, power partly on the latter (FIRST_FITS), so
this shows how well the fit carries over into the simulator, not how well it predicts."""
import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
GPUS = {"RTX 4090 24GB": "rtx-4090", "H100 80GB SXM": "h100-80-sxm"}
MODELS = {"Llama 3.1 8B": "llama-3.1-8b", "Qwen 2.5 14B Instruct": "qwen2.5-14b"}
STACKS = {"BF16": "hf-eager/bf16", "NF4": "bnb/nf4", "INT8": "bnb/int8", "INT8+Decomp": "bnb/llm-int8"}
A800 = {"fp16": "hf-eager/bf16", "nf4": "bnb/nf4", "int8_pure": "bnb/int8", "int8_default": "bnb/llm-int8"}


def run(**flags):
    command = [ROOT / "build/hopsim", "run", "--json"]
    for name, value in flags.items():
        command += ["--" + name.replace("_", "-"), str(value)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def bitsandbytes(data):
    errors = {}
    print(f"{'GPU':14}{'model':14}{'stack':14}{'batch':>6}{'measured ms':>13}{'simulated ms':>14}{'error':>9}")
    for row in csv.DictReader(open(data / "bitsandbytes/hf_generate_bnb.csv")):
        if row["gpu"] not in GPUS or row["bnb_version"] != "0.45.0" or row["precision"] not in STACKS:
            continue
        stack = STACKS[row["precision"]]
        tokens = 128
        result = run(gpu=GPUS[row["gpu"]], model=MODELS[row["model"]], stack=stack, batch=row["batch"], hops=1,
                     prompt_tokens=64, decode_tokens=tokens)
        simulated = 1e3 * result["latency_s"] / tokens
        error = simulated / float(row["ms_per_step"]) - 1
        errors.setdefault(stack, []).append(abs(error))
        print(f"{GPUS[row['gpu']]:14}{MODELS[row['model']]:14}{stack:14}{row['batch']:>6}{row['ms_per_step']:>13}"
              f"{simulated:14.1f}{100 * error:+8.1f} %")
    for stack, values in errors.items():
        print(f"{stack}: median {100 * statistics.median(values):.1f} %, worst {100 * max(values):.1f} %, n {len(values)}")


def a800(data):
    print(f"\n{'A800, Mistral-7B':28}{'batch':>6}{'tok/s':>9}{'simulated':>11}{'W':>7}{'simulated':>11}")
    for row in csv.DictReader(open(data / "hongping_ecocompute/decode_energy_batch1plus.csv")):
        if not row["gpu"].startswith("A800") or row["precision"] not in A800:
            continue
        stack = A800[row["precision"]]
        result = run(gpu="a100-80-sxm", model="mistral-7b", stack=stack, batch=row["batch"], hops=1, prompt_tokens=10,
                     decode_tokens=256)
        print(f"{stack:28}{row['batch']:>6}{float(row['tok_s']):9.1f}{result['tokens_per_s']:11.1f}"
              f"{float(row['avg_power_w']):7.0f}{result['power_w']:11.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", default=ROOT.parent / "shared", type=pathlib.Path)
    data = parser.parse_args().shared / "data"
    if not data.is_dir():
        sys.exit(f"error: {data}: no such folder; --shared names the folder with the public tables")
    bitsandbytes(data)
    a800(data)


if __name__ == "__main__":
    main()
