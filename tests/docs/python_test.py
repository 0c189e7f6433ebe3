# SPDX-License-Identifier: Apache-2.0
"""python_test.py SOURCE BUILD: the Python of the documentation reads what hopsim writes, and the example draws it."""
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile

from blocks import blocks

SKIP = 77
SOURCE, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
TINY = """hopsim: experiment/1
name: tiny
title: tiny
grid:
  gpus: [l4]
  hosts: [default]
  models: [qwen3-0.6b, qwen3-8b]
  stacks: [hf-eager/bf16, bnb/nf4, marlin/int4]
  batches: [1, 8]
  chains: [gsm8k-5x200]
critical:
  lowest_params_b: 0.4
  highest_params_b: 20
"""


def missing():
    packages = {"h5py": "python3-h5py", "pandas": "python3-pandas"}
    return [debian for name, debian in packages.items() if importlib.util.find_spec(name) is None]


def hopsim(*arguments):
    subprocess.run([BUILD / "hopsim", *arguments, "-q"], check=True, stdout=subprocess.DEVNULL)


def python_block(document, word):
    """The one Python block of a document that holds a word."""
    found = [text for _, info, text in blocks(SOURCE / document) if info == "python" and word in text]
    assert len(found) == 1, f"{document}: {len(found)} Python blocks with {word}"
    return found[0]


def check_results(folder):
    (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
    (folder / "results").mkdir()
    hopsim("sweep", "tiny.yaml", "-o", "results/trap_map.h5")
    names = {}
    exec(python_block("README.md", "points"), names)
    points = names["points"]
    assert len(points) == 12, points
    anchors = points[points["stack"] == "hf-eager/bf16"]
    assert (anchors.energy_ratio == 1).all() and (anchors.verdict == "anchor").all(), anchors
    ran = points[points.feasible == 1]
    assert (abs(ran.energy_j / ran.latency_s / ran.power_w - 1) < 1e-9).all(), ran


def check_trace(folder):
    hopsim("import", str(SOURCE / "tests/fuzz/seeds/kineto.json"), "-o", "capture.h5", "--allow-data-loss")
    names = {}
    exec(python_block("traces/README.md", "kernels"), names)
    kernels = names["kernels"]
    assert len(kernels) > 0 and (kernels.duration_ns >= 0).all(), kernels
    assert kernels.name.str.len().gt(0).all(), kernels


def check_example(folder):
    if importlib.util.find_spec("matplotlib") is None:
        print("the example is left out: python3-matplotlib is not installed")
        return
    subprocess.run([sys.executable, SOURCE / "experiments/plot_map.py", "results/trap_map.h5", "map.png"], check=True,
                   env={**os.environ, "MPLBACKEND": "agg"})
    assert (folder / "map.png").read_bytes().startswith(b"\x89PNG")


def main():
    if missing():
        print("skipped: not installed:", " ".join(missing()), "(experiments/install.sh takes names of packages)")
        return SKIP
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        for check in (check_results, check_trace, check_example):
            check(pathlib.Path(name))
        os.chdir("/")
    return 0


sys.exit(main())
