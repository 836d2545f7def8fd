"""Makes small models of every family with the numbers that transformers gives for them: tests/models/fixtures/reference.

Weights are drawn here, from a seed. Everything is computed in float64: where transformers asks for float32 in between, it gets float64.

    pip install torch transformers safetensors
    python scripts/reference-fixtures.py tests/models/fixtures/reference
"""

import json
import math
import pathlib
import sys
import types

import torch
import transformers
from safetensors.torch import save_file
from transformers.models.llama import modeling_llama
from transformers.models.mistral import modeling_mistral
from transformers.models.opt import modeling_opt
from transformers.models.roberta import modeling_roberta

VOCABULARY = 40
COMMON = dict(vocab_size=VOCABULARY, torch_dtype="float32")
DECODER = dict(hidden_size=16, intermediate_size=24, num_attention_heads=4, num_hidden_layers=2, max_position_embeddings=24,
               pad_token_id=0, bos_token_id=1, eos_token_id=2)
OPT = dict(hidden_size=16, ffn_dim=24, num_attention_heads=4, num_hidden_layers=2, max_position_embeddings=16,
           pad_token_id=1, bos_token_id=2, eos_token_id=2)

MODELS = {
    "roberta": (transformers.RobertaForMaskedLM, transformers.RobertaConfig(
        **COMMON, hidden_size=16, intermediate_size=24, num_attention_heads=4, num_hidden_layers=2, max_position_embeddings=18,
        type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=0, eos_token_id=2)),
    "opt": (transformers.OPTForCausalLM, transformers.OPTConfig(**COMMON, **OPT, word_embed_proj_dim=16)),
    # As OPT-350m: narrower embeddings, normalised after each part.
    "opt-350m": (transformers.OPTForCausalLM, transformers.OPTConfig(
        **COMMON, **OPT, word_embed_proj_dim=8, do_layer_norm_before=False)),
    "llama": (transformers.LlamaForCausalLM, transformers.LlamaConfig(**COMMON, **DECODER, rms_norm_eps=1e-5, rope_theta=5e5)),
    # Shared keys and values, and the embeddings as the head, as Llama 3.2 has them.
    "llama-tied": (transformers.LlamaForCausalLM, transformers.LlamaConfig(
        **COMMON, **DECODER, num_key_value_heads=2, tie_word_embeddings=True)),
    # As Vicuna v1.5 16k: positions stretched evenly.
    "vicuna": (transformers.LlamaForCausalLM, transformers.LlamaConfig(
        **COMMON, **DECODER, rope_scaling=dict(rope_type="linear", factor=4.0))),
    # A window shorter than the texts.
    "mistral": (transformers.MistralForCausalLM, transformers.MistralConfig(
        **COMMON, **DECODER, num_key_value_heads=2, sliding_window=4)),
}
LENGTHS = [9, 6, 4]
EPSILONS = [1e-3, 1e-2]
DIGITS = 12


class InFloat64(types.ModuleType):
    """torch, but that float32 is float64."""

    float32 = float = torch.float64

    def __getattr__(self, name):
        return getattr(torch, name)


def compute_in_float64():
    torch.set_default_dtype(torch.float64)
    torch.Tensor.float = torch.Tensor.double
    modules = [modeling_llama, modeling_mistral, modeling_opt, modeling_roberta, transformers.modeling_rope_utils]
    for module in modules:
        module.torch = InFloat64("torch")


def drawn(model, generator):
    """Weights in float32 of a size that makes every part matter; norms near one."""
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float32).double()
        is_scale = parameter.dim() == 1 and name.endswith("weight")
        parameter.data = (1 + 0.2 * noise if is_scale else 0.3 * noise).float().to(torch.float32).double()


def batch(padding, is_causal, pad, generator):
    width = max(LENGTHS)
    ids, mask, labels = [], [], []
    for length in LENGTHS:
        words = torch.randint(5, VOCABULARY, (length,), generator=generator).tolist()
        if is_causal:
            target = [-100] * (length // 3) + words[length // 3:]
            target[length // 2] = -100
        else:
            target = [word if index in (1, length - 2) else -100 for index, word in enumerate(words)]
            words = [4 if label != -100 else word for word, label in zip(words, target)]
        fill = width - length
        pads = lambda row, value: [value] * fill + row if padding == "left" else row + [value] * fill
        ids.append(pads(words, pad))
        mask.append(pads([1] * length, 0))
        labels.append(pads(target, -100))
    return ids, mask, labels


def loss_of(logits, labels, is_causal):
    labels = torch.tensor(labels)
    if is_causal:
        logits, labels = logits[:, :-1], labels[:, 1:]
    return torch.nn.functional.cross_entropy(logits.reshape(-1, VOCABULARY), labels.reshape(-1), ignore_index=-100)


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value


def numbers(model, padding, is_causal, generator):
    ids, mask, labels = batch(padding, is_causal, model.config.pad_token_id, generator)
    forward = lambda: model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask)).logits
    parameters = dict(sorted(model.named_parameters()))
    model.zero_grad()
    logits = forward()
    assert logits.dtype == torch.float64, logits.dtype
    loss = loss_of(logits, labels, is_causal)
    loss.backward()
    gradients = {name: parameter.grad.clone() for name, parameter in parameters.items()}
    direction, start = {}, 0
    for name, parameter in parameters.items():
        count = parameter.numel()
        direction[name] = torch.sin(torch.arange(start + 1, start + count + 1)).reshape(parameter.shape)
        start += count
    return {
        "input_ids": ids, "attention_mask": mask, "labels": labels,
        **logits_of(logits.detach(), mask),
        "num_label_tokens": sum(label != -100 for row in labels for label in (row[1:] if is_causal else row)),
        "loss": loss.item(),
        "grads": {name: detail(gradients[name]) for name in list(gradients)[:: max(1, len(gradients) // 5)]},
        "grad_l2_all": {name: gradient.norm().item() for name, gradient in gradients.items()},
        "directional_derivative": sum((gradients[name] * direction[name]).sum() for name in gradients).item(),
        "central_difference": {str(epsilon): two_points(forward, parameters, direction, epsilon, labels, is_causal) for epsilon in EPSILONS},
    }


def logits_of(logits, mask):
    real = [[position for position, is_real in enumerate(row) if is_real] for row in mask]
    return {
        "logits_row": {"row": 0, "positions": real[0], "logits": logits[0][real[0]].tolist()},
        "logits_points": [{"row": row, "pos": at, "logits": logits[row][at].tolist()} for row in (1, 2) for at in (real[row][0], real[row][-1])],
        "logits_sum_real_positions": sum(logits[row][places].sum().item() for row, places in enumerate(real)),
    }


def detail(gradient):
    flat = gradient.reshape(-1)
    largest = int(flat.abs().argmax())
    return {"first8": flat[:8].tolist(), "l2": flat.norm().item(), "max_index": largest, "max_value": flat[largest].item()}


def two_points(forward, parameters, direction, epsilon, labels, is_causal):
    before = {name: parameter.data.clone() for name, parameter in parameters.items()}
    losses = []
    for sign in (1, -1):
        for name, parameter in parameters.items():
            parameter.data = before[name] + sign * epsilon * direction[name]
        with torch.no_grad():
            losses.append(loss_of(forward(), labels, is_causal).item())
    for name, parameter in parameters.items():
        parameter.data = before[name]
    return {"loss_plus": losses[0], "loss_minus": losses[1], "projected_grad": (losses[0] - losses[1]) / (2 * epsilon)}


def make(folder, name, index):
    kind, config = MODELS[name]
    config._attn_implementation = "eager"
    generator = torch.Generator().manual_seed(index)
    model = kind(config).double().eval()
    drawn(model, generator)
    is_causal = kind is not transformers.RobertaForMaskedLM
    cases = {padding: rounded(numbers(model, padding, is_causal, generator)) for padding in ("right", "left")}
    assert all(math.isfinite(case["loss"]) for case in cases.values())
    out = folder / name
    out.mkdir(parents=True, exist_ok=True)
    tied = set(model._tied_weights_keys or []) if config.tie_word_embeddings else set()
    names = {key for key, _ in model.named_parameters()}
    weights = {key: value.to(torch.float32).contiguous() for key, value in model.state_dict().items() if key in names and key not in tied}
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    (out / "config.json").write_text(config.to_json_string(use_diff=True))
    source = {"transformers": transformers.__version__, "torch": torch.__version__}
    (out / "expected.json").write_text(json.dumps({"source": source, "cases": cases}) + "\n")


compute_in_float64()
for index, name in enumerate(MODELS):
    make(pathlib.Path(sys.argv[1]), name, index)
