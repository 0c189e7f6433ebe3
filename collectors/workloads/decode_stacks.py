# SPDX-License-Identifier: Apache-2.0
"""How a stack lowers the linear layers of a decoder layer. Embedding, norms and lm_head stay in 16 bit, as
transformers leaves them."""

import importlib.metadata
import logging

import torch

# weight bits of the layers, scales included where they count
STACKS = {
    "hf-eager/bf16": 16,
    "hf-graph/bf16": 16,
    "bnb/nf4": 4.5,
    "bnb/int8": 8,
    "bnb/llm-int8": 8,
    "torchao/int8-wo": 8,
    "torchao/int4-wo": 4.25,
}
PACKAGES = {"bnb": "bitsandbytes", "torchao": "torchao"}


class NotAvailable(Exception):
    """The stack cannot run here; the text says why."""


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _import(stack):
    package = PACKAGES[stack.split("/")[0]]
    try:
        return importlib.import_module(package)
    except Exception as error:  # a broken installation raises anything, not only ImportError
        raise NotAvailable(f"{package} cannot be imported ({type(error).__name__}: {str(error)[:120]})") from error


def _replace_linears(layer, make):
    for parent in list(layer.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is torch.nn.Linear:
                setattr(parent, name, make(child))


def _bnb_linear(bnb, stack, device):
    def make(linear):
        has_bias = linear.bias is not None
        with torch.device("meta"):
            if stack == "bnb/nf4":
                new = bnb.nn.Linear4bit(
                    linear.in_features,
                    linear.out_features,
                    bias=has_bias,
                    compute_dtype=torch.bfloat16,
                    compress_statistics=False,
                    quant_type="nf4",
                )
            else:
                new = bnb.nn.Linear8bitLt(
                    linear.in_features,
                    linear.out_features,
                    bias=has_bias,
                    has_fp16_weights=False,
                    threshold=6.0 if stack == "bnb/llm-int8" else 0.0,
                )
        if stack == "bnb/nf4":
            weight = bnb.nn.Params4bit(
                linear.weight.data, requires_grad=False, compress_statistics=False, quant_type="nf4", module=new
            )
            new.weight = weight.to(device)
        else:
            # Int8Params quantises only what comes from the CPU; the statistics of int8 are one scale a row.
            codes, scales = bnb.functional.int8_vectorwise_quant(linear.weight.data.to(torch.float16))[:2]
            new.weight = bnb.nn.Int8Params(codes, requires_grad=False, has_fp16_weights=False, CB=codes, SCB=scales)
        new.bias = linear.bias
        return new

    return make


def _torchao_config(stack):
    import torchao.quantization as quantization

    if stack == "torchao/int8-wo":
        return quantization.Int8WeightOnlyConfig()
    try:
        # The kernels that PyTorch itself brings; the default of newer versions needs a further package.
        return quantization.Int4WeightOnlyConfig(group_size=128, int4_packing_format="tile_packed_to_4d")
    except TypeError:
        return quantization.Int4WeightOnlyConfig(group_size=128)


def quantiser(stack, device):
    """A function of one decoder layer. Raises NotAvailable."""
    family = stack.split("/")[0]
    if family.startswith("hf-"):
        return lambda layer: None
    package = _import(stack)
    if family == "bnb":
        # It logs a line at each call of an 8-bit layer, which takes longer than the call.
        logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
        make = _bnb_linear(package, stack, device)
        return lambda layer: _replace_linears(layer, make)
    try:
        config = _torchao_config(stack)
    except Exception as error:
        raise NotAvailable(f"torchao {version('torchao')} does not offer it ({error})") from error
    return lambda layer: package.quantization.quantize_(layer, config)


def weight_bytes(stack, layer_elements, other_elements):
    return layer_elements * STACKS[stack] / 8 + other_elements * 2
