#!/usr/bin/env python3
"""Fit the kernel families that `hopsim calibrate` does not: small kernels, casts, and the few layers measured on an
RTX 4090. Writes hw_profiles/small/*.yaml; experiments/calibrate.sh calls it.

    python3 experiments/small_kernels.py --shared ../shared

Model (bytes, flops, seconds; bandwidth and tensor peaks from reference/gpus.csv, dense):
    tb = (bytes + bw_half) / (bandwidth * bw_efficiency)
    tf = (flops * (1 + m_pad / m) + flop_half) / (peak * flop_efficiency)
    ta = elements / (SMs * boost_clock * alu_per_sm_clock); of a fused GEMM, its weights
    t  = t0 + (tb^4 + tf^4 + ta^4)^(1/4)
Form `stream` has tb only, `gemm` has tb and tf, `cast` has tb and ta, `fused_gemm` all three. Weights of a GEMM are n x k and are
expected in HBM, not in L2, because a model's other layers evict them between two uses. Errors written to
the profiles are those of rows whose shape the fit did not see (5 folds over shapes, not over rows).
Needs numpy, scipy, pandas.
"""
import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

NORM_P = 4
ABSENT = {"bw_half_kib": 0, "m_pad": 0, "flop_half_mflop": 0}
# Not told by the rows of a form: Marlin's are all of one size and one GPU. A layer of 1024 x 2048 takes 5.7 us
# (vllm-project/vllm pull request 29901, RTX 2080 Ti, 1 us of it memory); the bandwidth is assumed.
HELD = {"fused_gemm": {"t0_us": 4, "bw_efficiency": 0.9}}
KEYS = {"stream": ["t0_us", "bw_efficiency", "bw_half_kib"],
        "gemm": ["t0_us", "bw_efficiency", "bw_half_kib", "flop_efficiency", "m_pad", "flop_half_mflop"],
        "cast": ["t0_us", "bw_efficiency", "bw_half_kib", "alu_per_sm_clock"],
        "fused_gemm": ["t0_us", "bw_efficiency", "flop_efficiency", "alu_per_sm_clock"]}
BOUNDS = {"t0_us": (0.5, 60), "bw_efficiency": (0.05, 1.0), "bw_half_kib": (0, 1e5), "flop_efficiency": (0.05, 1.0),
          "m_pad": (0, 512), "flop_half_mflop": (0, 1e6), "alu_per_sm_clock": (0.05, 64)}
STARTS = [{"t0_us": 3, "bw_efficiency": 0.8, "bw_half_kib": 100, "flop_efficiency": 0.7, "m_pad": 8,
           "flop_half_mflop": 100, "alu_per_sm_clock": 2},
          {"t0_us": 1, "bw_efficiency": 0.6, "bw_half_kib": 2000, "flop_efficiency": 0.5, "m_pad": 64,
           "flop_half_mflop": 5000, "alu_per_sm_clock": 1},
          {"t0_us": 8, "bw_efficiency": 0.9, "bw_half_kib": 10, "flop_efficiency": 0.9, "m_pad": 1,
           "flop_half_mflop": 10, "alu_per_sm_clock": 4}]

A100S = ["a100-40-pcie", "a100-80-pcie", "a100-40-sxm", "a800-80-sxm"]
HOPPERS = ["h100-80-pcie", "h200-141-sxm"]
GEFORCES = ["rtx-4090d", "rtx-5090", "rtx-pro-6000"]
GPUS = ["a100-80-sxm", "l40s", "h100-80-sxm", "b200-180-sxm", "rtx-4090", "l4", "t4", *A100S, *HOPPERS, *GEFORCES]
RATE_64 = 1.66  # elements an SM and clock that 4-bit dequantisation converts with 64 lanes, FIRST_FITS section 3
LANES_64 = ["a100-80-sxm", "t4", *A100S]  # FP32 lanes an SM; the others have 128
FAMILIES = ["gemm_bf16", "attention_decode", "attention_prefill", "elementwise", "torch_small", "dequant_4bit", "bnb_gemv_4bit", "bnb_gemm_int8",
            "gemm_marlin"]
ADA = "same architecture, Ada"
NEAREST = "nearest data-centre part with a table"
# family -> {GPU without data: (relative, why)}
CHIP = "same architecture"
BORROW = {"elementwise": {"l40s": ("rtx-4090", ADA), "l4": ("rtx-4090", ADA), "b200-180-sxm": ("h100-80-sxm", NEAREST),
                          "t4": ("a100-80-sxm", "the oldest part with a table"),
                          **{name: ("a100-80-sxm", CHIP) for name in A100S}, **{name: ("h100-80-sxm", CHIP) for name in HOPPERS},
                          **{name: ("rtx-4090", "nearest GeForce with a table") for name in GEFORCES}}}
SERVING = "casys-kaist/LLMServingSim@5daddb21"
VIDUR = "microsoft/vidur@7d475133"


class Gpu:
    def __init__(self, row):
        number = lambda key: float(row[key]) if row[key] else None
        self.bytes_per_s = number("hbm_gb_s") * 1e9
        self.l2_bytes = number("l2_mb") * 1e6
        self.sms = number("sms")
        self.boost_hz, self.base_hz = number("boost_mhz") * 1e6, (number("base_mhz") or 0) * 1e6
        self.peak_flops = {"bf16": number("bf16_dense_tflops"), "fp8": number("fp8_dense_tflops"),
                           "int8": number("int8_dense_tops"), "fp4": number("fp4_dense_tflops")}


def predict_us(gpu, form, peak, p, rows):
    """rows: columns bytes; gemm also flops, m; cast also elements, and clock_hz where it is not boost."""
    tb = (rows["bytes"] + 1024 * p["bw_half_kib"]) / (gpu.bytes_per_s * p["bw_efficiency"])
    tf = ta = 0.0
    if form in ("gemm", "fused_gemm"):
        flops = rows["flops"] * (1 + p["m_pad"] / rows["m"]) + 1e6 * p["flop_half_mflop"]
        tf = flops / (gpu.peak_flops[peak] * 1e12 * p["flop_efficiency"])
    if form in ("cast", "fused_gemm"):
        clock_hz = rows["clock_hz"] if "clock_hz" in rows else gpu.boost_hz
        ta = rows["elements"] / (gpu.sms * clock_hz * p["alu_per_sm_clock"])
    return p["t0_us"] + 1e6 * (tb**NORM_P + tf**NORM_P + ta**NORM_P) ** (1 / NORM_P)


def fit_once(gpu, form, peak, rows):
    # In stream and cast a bw_half is a second t0 (exactly so in stream), and a gemm without small weights does not
    # tell the halves from t0 and m_pad: they stay 0 there.
    halves = form == "gemm" and rows["bytes"].min() / gpu.bytes_per_s < 2e-6
    held = HELD.get(form, {})
    keys = [k for k in KEYS[form] if (halves or "half" not in k) and k not in held]
    lo, hi = np.array([BOUNDS[k] for k in keys], float).T
    measured = rows["us"].to_numpy()
    # A clock of 1 us says little about a kernel of 2 us, so such rows weigh less.
    weight = measured / (measured + rows["resolution_us"].to_numpy())
    data = {c: rows[c].to_numpy(float) for c in rows.columns if c in ("bytes", "flops", "m", "elements", "clock_hz")}
    extra = rows["extra_us"].to_numpy()
    unpack = lambda x: {**ABSENT, **held, **dict(zip(keys, x))}
    residual = lambda x: weight * np.log((predict_us(gpu, form, peak, unpack(x), data) + extra) / measured)
    best = None
    for start in STARTS:
        x0 = np.clip([start[k] for k in keys], lo + 1e-6, hi - 1e-6)
        x_scale = np.maximum(np.abs(x0), 0.1)
        result = least_squares(residual, x0, bounds=(lo, hi), loss="soft_l1", f_scale=0.1, x_scale=x_scale,
                               max_nfev=400, xtol=1e-10, ftol=1e-10)
        if best is None or result.cost < best.cost * (1 - 1e-9):
            best = result
    return {k: round4(unpack(best.x)[k]) for k in KEYS[form]}


def fit(gpu, form, peak, rows):
    """Parameters from all rows, and the error on held-out shapes."""
    rows = rows.reset_index(drop=True).assign(
        **{c: rows.get(c, pd.Series(0.0, rows.index)).to_numpy() for c in ("extra_us", "resolution_us")})
    shapes = sorted(rows["shape"].unique())
    fold = dict(zip(np.random.RandomState(0).permutation(len(shapes)), np.arange(len(shapes)) % 5))
    fold = rows["shape"].map({s: fold[i] for i, s in enumerate(shapes)})
    ape = np.zeros(len(rows))
    for f in sorted(fold.unique()):
        p, out = fit_once(gpu, form, peak, rows[fold != f]), rows[fold == f]
        ape[fold == f] = np.abs((predict_us(gpu, form, peak, {**ABSENT, **p}, out) + out["extra_us"]) / out["us"] - 1)
    params = fit_once(gpu, form, peak, rows)
    return params, {"rows": len(rows), "median_ape": round4(np.median(ape)), "p90_ape": round4(np.quantile(ape, 0.9))}


def round4(x):
    """4 significant digits and at most 4 decimals, so that a parameter at its bound of 0 prints as 0."""
    return round(float(f"{x:.4g}"), 4)


def number(x):
    return str(int(x)) if float(x).is_integer() else f"{x:.4f}".rstrip("0")


def gemm_rows(d, gpu):
    """Adds bytes, flops and shape of 16-bit layers to columns m, n, k, us; drops rows above the HBM peak."""
    d = d.assign(bytes=2.0 * d.n * d.k + 2 * d.m * d.k + 2 * d.m * d.n, flops=2.0 * d.m * d.n * d.k,
                 shape=d.n.astype(str) + "x" + d.k.astype(str))
    over = d.bytes / (d.us * 1e-6) > gpu.bytes_per_s
    return d[~over], int(over.sum())


def serving_rows(data):
    d = pd.read_csv(data / "llmservingsim/rtx_layers_bf16.csv").rename(columns={"time_us": "us", "tokens_or_seqs": "m"})
    return d[(d.gpu == "RTX4090") & (d.model == "meta-llama/Llama-3.1-8B")]


def load_serving_gemm(data, gpu):
    nk = {"qkv_proj": (6144, 4096), "o_proj": (4096, 4096), "gate_up_proj": (28672, 4096), "down_proj": (4096, 14336),
          "lm_head": (128256, 4096)}
    d = serving_rows(data)
    d = d[d.layer.isin(nk)]
    d = d.assign(n=d.layer.map(lambda x: nk[x][0]), k=d.layer.map(lambda x: nk[x][1]))
    rows, over = gemm_rows(d, gpu)
    return rows, f"{SERVING}, RTX4090 Llama-3.1-8B bf16 dense; 5 shapes only; dropped {over} above HBM peak of {len(d)}"


def load_serving_attention(data, gpu):
    d = serving_rows(data)
    d = d[(d.layer == "decode_attention")]
    total = len(d)
    d = d[d.kv_len >= 64]  # 8 KV heads, 32 query heads, head dimension 128
    d = d.assign(bytes=4.0 * d.n_decode * d.kv_len * 8 * 128 + 4 * d.n_decode * 32 * 128, shape=d.n_decode.astype(int))
    return d, f"{SERVING}, RTX4090 Llama-3.1-8B decode attention; dropped {total - len(d)} of {total}: kv_len < 64"


def load_elementwise_serving(data, gpu):
    # bytes a token, 16 bit. layernorm adds the residual: reads 2, writes 2 vectors of 4096; act reads gate and up.
    per_token = {"layernorm": 4 * 2 * 4096, "final_layernorm": 4 * 2 * 4096, "act_fn": 3 * 2 * 14336,
                 "rotary_emb": 2 * 2 * 40 * 128}
    d = serving_rows(data)
    d = d[d.layer.isin(per_token)]
    d = d.assign(bytes=d.m * d.layer.map(per_token), shape=d.layer)
    # Between these sizes L2 serves the activations, faster than HBM peak, which the form cannot express.
    keep = (d.m <= 64) | (d.bytes > 2 * gpu.l2_bytes)
    return d[keep], (f"{SERVING}, RTX4090 norm, act, rope; dropped {int((~keep).sum())} of {len(d)}: over 64 tokens and under "
                     "twice L2, where L2 serves the activations")


def load_elementwise_vidur(data, gpu_name):
    d = pd.read_csv(data / "vidur/mlp_ops.csv").rename(columns={"median_us": "us"})
    norms = ("input_layernorm", "post_attention_layernorm")
    d = d[(d.gpu == gpu_name) & d.op.isin(norms + ("attn_rope", "mlp_act", "add"))]
    head_dim = d.n_embd / d.n_head
    values = {"attn_rope": 2 * (d.n_head + d.n_kv_head) * head_dim / d.tp, "mlp_act": 3 * d.n_ffn / d.tp,
              "add": 3 * d.n_embd, **{op: 2 * d.n_embd for op in norms}}
    per_token = sum(np.where(d.op == op, 2 * v, 0) for op, v in values.items())
    d = d.assign(bytes=d.num_tokens * per_token, resolution_us=1.0,
                 shape=d.op + "/" + per_token.astype(int).astype(str))
    return d, (f"{VIDUR}, {gpu_name} norm, rope, act, add; 1 us resolution, so short rows weigh less; 2023-24 vLLM kernels")


def load_l4_dequant(data, gpu):
    """bitsandbytes kDequantizeBlockwise to half under Nsight Compute, which locks the SM clock to base."""
    rows = []
    for path in sorted((data / "l4_ncu").glob("*_nf4_metrics.csv")):
        lines = path.read_text().splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith('"ID"'))
        launches = {}
        for r in csv.DictReader(lines[start:]):
            if "kDequantizeBlockwise<__half" in r["Kernel Name"]:
                launches.setdefault(r["ID"], {"grid": r["Grid Size"]})[r["Metric Name"]] = float(r["Metric Value"])
        for launch in launches.values():
            elements = 1024.0 * int(launch["grid"].strip("()").split(",")[0])  # 512 bytes = 1024 weights a block
            rows.append({"us": launch["gpu__time_duration.sum"] / 1e3, "elements": elements, "shape": elements,
                         "bytes": launch["dram__bytes.sum"], "clock_hz": gpu.base_hz})
    return pd.DataFrame(rows), ("chuanbinp/uncertainty-aware-inference@49f436a4, L4 Nsight Compute, NF4 to fp16; DRAM bytes as "
                                "counted (below 2.56 n k where L2 holds the output); SM clock taken as base (NCU default)")


# IST-DASLab/marlin bench.py: mean TFLOP/s of the four layers of a Llama-13B, 4-bit weights with one scale a column.
MARLIN_LAYERS = [(15360, 5120), (5120, 5120), (27136, 5120), (5120, 13568)]
MARLIN_TFLOPS = {1: 4.626, 2: 9.261, 4: 18.208, 8: 36.791, 16: 72.529, 32: 110.762, 64: 139.662, 128: 140.903, 256: 141.424,
                 512: 141.35, 1024: 141.152, 2048: 141.425, 4000: 141.124}
# Marlin multiplies with mma.sync, which reaches this share of the dense peak (Luo et al., arXiv 2402.13499, for Hopper;
# assumed for the B200).
MMA_SYNC_SHARE = dict.fromkeys(("h100-80-sxm", "h100-80-pcie", "h200-141-sxm", "b200-180-sxm"), 0.63)


def load_marlin():
    """A row is the mean of the four layers, which the benchmark adds up."""
    count, weights = len(MARLIN_LAYERS), sum(n * k for n, k in MARLIN_LAYERS)
    m = np.array(list(MARLIN_TFLOPS))
    values = sum(m * (n + k) for n, k in MARLIN_LAYERS)
    flops = 2.0 * m * weights
    d = pd.DataFrame({"m": m, "flops": flops / count, "bytes": (weights / 2 + 2 * values) / count, "elements": weights / count,
                      "shape": m,
                      "us": flops / np.array(list(MARLIN_TFLOPS.values())) / 1e6 / count})
    return d, ("vllm-project/vllm pull request 2497, comment of 2024-01-24: means of four layers, 13 batches; the 16-bit times "
               "there are those of an A100-80 SXM within 6 % up to batch 64; by left-out batch {:.1f} / {:.1f} % off, other sizes unmeasured")


def fixed(kind, source, form, peak=None, free=None, **params):
    return {"form": form, "peak": peak, "params": {k: params.get(k, ABSENT.get(k)) for k in KEYS[form]},
            "kind": kind, "source": source, "errors": {}, "free": free or {}}


def build_profiles(shared, gpus):
    data = shared / "data"
    fitted = lambda gpu, form, peak, rows_source: dict(zip(
        ("form", "peak", "params", "errors", "kind", "source"),
        (form, peak, *fit(gpu, form, peak, rows_source[0]), "fitted", rows_source[1])))
    out = {name: {} for name in GPUS}
    out["a100-80-sxm"]["elementwise"] = fitted(gpus["a100-80-sxm"], "stream", None, load_elementwise_vidur(data, "a100"))
    out["h100-80-sxm"]["elementwise"] = fitted(gpus["h100-80-sxm"], "stream", None, load_elementwise_vidur(data, "h100"))
    rtx = gpus["rtx-4090"]
    out["rtx-4090"]["elementwise"] = fitted(rtx, "stream", None, load_elementwise_serving(data, rtx))
    borrow(out, "elementwise")
    out["rtx-4090"]["gemm_bf16"] = fitted(rtx, "gemm", "bf16", load_serving_gemm(data, rtx))
    out["rtx-4090"]["attention_decode"] = fitted(rtx, "stream", None, load_serving_attention(data, rtx))
    factor2 = "transfer to other GPUs is uncertain by a factor of 2"
    set_by_hand = "reference/FIRST_FITS.md section 3, set by hand"
    marlin = fitted(gpus["a100-80-sxm"], "fused_gemm", "bf16", load_marlin())
    errors = marlin.pop("errors")  # of one size: not the family's
    marlin.update(errors={"rows": errors["rows"]},
                  source=marlin["source"].format(100 * errors["median_ape"], 100 * errors["p90_ape"]))
    out["a100-80-sxm"]["gemm_marlin"] = marlin
    out["l4"]["dequant_4bit"] = fitted(gpus["l4"], "cast", None, load_l4_dequant(data, gpus["l4"]))
    for name in GPUS:
        families = out[name]
        half = "bf16" if gpus[name].peak_flops["bf16"] else "fp16"
        families["attention_prefill"] = fixed("assumed", "no table used; typical of a fused attention kernel", "gemm", half,
                                              t0_us=5, bw_efficiency=0.7, flop_efficiency=0.45, m_pad=32)
        families["torch_small"] = fixed("fitted", "reference/FIRST_FITS.md section 3: eager small kernel 3.1 us (1.8 to 3.5 in "
                                        "variants), pooled over GPUs; bw_efficiency assumed", "stream",
                                        t0_us=3.1, bw_efficiency=0.75)
        families["bnb_gemv_4bit"] = fixed("assumed", set_by_hand, "stream", t0_us=3, bw_efficiency=0.62)
        families["bnb_gemm_int8"] = fixed("assumed", f"{set_by_hand}; flop_efficiency and m_pad assumed", "gemm", "int8",
                                          t0_us=6, bw_efficiency=0.62, flop_efficiency=0.5, m_pad=16)
        free = None
        if name in LANES_64:
            rate, kind = RATE_64, "fitted" if name == "a100-80-sxm" else "borrowed"
            source = f"reference/FIRST_FITS.md section 3: optimum-benchmark A100 NF4 rows; {factor2}"
        else:
            # 128 FP32 lanes an SM, as the L4: its counters are the only direct measurement.
            rate = out["l4"]["dequant_4bit"]["params"]["alu_per_sm_clock"]
            # The tables fit a rate an SM and a rate a lane equally well (FIRST_FITS section 3).
            free = {"alu_per_sm_clock": (RATE_64, 2 * RATE_64)}
            kind, source = "borrowed", f"rate of the l4, which has as many lanes an SM; bandwidth and t0 as on the A100; {factor2}"
        if name != "t4":  # Marlin needs cp.async
            families.setdefault("gemm_marlin", marlin_on(out["a100-80-sxm"]["gemm_marlin"], name))
        families.setdefault("dequant_4bit", fixed(kind, source, "cast", free=free, t0_us=3, bw_efficiency=0.85, alu_per_sm_clock=rate))
    return out


def marlin_on(measured, name):
    share = MMA_SYNC_SHARE.get(name, 1)
    why = f"; mma.sync at {share} of the tensor peak" if share < 1 else ""
    params = dict(measured["params"], flop_efficiency=round4(measured["params"]["flop_efficiency"] * share))
    return dict(measured, kind="borrowed", errors={}, params=params,
                source=f"a100-80-sxm: efficiencies and overheads taken over, peaks are this GPU's own{why}")


def borrow(out, family):
    for name, (relative, why) in BORROW[family].items():
        if family in out[name] or family not in out[relative]:
            continue
        source = f"{relative} ({why}): efficiencies and overheads taken over, peaks are this GPU's own"
        params = dict(out[relative][family]["params"])
        out[name][family] = dict(out[relative][family], kind="borrowed", errors={}, params=params, source=source)


def write_profile(path, name, families):
    lines = ["# Written by experiments/small_kernels.py from the tables named in `source`; edit the script, not this file.",
             "hopsim: gpu/1", f"name: {name}", f"extends: ../spec/{name}.yaml", "families:"]
    for family in (f for f in FAMILIES if f in families):
        e = families[family]
        params = dict(e["params"], **({"warm_speedup": 1} if e["form"] == "gemm" else {}))
        fields = [("form", e["form"])] + ([("tensor_peak", e["peak"])] if e["peak"] else [])
        fields += [("parameters", "{" + ", ".join(f"{k}: {number(v)}" for k, v in params.items()) + "}")]
        if e.get("free"):
            fields += [("free", "{" + ", ".join(f'{k}: "{number(a)} {number(b)}"' for k, (a, b) in e["free"].items()) + "}")]
        fields += [("kind", e["kind"]), ("source", '"' + e["source"] + '"')]
        fields += [(k, number(v)) for k, v in e["errors"].items()]
        lines += [f"  {family}:"] + [f"    {k}: {v}" for k, v in fields]
    path.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder holding data/ and reference/")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "hw_profiles/small")
    args = parser.parse_args()
    if not (args.shared / "reference/gpus.csv").is_file():
        sys.exit(f"small_kernels.py: {args.shared}: no reference/gpus.csv there; give the folder with data/ and reference/ as --shared")
    with open(args.shared / "reference/gpus.csv", newline="") as f:
        gpus = {r["name"]: Gpu(r) for r in csv.DictReader(f) if r["name"] in GPUS}
    out = build_profiles(args.shared, gpus)
    args.out.mkdir(parents=True, exist_ok=True)
    for name, families in out.items():
        write_profile(args.out / f"{name}.yaml", name, families)


if __name__ == "__main__":
    main()
