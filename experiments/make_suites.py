#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write tests/validation/*.yaml, excerpts of public end-to-end tables that `hopsim validate` compares with.

    python3 experiments/make_suites.py --shared ../shared

A suite holds facts only: what was run, and what was measured. J/token is gross (power over tokens per second) wherever
the table allows it; energies from which an idle power was subtracted are never taken. `fitted` marks the rows whose
numbers set parameters (reference/FIRST_FITS.md or this repository's stacks, hosts and power blocks). A 16-bit row of
the same machine and session is the host's anchor, and its step time is then not scored. Needs pandas.
"""
import argparse
from pathlib import Path

import pandas as pd

HEADER = "# Written by experiments/make_suites.py; edit the script, not this file.\n"


def number(x):
    return f"{x:.5g}"


class Suite:
    def __init__(self, name, source, tolerance, comment):
        self.name, self.source, self.tolerance, self.comment = name, source, tolerance, comment
        self.rows = []

    def add(self, name, gpu, model, stack, batch, prompt, decode, measured, host=None, fitted=False, versus=None, gpus=1):
        fields = [f"name: {name}", f"gpu: {gpu}"] + ([f"gpus: {gpus}"] if gpus > 1 else [])
        fields += [f"host: {host}"] if host else []
        fields += [f"model: {model}", f"stack: {stack}"] + ([f"versus: {versus}"] if versus else [])
        fields += [f"batch: {batch}", f"prompt_tokens: {prompt}", f"decode_tokens: {decode}"]
        fields += ["fitted: true"] if fitted else []
        numbers = ", ".join(f"{k}: {number(v)}" for k, v in measured.items() if v is not None)
        self.rows.append(f"  - {{{', '.join(fields)}, measured: {{{numbers}}}}}\n")

    def write(self, folder):
        comment = "".join(f"# {line}\n" for line in self.comment.strip().splitlines())
        (folder / f"{self.name}.yaml").write_text(
            HEADER + comment + f"hopsim: validation/1\nname: {self.name}\nsource: {self.source}\n"
            f"tolerance: {self.tolerance}\nrows:\n" + "".join(self.rows))
        print(f"{self.name}: {len(self.rows)} rows")


def anchor(ms, stack="hf-eager/bf16", batch=1):
    return f"{{anchor: {{stack: {stack}, batch: {batch}, ms_per_step: {number(ms)}}}}}"


def bitsandbytes(data):
    s = Suite("bitsandbytes", "bitsandbytes-foundation/bitsandbytes@95f9af30, benchmarking/README.md (MIT)", 0.08, """
Step times of bitsandbytes' own benchmark (0.45.0 and 0.44.1, optimum-benchmark, transformers 4.46). The stacks' dispatch
costs and the speeds of the H100's and RTX 4090's hosts were fitted to these rows; the T4's rows were not: its host is
anchored. Prompt and decode lengths are assumed: the table does not state them.""")
    stacks = {"BF16": "hf-eager/bf16", "FP16": "hf-eager/fp16", "NF4": "bnb/nf4", "NF4+DQ": "bnb/nf4-dq", "INT8": "bnb/int8",
              "INT8+Decomp": "bnb/llm-int8"}
    gpus = {"H100 80GB SXM": "h100-80-sxm", "RTX 4090 24GB": "rtx-4090", "T4 16GB": "t4"}
    models = {"Llama 3.1 8B": "llama-3.1-8b", "Qwen 2.5 14B Instruct": "qwen2.5-14b", "Qwen 2.5 3B Instruct": "qwen2.5-3b"}
    d = pd.read_csv(data / "bitsandbytes/hf_generate_bnb.csv")
    base = {(r.gpu, r.model, r.batch): r.ms_per_step for r in d.itertuples() if r.precision in ("BF16", "FP16")}
    for r in d.itertuples():
        gpu, old = gpus[r.gpu], r.bnb_version == "0.44.1"
        plain = r.precision in ("BF16", "FP16")
        if (old and (r.batch > 1 or gpu == "t4")) or (r.precision == "NF4+DQ" and r.batch == 32):
            continue
        stack = stacks[r.precision] + ("" if plain else f"@{r.bnb_version}")
        measured = {"ms_per_step": r.ms_per_step}
        host = None
        if gpu == "t4":
            host = anchor(base[(r.gpu, r.model, 1)], "hf-eager/fp16")
            if plain and r.batch == 1:
                continue
        if not plain and (r.gpu, r.model, r.batch) in base:
            measured["cor"] = r.ms_per_step / base[(r.gpu, r.model, r.batch)] - 1
        s.add(f"{gpu} {models[r.model]} {stack} b{r.batch}", gpu, models[r.model], stack, r.batch, 64, 128, measured,
              host=host, fitted=gpu != "t4", versus="hf-eager/fp16" if gpu == "t4" and not plain else None)
    return s


def gross(power, tok_s):
    return {"tok_s": tok_s, "power_w": power, "j_per_token": power / tok_s}


def a800(data):
    s = Suite("a800", "hongping-zh/ecocompute-ai data/a800_results (CC BY 4.0), ecocompute-dynamic-eval (MIT)", 0.12, """
Mistral-7B on an A800, bitsandbytes 0.41.3. Energy is power over tokens per second (gross). Step times were not fitted;
the A100 family's power was, in part (FIRST_FITS section 4). The host's speed comes from each session's own 16-bit step.""")
    d = pd.read_csv(data / "hongping_ecocompute/decode_energy_batch1plus.csv")
    d = d[d.gpu.str.startswith("A800")]
    old = "hf-eager/fp16@4.36"
    stacks = {"fp16": old, "int8_default": "bnb/llm-int8@0.41", "int8_pure": "bnb/int8@0.41", "nf4": "bnb/nf4@0.41",
              "nf4_dq": "bnb/nf4-dq@0.41"}
    hosts, base = {}, {}
    for session, group in d.groupby("session"):
        for r in group[group.precision == "fp16"].itertuples():
            base[(session, r.batch)] = r
            hosts[(session, r.batch)] = anchor(1e3 * r.batch / r.tok_s, old, r.batch)
    for r in d.itertuples():
        measured = gross(r.avg_power_w, r.tok_s)
        if r.precision == "fp16":
            del measured["tok_s"]
        else:
            b = base[(r.session, r.batch)]
            measured |= {"cor": b.tok_s / r.tok_s - 1, "energy_ratio": measured["j_per_token"] / (b.avg_power_w / b.tok_s)}
        s.add(f"{stacks[r.precision]} b{r.batch} {r.session}", "a800-80-sxm", "mistral-7b", stacks[r.precision], r.batch, 10, 256,
              measured, host=hosts[(r.session, r.batch)], versus=None if r.precision == "fp16" else old)
    d = pd.read_csv(data / "hongping_ecocompute/a800_mistral7b_int8pure_batch_sweep_raw.csv")
    for batch, group in d.groupby("batch"):
        measured = gross(group.avg_power_w.mean(), group.tok_s.mean())
        s.add(f"bnb/int8@0.41 b{batch} sweep", "a800-80-sxm", "mistral-7b", "bnb/int8@0.41", batch, 10, 256, measured,
              host=hosts[("2026-02-26", 1)], versus=old)
    return s


def geforce(data):
    s = Suite("geforce", "hongping-zh/ecocompute-ai (CC BY 4.0), ecocompute-dynamic-eval (MIT), quant-energy (Zenodo, CC BY 4.0)",
              0.15, """
RTX 5090, 4090D and 4090 under eager transformers with bitsandbytes, batch 1, 256 tokens; NVML at 10 Hz. RTX 5090 and 4090D
hosts are anchored by the 16-bit row of the same model; the RTX 4090's sessions give no 16-bit time, so its host is fitted to
the NF4 rows of 19 August. Fitted, too, to the rows marked so: dispatch costs of LLM.int8() 0.43 and 0.45.5, and power.
Qwen2 has the shapes of Qwen2.5. The 4090D's published energies have idle power subtracted and are not used:
energy is power over tokens per second.""")
    d = pd.read_csv(data / "hongping_ecocompute/decode_energy_batch1plus.csv")
    models = {"TinyLlama-1.1B": "tinyllama-1.1b", "Qwen2-0.5B": "qwen2.5-0.5b", "Qwen2-1.5B": "qwen2.5-1.5b",
              "Qwen2.5-3B": "qwen2.5-3b", "Qwen2-7B": "qwen2.5-7b", "Qwen2.5-7B": "qwen2.5-7b", "Mistral-7B": "mistral-7b",
              "TinyLlama-1.1B-Chat-v1.0": "tinyllama-1.1b"}
    d["short"] = d.model.str.split("/").str[-1]
    for gpu, profile, version in (("RTX5090", "rtx-5090", "0.49"), ("RTX4090D", "rtx-4090d", "0.45.5")):
        g = d[(d.gpu == gpu) & d.short.isin(models)]
        stacks = {"fp16": "hf-eager/fp16", "nf4": f"bnb/nf4@{version}", "int8_default": f"bnb/llm-int8@{version}"}
        base = {r.short: r for r in g[g.precision == "fp16"].itertuples()}
        for r in g.itertuples():
            b, measured = base[r.short], gross(r.avg_power_w, r.tok_s)
            if r.precision == "fp16":
                del measured["tok_s"]
            else:
                measured |= {"cor": b.tok_s / r.tok_s - 1,
                             "energy_ratio": measured["j_per_token"] / (b.avg_power_w / b.tok_s)}
            s.add(f"{profile} {r.short} {stacks[r.precision]}", profile, models[r.short], stacks[r.precision], 1, 10, 256, measured,
                  host=anchor(1e3 / b.tok_s, "hf-eager/fp16"), versus=None if r.precision == "fp16" else "hf-eager/fp16",
                  fitted=profile == "rtx-5090" or r.short == "Mistral-7B" or r.precision == "int8_default")
    g = d[d.gpu == "RTX4090"]
    for (short, session), group in g.groupby(["short", "session"]):
        base_j = group[group.precision == "fp16"].energy_j_per_1k_tok.mean() / 1e3
        for precision, rows in group[group.precision != "fp16"].groupby("precision"):
            measured = gross(rows.avg_power_w.mean(), rows.tok_s.mean())
            measured["energy_ratio"] = measured["j_per_token"] / base_j
            stack = {"nf4": "bnb/nf4@0.43", "int8_default": "bnb/llm-int8@0.43"}[precision]
            s.add(f"rtx-4090 {short} {stack} {session}", "rtx-4090", models[short], stack, 1, 10, 256, measured,
                  host="quant-energy-4090", versus="hf-eager/fp16", fitted=session == "2026-08-19" or short != "TinyLlama-1.1B-Chat-v1.0")
    return s


def joulebench(data):
    s = Suite("joulebench", "danielcregg/llm-energy-framework@841d1a50 (MIT)", 0.15, """
A100 80GB PCIe (300 W) under eager transformers; medians over prompts and runs, gross energy. The fp16 step times set the
host's speed and the eager layer's cost (FIRST_FITS section 2), their power the A100's (section 4). The older Mistral-7B runs
(names ending in ctx) were not fitted: host anchored, bitsandbytes' version unknown; prompts padded to the context given.""")
    d = pd.read_csv(data / "joulebench_a100pcie/fp16_1b_32b_plus_8b_quant.csv")
    models = {"meta-llama/Llama-3.2-1B-Instruct": "llama-3.2-1b", "meta-llama/Llama-3.2-3B-Instruct": "llama-3.2-3b",
              "meta-llama/Llama-3.1-8B-Instruct": "llama-3.1-8b", "mistralai/Mistral-7B-Instruct-v0.3": "mistral-7b",
              "Qwen/Qwen2.5-7B-Instruct": "qwen2.5-7b", "Qwen/Qwen2.5-14B-Instruct": "qwen2.5-14b",
              "Qwen/Qwen2.5-32B-Instruct": "qwen2.5-32b"}
    d = d[d.model.isin(models) & (d.precision == "fp16") & d.batch.isin([1, 4, 16])]
    for (model, batch), g in d.groupby(["model", "batch"]):
        m = g.median(numeric_only=True)
        s.add(f"{models[model]} fp16 b{batch}", "a100-80-pcie", models[model], "hf-eager/fp16", batch, 40, 200,
              {"ms_per_step": 1e3 * batch / m.tok_s, "power_w": m.mean_power_w, "j_per_token": m.gross_j_per_tok},
              host="joulebench-a100-pcie", fitted=True)
    d = pd.read_csv(data / "joulebench_a100pcie/energy_bench_raw.csv")
    d = d[d.table.isin(["quant_fp16", "quant_int8", "quant_nf4"])]
    mean = d.groupby(["table", "context_len", "batch"])[["tok_s", "avg_power_w"]].median()
    for (table, ctx, batch), r in mean.iterrows():
        b = mean.loc[("quant_fp16", ctx, batch)]
        measured = gross(r.avg_power_w, r.tok_s)
        stack = {"quant_fp16": "hf-eager/fp16", "quant_int8": "bnb/llm-int8@0.49", "quant_nf4": "bnb/nf4@0.49"}[table]
        if table == "quant_fp16":
            measured = {k: v for k, v in measured.items() if k != "tok_s" or ctx > 256}
        else:
            measured |= {"cor": b.tok_s / r.tok_s - 1,
                         "energy_ratio": measured["j_per_token"] / (b.avg_power_w / b.tok_s)}
        first = mean.loc[("quant_fp16", 256, 1)]
        s.add(f"mistral-7b {stack} b{batch} ctx {ctx}", "a100-80-pcie", "mistral-7b", stack, batch, ctx, 128, measured,
              host=anchor(1e3 / first.tok_s, "hf-eager/fp16"), versus=None if table == "quant_fp16" else "hf-eager/fp16")
    return s


def optimum(data):
    s = Suite("optimum", "huggingface/optimum-benchmark@f75d9f93, ffede219, 01ccad58 (Apache-2.0)", 0.08, """
A100 80GB SXM, eager transformers 4.34 to 4.35 of 2023 with bitsandbytes of that year (about 0.41). FIRST_FITS fitted these
step times (host speed, A100 dequantisation rate, attention traffic of old transformers).""")
    d = pd.read_csv(data / "optimum_benchmark/a100_80gb_hf_generate.csv")
    models = {"NousResearch/Llama-2-7b-hf": "llama-2-7b", "mistralai/Mistral-7B-v0.1": "mistral-7b"}
    d = d[d.model.isin(models) & d.config.isin(["fp16", "bnb"])].drop_duplicates(["model", "config", "batch"])
    old = "hf-eager/fp16@4.35"
    base = {(r.model, r.batch): r.decode_ms_per_step for r in d[d.config == "fp16"].itertuples()}
    for r in d.sort_values(["model", "config", "batch"]).itertuples():
        stack = old if r.config == "fp16" else "bnb/nf4@0.41"
        measured = {"ms_per_step": r.decode_ms_per_step}
        if r.config == "bnb" and (r.model, r.batch) in base:
            measured["cor"] = r.decode_ms_per_step / base[(r.model, r.batch)] - 1
        s.add(f"{models[r.model]} {stack} b{r.batch}", "a100-80-sxm", models[r.model], stack, r.batch, r.prompt_len, r.new_tokens,
              measured, host="optimum-a100", fitted=True, versus=None if r.config == "fp16" else old)
    return s


def torchao(data):
    s = Suite("torchao", "pytorch/ao@7963f9c0 torchao/quantization/README.md, pytorch-labs/gpt-fast@32971d31 (BSD-3-Clause)", 0.1, """
A100 80GB, batch 1, decode under torch.compile with CUDA graphs: hardly any host. gpt-fast's board was limited to 330 W.
Llama-3-8B has the shapes of Llama-3.1-8B.""")
    d = pd.read_csv(data / "torchao_gptfast/batch1_decode.csv")
    models = {"Llama-2-7B": "llama-2-7b", "Llama-3-8B": "llama-3.1-8b", "Llama-3.1-8B": "llama-3.1-8b",
              "Llama-3.1-70B": "llama-3.1-70b"}
    stacks = {"bf16": "hf-compile/bf16", "int8wo": "torchao/int8-wo", "int4wo-64": "torchao/int4-wo", "int4wo-32": "torchao/int4-wo"}
    d = d[d.model.isin(models) & d.technique.isin(stacks) & (d.tp == 1)]
    base = {(r.source, r.model): r.tok_s for r in d[d.technique == "bf16"].itertuples()}
    for r in d.itertuples():
        measured = {"ms_per_step": 1e3 / r.tok_s}
        if r.technique != "bf16" and (r.source, r.model) in base:
            measured["cor"] = base[(r.source, r.model)] / r.tok_s - 1
        s.add(f"{r.source} {r.model} {r.technique}", "a100-80-sxm", models[r.model], stacks[r.technique], 1, 5, 200, measured)
    return s


def marlin(_):
    s = Suite("marlin", "vllm-project/vllm pull request 23197 (Apache-2.0), description of 2025-08-19", 0.2, """
vLLM's benchmark_latency on one H100, 256 tokens in and 32 out, Llama-3.1-8B in BF16 and with its 4-bit weights (round to
nearest) run by Marlin. The time holds the prefill.""")
    bf16_s = {1: 0.236, 4: 0.260, 8: 0.284, 16: 0.336}
    int4_s = {1: 0.154, 4: 0.194, 8: 0.216, 16: 0.267}
    for batch, seconds in bf16_s.items():
        s.add(f"bf16 b{batch}", "h100-80-sxm", "llama-3.1-8b", "vllm/bf16", batch, 256, 32, {"tok_s": 32 * batch / seconds})
        s.add(f"marlin b{batch}", "h100-80-sxm", "llama-3.1-8b", "marlin/int4", batch, 256, 32,
              {"tok_s": 32 * batch / int4_s[batch], "cor": int4_s[batch] / seconds - 1})
    return s


def argonne(data):
    s = Suite("argonne", "argonne-lcf/LLM-Inference-Bench@4211f5d4 (BSD-3-Clause)", 0.15, """
A100 40GB SXM, offline batches that start together: vLLM and TensorRT-LLM of 2024. Throughput and J/token include the prefill.
FIRST_FITS used the power of the fp16 rows in part (section 4). Llama-3-8B has the shapes of Llama-3.1-8B. Llama-2-7B from
batch 32 on is bound by the KV cache (sequences wait) and left out, as is an FP8 KV cache, which an A100 emulates.""")
    p = pd.read_csv(data / "argonne_llm_inference_bench/power_fp16.csv")
    models = {"meta-llama/Llama-2-7b-hf": "llama-2-7b", "meta-llama/Meta-Llama-3-8B": "llama-3.1-8b"}
    stacks = {"vLLM": "vllm/bf16@0.5", "TensorRT-LLM": "trtllm/bf16"}
    p = p[p.framework.isin(stacks) & ~((p.model == "meta-llama/Llama-2-7b-hf") & (p.batch > 16))]
    for r in p.itertuples():
        stack = stacks[r.framework]
        s.add(f"{stack} {models[r.model]} b{r.batch} in 1024", "a100-40-sxm", models[r.model], stack, r.batch, r.in_len, r.out_len,
              {"tok_s": r.out_tok_s, "power_w": r.avg_power_w, "j_per_token": r.avg_power_w / r.out_tok_s})
    q = pd.read_csv(data / "argonne_llm_inference_bench/quant_llama3_8b.csv")
    fp16 = p[(p.framework == "TensorRT-LLM") & (p.model == "meta-llama/Meta-Llama-3-8B")].set_index("batch").out_tok_s
    for r in q[(q.framework == "vLLM") & (q.kv_dtype == "fp16")].itertuples():
        if r.in_out_len == 2048 and r.batch == 64:  # 64 * 4096 tokens do not fit: sequences wait
            continue
        s.add(f"vllm/bf16@0.5 llama-3.1-8b b{r.batch} in {r.in_out_len}", "a100-40-sxm", "llama-3.1-8b", "vllm/bf16@0.5", r.batch,
              r.in_out_len, r.in_out_len, {"tok_s": r.out_tok_s})
    for r in q[(q.framework == "TensorRT-LLM") & (q.weight_dtype == "int8") & (q.kv_dtype == "int8")].itertuples():
        s.add(f"trtllm/int8-wo llama-3.1-8b kv8 b{r.batch}", "a100-40-sxm", "llama-3.1-8b", "trtllm/int8-wo-kv8", r.batch, 1024, 1024,
              {"tok_s": r.out_tok_s, "cor": fp16[r.batch] / r.out_tok_s - 1})
    return s


def frontenac(data):
    s = Suite("frontenac", "johnnietse/llm-d-epp (Apache-2.0), Frontenac cluster, h1-*/h1.csv", 0.15, """
Qwen2.5-1.5B under vLLM 0.30 in a closed loop: 128 output tokens, about 35 of prompt, requests replaced as they end. Step time
is the median latency over 128 tokens, so it includes one prefill in 128 steps and the server. Fitted: idle power, and the
A100's busy power to its rows up to batch 8. The L4 sits at its 72 W limit throughout.""")
    d = pd.read_csv(data / "frontenac_epp/qwen25_1p5b_bf16_concurrency.csv")
    gpus = {"NVIDIA_L4": "l4", "NVIDIA_A100-PCIE-40GB": "a100-40-pcie"}
    for r in d[d.gpu.isin(gpus)].itertuples():
        s.add(f"{gpus[r.gpu]} vllm b{r.concurrency}", gpus[r.gpu], "qwen2.5-1.5b", "vllm/bf16-greedy", r.concurrency, 35, 128,
              {"ms_per_step": 1e3 * r.lat_p50_s_128tok / 128, "power_w": r.mean_power_w, "j_per_token": r.j_per_gen_token},
              fitted="A100" in r.gpu and r.concurrency <= 8)
    return s


def ml_energy(data):
    s = Suite("ml_energy_h100", "ml-energy/leaderboard@0cd52dab, public/data/models (data card ml-energy/data, Apache-2.0)", 0.15, """
vLLM 0.11 in steady state on one H100, continuous batching, temperature 0.8 and top-p 0.95. ms_per_step is the median
inter-token latency: below about 0.7 arrivals a step the median step holds no prefill. Power and J/token are means over all
steps, prefills of arriving requests included, as the chain's own prefill is in the prediction. Prompt lengths: 350 tokens for
chat, 250 for gpqa, from the mean context that saturated runs' KV capacity implies and from mean less median step time.
Fitted to Llama-3.1-8B and Qwen3-14B: the H100's power and the sampler's work a sequence.""")
    d = pd.read_csv(data / "ml_energy_v3/llm_h100_b200.csv")
    models = {"Qwen/Qwen3-8B": "qwen3-8b", "Qwen/Qwen3-14B": "qwen3-14b", "Qwen/Qwen3-32B": "qwen3-32b",
              "meta-llama/Llama-3.1-8B-Instruct": "llama-3.1-8b"}
    d = d[d.model.isin(models) & (d.num_gpus == 1) & (d.gpu == "H100") & (d.weight_precision == "bfloat16")]
    for r in d.itertuples():
        chat = r.task == "lm-arena-chat"
        if not chat and r.avg_batch > 40:  # contexts of all lengths at once: the longest chain would not fit
            continue
        batch, model = round(r.avg_batch), models[r.model]
        s.add(f"{model} {'chat' if chat else 'gpqa'} b{batch}", "h100-80-sxm", model, "vllm/bf16", batch, 350 if chat else 250,
              round(r.avg_out_tokens),
              {"ms_per_step": r.median_itl_ms, "power_w": r.avg_power_w_total, "j_per_token": r.energy_per_out_token_j},
              fitted=model in ("llama-3.1-8b", "qwen3-14b"))
    return s


def ml_energy_several(data):
    s = Suite("ml_energy_several", "ml-energy/leaderboard@0cd52dab, public/data/models (data card ml-energy/data, Apache-2.0)", 0.15, """
The same server and tasks as ml_energy_h100 over two and four H100 (tensor parallel); power is that of all GPUs. Nothing was
fitted to these rows. Above a batch of 256 arrivals keep the median step busy with prefills, which no chain has.""")
    d = pd.read_csv(data / "ml_energy_v3/llm_h100_b200.csv")
    models = {"Qwen/Qwen3-32B": "qwen3-32b", "meta-llama/Llama-3.1-70B-Instruct": "llama-3.1-70b"}
    d = d[d.model.isin(models) & (d.tp > 1) & (d.gpu == "H100") & (d.weight_precision == "bfloat16") & (d.avg_batch < 260)]
    for r in d.itertuples():
        chat = r.task == "lm-arena-chat"
        if not chat and r.avg_batch > 40:
            continue
        batch, model = round(r.avg_batch), models[r.model]
        s.add(f"{model} x{r.tp} {'chat' if chat else 'gpqa'} b{batch}", "h100-80-sxm", model, "vllm/bf16", batch,
              350 if chat else 250, round(r.avg_out_tokens),
              {"ms_per_step": r.median_itl_ms, "power_w": r.avg_power_w_total, "j_per_token": r.energy_per_out_token_j},
              gpus=r.tp)
    return s


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parent.parent
    parser.add_argument("--shared", type=Path, default=root.parent / "shared")
    args = parser.parse_args()
    for make in (bitsandbytes, a800, geforce, joulebench, optimum, torchao, marlin, argonne, frontenac, ml_energy,
                 ml_energy_several):
        make(args.shared / "data").write(root / "tests/validation")


if __name__ == "__main__":
    main()
