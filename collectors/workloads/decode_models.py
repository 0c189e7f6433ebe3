# SPDX-License-Identifier: Apache-2.0
"""Decoder models by their published dimensions, with random weights, made on the device layer by layer.

Nothing is downloaded and nothing is initialised on the CPU: a model starts without storage, each layer gets random
weights on the GPU and is quantised before the next, so that a 4-bit model needs memory for one 16-bit layer only.
Runs with transformers 4.5x and 5.x.
"""

import torch

# hidden, layers, heads, kv_heads, head_dim, ffn, vocab, tied embeddings; the family gives the architecture.
MODELS = {
    "qwen3-0.6b": ("qwen3", 1024, 28, 16, 8, 128, 3072, 151936, True),
    "qwen3-1.7b": ("qwen3", 2048, 28, 16, 8, 128, 6144, 151936, True),
    "llama-3.1-8b": ("llama", 4096, 32, 32, 8, 128, 14336, 128256, False),
    "mistral-7b": ("mistral", 4096, 32, 32, 8, 128, 14336, 32000, False),
    "qwen2.5-14b": ("qwen2", 5120, 48, 40, 8, 128, 13824, 152064, False),
    "qwen2.5-32b": ("qwen2", 5120, 64, 40, 8, 128, 27648, 152064, False),
    "qwen2.5-72b": ("qwen2", 8192, 80, 64, 8, 128, 29568, 152064, False),
}
TINY = ("qwen3", 64, 2, 4, 2, 16, 128, 512, True)
EPSILON = {"qwen3": 1e-6, "llama": 1e-5, "mistral": 1e-5, "qwen2": 1e-6}
ROPE_THETA = {"qwen3": 1e6, "llama": 5e5, "mistral": 1e6, "qwen2": 1e6}
WEIGHT_DEVIATION = 0.02


def dimensions(name, tiny):
    return TINY if tiny else MODELS[name]


def parameters(name, layers, tiny=False):
    """(elements of the layers' weight matrices, elements of embedding and lm_head)."""
    _, hidden, _, heads, kv_heads, head_dim, ffn, vocab, tied = dimensions(name, tiny)
    attention = hidden * head_dim * (2 * heads + 2 * kv_heads)
    return layers * (attention + 3 * hidden * ffn), vocab * hidden * (1 if tied else 2)


def make_config(name, layers, tiny):
    import transformers

    family, hidden, _, heads, kv_heads, head_dim, ffn, vocab, tied = dimensions(name, tiny)
    make = {
        "qwen3": transformers.Qwen3Config,
        "llama": transformers.LlamaConfig,
        "mistral": transformers.MistralConfig,
        "qwen2": transformers.Qwen2Config,
    }[family]
    settings = dict(
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        intermediate_size=ffn,
        vocab_size=vocab,
        tie_word_embeddings=tied,
        rms_norm_eps=EPSILON[family],
        max_position_embeddings=32768,
        pad_token_id=None,
        bos_token_id=None,
        eos_token_id=None,
    )
    if family != "qwen2":
        settings["head_dim"] = head_dim
    if family == "mistral":
        settings["sliding_window"] = None
    config = make(**settings)
    # 5.x keeps rope in a dictionary, 4.x in an attribute.
    if hasattr(config, "rope_parameters"):
        config.rope_parameters = {"rope_type": "default", "rope_theta": ROPE_THETA[family]}
    else:
        config.rope_theta = ROPE_THETA[family]
    config._attn_implementation = "sdpa"
    return config


def model_class(config):
    import transformers

    return getattr(transformers, type(config).__name__.replace("Config", "ForCausalLM"))


def fill(module, generator):
    """Random weights, ones with noise for norms. Never zeros: power and, rarely, time depend on the data."""
    for name, parameter in module.named_parameters():
        if parameter.dim() > 1:
            parameter.data.normal_(0.0, WEIGHT_DEVIATION, generator=generator)
        elif name.endswith("bias"):
            parameter.data.normal_(0.0, 0.1, generator=generator)
        else:
            parameter.data.normal_(1.0, 0.1, generator=generator)


def build(name, layers, device, quantise, tiny=False):
    """The model in evaluation mode; `quantise(layer)` is called on each decoder layer once it has its weights."""
    config = make_config(name, layers, tiny)
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device("meta"):
            model = model_class(config)(config)
    finally:
        torch.set_default_dtype(default)
    generator = torch.Generator(device=device).manual_seed(20260101)
    body = model.model
    for layer in body.layers:
        layer.to_empty(device=device)
        fill(layer, generator)
        quantise(layer)
    for part in (body.embed_tokens, body.norm, model.lm_head):
        part.to_empty(device=device)
        fill(part, generator)
    if config.tie_word_embeddings:
        model.lm_head.weight = body.embed_tokens.weight
    # Its frequencies are no parameters: they have to be computed, not filled.
    with torch.device(device):
        body.rotary_emb = type(body.rotary_emb)(config=config)
    left = [n for n, t in list(model.named_parameters()) + list(model.named_buffers()) if t.device.type == "meta"]
    if left:
        raise RuntimeError("without storage after building: " + ", ".join(left[:5]))
    model.requires_grad_(False)
    return model.eval()
