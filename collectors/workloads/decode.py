#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Decode steps of published decoder models with random weights, in 16 bit and quantised, measured end to end.

    decode.py --model llama-3.1-8b --stack hf-eager/bf16,bnb/nf4 --batch 1,8,32 --csv e2e.csv
    hopsim-collect --spool DIR -- python3 decode.py --model qwen3-0.6b --stack bnb/nf4 --steps 4 --annotate

The first form measures milliseconds a step without any profiler and appends one row a combination to the CSV; the
second runs a few annotated steps to be captured. A stack whose package is missing and a model that does not fit are
rows with the reason in `status`, and no failure. Exit codes: 0 done, 1 a combination failed, 2 usage or no GPU.
"""

import argparse
import csv
import gc
import os
import platform
import sys
import time

COLUMNS = (
    "gpu,driver,torch,cuda,transformers,bitsandbytes,torchao,python,host_cpu,model,layers,layers_of_model,stack,loop,"
    "batch,context,steps,attention,status,ms_per_step_median,ms_per_step_p10,ms_per_step_p90,gpu_ms_per_step_median,"
    "power_w,energy_j_per_step,power_window_s,weights_gib,utc"
).split(",")


def say(text):
    print(text, file=sys.stderr, flush=True)


def positive(text):
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def several(check):
    def parse(text):
        try:
            return [check(part) for part in text.split(",")]
        except (ValueError, KeyError):
            raise argparse.ArgumentTypeError(f"'{text}' is not allowed") from None

    return parse


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="qwen3-0.6b", help="names, comma-separated (--list)")
    parser.add_argument("--stack", default="hf-eager/bf16", help="names, comma-separated (--list)")
    parser.add_argument("--batch", type=several(positive), default=[1])
    parser.add_argument("--context", type=positive, default=256, help="tokens of the prompt")
    parser.add_argument("--steps", type=positive, default=40, help="measured steps")
    parser.add_argument("--warmup", type=positive, default=5)
    parser.add_argument("--layers", default="", help="a number of layers, or auto: as many as fit")
    parser.add_argument("--loop", choices=("forward", "generate"), default="forward")
    parser.add_argument("--power-seconds", type=float, default=0.0, help="0, or 5 and more: length of a power window")
    parser.add_argument("--annotate", action="store_true", help="NVTX ranges; costs host time")
    parser.add_argument("--budget", type=float, default=1e9, help="seconds after which nothing new begins")
    parser.add_argument("--csv", default="", help="table to append to")
    parser.add_argument("--resume", action="store_true", help="leave out what the table has already")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--tiny", action="store_true", help="a toy model, to try the program")
    parser.add_argument("--list", action="store_true", help="print models and stacks")
    options = parser.parse_args(arguments)
    if options.layers not in ("", "auto") and not (options.layers.isdigit() and int(options.layers) > 0):
        parser.error(f"--layers: '{options.layers}' is neither a number from 1 on nor auto")
    if 0 < options.power_seconds < 5 or options.power_seconds < 0:
        parser.error("--power-seconds: 0 or 5 and more: over less the energy counter misleads")
    return options, parser


def check_names(options, parser, models, stacks):
    for kind, text, known in (("--model", options.model, models), ("--stack", options.stack, stacks)):
        for name in text.split(","):
            if name not in known:
                parser.error(f"{kind}: '{name}' is not known; allowed: {', '.join(known)}")


def host_cpu():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor()


class Table:
    """Rows go to the CSV at once, and to stdout in short."""

    def __init__(self, path):
        self.path = path

    def measured(self):
        """(model, stack, batch) of the rows that are there and good."""
        try:
            with open(self.path, newline="", encoding="utf-8") as file:
                return {(r["model"], r["stack"], int(r["batch"])) for r in csv.DictReader(file) if r["status"] == "ok"}
        except FileNotFoundError:
            return set()

    def add(self, row):
        time_text = f"{row['ms_per_step_median']} ms" if row["ms_per_step_median"] != "" else ""
        print(f"{row['model']} {row['stack']} batch {row['batch']}: {row['status']} {time_text}".rstrip(), flush=True)
        if not self.path:
            return
        new = not os.path.exists(self.path) or os.path.getsize(self.path) == 0
        with open(self.path, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerow(row)


def quantile(values, q):
    ordered = sorted(values)
    at = q * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def milliseconds(values, q):
    return f"{1e3 * quantile(values, q):.4f}" if values else ""


class Bench:
    def __init__(self, options):
        import torch
        import transformers

        import decode_models
        import decode_run
        import decode_stacks

        self.o, self.torch, self.models, self.run, self.stacks = options, torch, decode_models, decode_run, decode_stacks
        self.begin, self.table, self.failed = time.monotonic(), Table(options.csv), 0
        self.measured = self.table.measured() if options.resume else set()
        cuda = options.device == "cuda"
        self.meter = decode_run.EnergyMeter() if cuda else None
        self.common = {
            "gpu": torch.cuda.get_device_name(0) if cuda else "none",
            "driver": self.meter.driver() if cuda and not self.meter.error else "",
            "torch": torch.__version__,
            "cuda": torch.version.cuda or "",
            "transformers": transformers.__version__,
            "bitsandbytes": decode_stacks.version("bitsandbytes"),
            "torchao": decode_stacks.version("torchao"),
            "python": platform.python_version(),
            "host_cpu": host_cpu(),
            "loop": options.loop,
            "context": options.context,
            "steps": options.steps,
            "attention": "sdpa",
        }

    def row(self, model, stack, layers, batch, status, **values):
        total = self.models.dimensions(model, self.o.tiny)[2]
        row = dict.fromkeys(COLUMNS, "")
        row.update(self.common, model="tiny" if self.o.tiny else model, stack=stack, layers=layers, batch=batch)
        row.update(layers_of_model=total, status=status, utc=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **values)
        self.table.add(row)

    def layers(self, model, stack):
        """Layers to run: all, as asked for, or what fits. Raises NotAvailable."""
        total = self.models.dimensions(model, self.o.tiny)[2]
        if self.o.layers.isdigit():
            return min(total, int(self.o.layers))
        if self.o.device == "cpu":
            return total
        free = 0.92 * self.torch.cuda.mem_get_info()[0] - 3 * 2**30  # caches, logits, workspaces

        def needs(layers):
            return self.stacks.weight_bytes(stack, *self.models.parameters(model, layers, self.o.tiny))

        fitting = total
        while fitting > 0 and needs(fitting) > free:
            fitting -= 1
        if fitting == total or (self.o.layers == "auto" and fitting > 0):
            return fitting
        raise self.stacks.NotAvailable(f"does not fit: {needs(total) / 2**30:.0f} GiB of weights; --layers auto")

    def measure(self, model, name, stack, layers, batch):
        torch = self.torch
        vocab = self.models.dimensions(name, self.o.tiny)[7]
        prompt = torch.randint(vocab, (batch, self.o.context), device=self.o.device)
        values = {"weights_gib": f"{self.weights_gib(model):.3f}"}
        if self.o.loop == "generate":
            self.run.generate_steps(model, prompt, self.o.warmup)
            host, gpu = self.run.generate_steps(model, prompt, self.o.steps), []
        else:
            annotator = self.run.Annotator(model, stack, self.o.annotate)
            with annotator.range(0, "prefill"):
                runner = self.run.make_runner(stack, model, prompt, self.o.steps + self.o.warmup)
            with annotator.range(0, "capture"):
                runner.prepare()
            quiet = self.run.Annotator(model, stack, False)
            self.run.timed_steps(runner, self.o.warmup, quiet, self.o.device)
            runner.reset()
            host, gpu = self.run.timed_steps(runner, self.o.steps, annotator, self.o.device)
            annotator.remove()
            if self.o.power_seconds > 0 and self.meter and not self.meter.error:
                power, energy, window = self.run.measure_power(
                    runner, self.meter, self.o.steps, self.o.power_seconds
                )
                values.update(
                    power_w=f"{power:.2f}", energy_j_per_step=f"{energy:.5f}", power_window_s=f"{window:.2f}"
                )
        values.update(
            ms_per_step_median=milliseconds(host, 0.5),
            ms_per_step_p10=milliseconds(host, 0.1),
            ms_per_step_p90=milliseconds(host, 0.9),
            gpu_ms_per_step_median=milliseconds(gpu, 0.5),
        )
        self.row(name, stack, layers, batch, "ok", **values)

    @staticmethod
    def weights_gib(model):
        seen = {}
        for parameter in model.parameters():
            seen[parameter.data_ptr()] = parameter.numel() * parameter.element_size()
        return sum(seen.values()) / 2**30

    def over(self):
        return time.monotonic() - self.begin > self.o.budget

    def free(self):
        gc.collect()
        if self.o.device == "cuda":
            self.torch.cuda.empty_cache()

    def left(self, name, stack):
        known = "tiny" if self.o.tiny else name
        return [batch for batch in self.o.batch if (known, stack, batch) not in self.measured]

    def batches(self, name, stack):
        quantise = self.stacks.quantiser(stack, self.o.device)
        layers = self.layers(name, stack)
        begin = time.monotonic()
        model = self.models.build(name, layers, self.o.device, quantise, self.o.tiny)
        say(f"built {name} {stack} with {layers} layers in {time.monotonic() - begin:.1f} s")
        for batch in self.left(name, stack):
            if self.over():
                self.row(name, stack, layers, batch, "skipped: out of time")
                continue
            try:
                self.measure(model, name, stack, layers, batch)
            except self.torch.OutOfMemoryError:
                self.row(name, stack, layers, batch, "skipped: out of memory")
            except Exception as error:
                self.fail(name, stack, layers, batch, error)
            self.free()

    def fail(self, name, stack, layers, batch, error):
        self.failed += 1
        self.row(name, stack, layers, batch, f"failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}")

    def all(self):
        for name in self.o.model.split(","):
            for stack in self.o.stack.split(","):
                if not self.left(name, stack):
                    continue
                if self.over():
                    self.row(name, stack, "", "", "skipped: out of time")
                    continue
                try:
                    with self.torch.no_grad():
                        self.batches(name, stack)
                except self.stacks.NotAvailable as reason:
                    self.row(name, stack, "", "", f"skipped: {reason}")
                except self.torch.OutOfMemoryError:
                    self.row(name, stack, "", "", "skipped: out of memory")
                except Exception as error:
                    self.fail(name, stack, "", "", error)
                self.free()
        return 1 if self.failed else 0


def main(arguments):
    options, parser = parse_arguments(arguments)
    try:
        import torch
        import transformers  # noqa: F401  said here in one line rather than later

        import decode_models
        import decode_stacks
    except ImportError as error:
        say(f"error: {error.name} is not installed")
        return 2
    check_names(options, parser, decode_models.MODELS, decode_stacks.STACKS)
    if options.list:
        print("models: " + " ".join(decode_models.MODELS))
        print("stacks: " + " ".join(decode_stacks.STACKS))
        return 0
    if options.device == "cuda" and not torch.cuda.is_available():
        say("error: no CUDA GPU; --device cpu --tiny tries the program")
        return 2
    if options.device == "cpu" and not options.tiny:
        parser.error("--device cpu is for trying the program: only with --tiny")
    torch.manual_seed(20260101)
    return Bench(options).all()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
