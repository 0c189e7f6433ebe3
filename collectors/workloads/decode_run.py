# SPDX-License-Identifier: Apache-2.0
"""Runs decode steps: one forward pass and a greedy choice, whose token the host reads, as sampling loops do."""

import contextlib
import ctypes
import inspect
import time

import torch


class Annotator:
    """NVTX ranges `hop=..;step=..;phase=..;precision=..` around steps and `layer=..;op=..` around the parts of a
    layer. Off, it costs nothing: no hook is installed."""

    def __init__(self, model, precision, on):
        self.on = on and torch.cuda.is_available()
        self.precision = precision
        self.handles = []
        if self.on:
            for index, layer in enumerate(model.model.layers):
                self._hook(layer, f"layer={index};op=layer")
                self._hook(layer.self_attn, f"layer={index};op=attention")
                self._hook(layer.mlp, f"layer={index};op=mlp")
            self._hook(model.lm_head, "op=lm_head")

    def _hook(self, module, text):
        text += f";precision={self.precision}"
        self.handles.append(module.register_forward_pre_hook(lambda *_: self._push(text)))
        self.handles.append(module.register_forward_hook(lambda *_: self._pop()))

    @staticmethod
    def _push(text):
        torch.cuda.nvtx.range_push(text)

    @staticmethod
    def _pop():
        torch.cuda.nvtx.range_pop()

    @contextlib.contextmanager
    def range(self, step, phase):
        if self.on:
            self._push(f"hop=0;step={step};phase={phase};precision={self.precision}")
        try:
            yield
        finally:
            if self.on:
                self._pop()

    def remove(self):
        for handle in self.handles:
            handle.remove()


def _choose(logits):
    return logits[:, -1].argmax(dim=-1, keepdim=True)


class EagerRunner:
    """The growing cache of transformers; every kernel is launched by the host."""

    def __init__(self, model, prompt, steps):
        from transformers import DynamicCache

        self.model, self.context = model, prompt.shape[1]
        self.cache = DynamicCache()
        self.token = _choose(model(input_ids=prompt, past_key_values=self.cache, use_cache=True, logits_to_keep=1).logits)

    def prepare(self):
        """Nothing: the host launches each step anew."""

    def step(self):
        self.token = _choose(self.model(input_ids=self.token, past_key_values=self.cache, use_cache=True).logits)
        return self.token.cpu()

    def reset(self):
        """Back to the prompt, so that long windows measure the same context."""
        added = int(self.cache.get_seq_length()) - self.context
        if added > 0:
            self.cache.crop(-added)


class StaticRunner:
    """A cache of fixed size and positions on the device; on CUDA the whole step is one graph launch."""

    def __init__(self, model, prompt, steps):
        from transformers import StaticCache

        self.model, self.context = model, prompt.shape[1]
        device, batch = prompt.device, prompt.shape[0]
        self.length = (self.context + steps + 31) // 16 * 16  # attention kernels want the mask aligned
        self.cache = StaticCache(config=model.config, max_cache_len=self.length)
        self.keys = torch.arange(self.length, device=device)
        self.wants_position = "cache_position" in inspect.signature(type(model.model).forward).parameters
        self.position = torch.arange(self.context, device=device)
        self.token = torch.zeros((batch, 1), dtype=torch.long, device=device)
        self.token.copy_(self._forward(prompt))
        self.position = torch.full((1,), self.context, dtype=torch.long, device=device)
        self.graph = None

    def _forward(self, tokens):
        # The mask is made here: transformers' own looks at values on the host, which a capture cannot.
        mask = (self.keys[None, :] <= self.position[:, None])[None, None].expand(tokens.shape[0], -1, -1, -1)
        extra = {"cache_position": self.position} if self.wants_position else {}
        output = self.model(
            input_ids=tokens,
            attention_mask=mask,
            position_ids=self.position[None, :],
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
            **extra,
        )
        return _choose(output.logits)

    def _advance(self):
        self.token.copy_(self._forward(self.token))
        self.position.add_(1)

    def prepare(self):
        """Captures a step. Apart from the prompt, because the nodes take the ranges that are open here."""
        if self.token.device.type != "cuda":
            return
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self._advance()
        torch.cuda.current_stream().wait_stream(side)
        self.reset()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._advance()
        self.reset()
        self.graph = graph

    def step(self):
        if self.graph is None:
            self._advance()
        else:
            self.graph.replay()
        return self.token.cpu()

    def reset(self):
        self.position.fill_(self.context)
        for layer in self.cache.layers:
            length = getattr(layer, "cumulative_length", None)
            if torch.is_tensor(length):
                length.fill_(self.context)


def make_runner(stack, model, prompt, steps):
    return (StaticRunner if stack.startswith("hf-graph/") else EagerRunner)(model, prompt, steps)


def generate_steps(model, prompt, steps):
    """Host times in seconds of the steps of transformers' own generate(), which does more on the host."""
    from transformers import StoppingCriteria, StoppingCriteriaList

    times = []

    class Clock(StoppingCriteria):
        def __call__(self, input_ids, scores, **kwargs):
            if prompt.device.type == "cuda":
                torch.cuda.synchronize()
            times.append(time.perf_counter())
            return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)

    model.generate(
        prompt,
        attention_mask=torch.ones_like(prompt),
        max_new_tokens=steps + 1,
        do_sample=False,
        pad_token_id=0,
        stopping_criteria=StoppingCriteriaList([Clock()]),
    )
    return [b - a for a, b in zip(times, times[1:])]


def timed_steps(runner, steps, annotator, device):
    """(host seconds, GPU seconds or nothing) of each step."""
    host, gpu = [], []
    on_gpu = device.startswith("cuda")
    for step in range(steps):
        with annotator.range(step, "decode"):
            if on_gpu:
                start, stop = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
                start.record()
            begin = time.perf_counter()
            runner.step()
            if on_gpu:
                stop.record()
                stop.synchronize()
                gpu.append(start.elapsed_time(stop) * 1e-3)
            host.append(time.perf_counter() - begin)
    return host, gpu


class EnergyMeter:
    """NVML's energy counter through ctypes; reads only. `error` says why there is none."""

    def __init__(self):
        self.error, self.handle = "", ctypes.c_void_p()
        try:
            self.nvml = ctypes.CDLL("libnvidia-ml.so.1")
            properties = torch.cuda.get_device_properties(0)
            self._call("nvmlInit_v2")
            bus = f"{properties.pci_domain_id:08x}:{properties.pci_bus_id:02x}:{properties.pci_device_id:02x}.0"
            self._call("nvmlDeviceGetHandleByPciBusId_v2", bus.encode(), ctypes.byref(self.handle))
            self.joules()
        except (OSError, AttributeError, RuntimeError, AssertionError) as error:
            self.error = str(error)[:120] or type(error).__name__

    def _call(self, name, *arguments):
        status = getattr(self.nvml, name)(*arguments)
        if status != 0:
            raise RuntimeError(f"{name}: error {status}")

    def joules(self):
        value = ctypes.c_ulonglong()
        self._call("nvmlDeviceGetTotalEnergyConsumption", self.handle, ctypes.byref(value))
        return value.value * 1e-3

    def driver(self):
        text = ctypes.create_string_buffer(96)
        try:
            self._call("nvmlSystemGetDriverVersion", text, 96)
        except (AttributeError, RuntimeError):
            return ""
        return text.value.decode()


def measure_power(runner, meter, steps, seconds):
    """(watts, joules a step, window in seconds) over at least `seconds`, after one second of the same load. The
    window ends on steps of the decode loop; the counter's own step is a few per cent of it at most."""

    def run_for(duration):
        begin, count = time.perf_counter(), 0
        while time.perf_counter() - begin < duration:
            if count % steps == 0:
                runner.reset()
            runner.step()
            count += 1
        return count

    run_for(1.0)
    begin, start_joules = time.perf_counter(), meter.joules()
    count = run_for(seconds)
    window, joules = time.perf_counter() - begin, meter.joules() - start_joules
    runner.reset()
    return joules / window, joules / count, window
