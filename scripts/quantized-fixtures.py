"""Makes small quantised checkpoints, with the weights that the libraries which wrote them read out of them: tests/models/fixtures/quantized.

    pip install torch transformers gptqmodel safetensors
    python scripts/quantized-fixtures.py tests/models/fixtures/quantized

A model of one layer is drawn from a seed. gptqmodel quantises it in each setting on the CPU; expected.safetensors holds each layer's weight
as gptqmodel dequantises it, from float64 scales.
"""

import os
import pathlib
import shutil
import sys
import tempfile

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import torch
import transformers
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, pre_tokenizers

VOCABULARY = 64
CONFIG = dict(vocab_size=VOCABULARY, hidden_size=64, intermediate_size=64, num_attention_heads=4, num_key_value_heads=2,
              num_hidden_layers=1, max_position_embeddings=64, pad_token_id=0, bos_token_id=1, eos_token_id=2, tie_word_embeddings=True)
SETTINGS = {
    "v1-symmetric": dict(bits=4, group_size=32, sym=True, desc_act=False, format="gptq"),
    "v2-symmetric": dict(bits=4, group_size=32, sym=True, desc_act=False, format="gptq_v2"),
    "v1-asymmetric": dict(bits=4, group_size=64, sym=False, desc_act=False, format="gptq"),
    "v2-asymmetric": dict(bits=4, group_size=64, sym=False, desc_act=False, format="gptq_v2"),
    "ordered": dict(bits=4, group_size=32, sym=True, desc_act=True, format="gptq"),
    "whole-column": dict(bits=4, group_size=-1, sym=True, desc_act=False, act_group_aware=False, format="gptq"),
    "bits-2": dict(bits=2, group_size=32, sym=False, desc_act=False, format="gptq_v2"),
    "bits-8": dict(bits=8, group_size=32, sym=True, desc_act=False, format="gptq"),
}


def write_model(folder: pathlib.Path) -> None:
    torch.manual_seed(0)
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**CONFIG)).to(torch.float16)
    for parameter in model.parameters():
        if parameter.dim() == 2:
            torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(folder)
    words = {f"w{index}": index for index in range(VOCABULARY)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="w3"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="w3", pad_token="w0", bos_token="w1", eos_token="w2").save_pretrained(folder)


def quantize(base: pathlib.Path, folder: pathlib.Path, settings: dict) -> None:
    from gptqmodel import BACKEND, GPTQModel, QuantizeConfig

    config = QuantizeConfig(**settings, offload_to_disk=False)
    model = GPTQModel.load(str(base), config, device="cpu")
    generator = torch.Generator().manual_seed(1)
    texts = [torch.randint(4, VOCABULARY, (1, 32), generator=generator) for _ in range(16)]
    model.quantize([dict(input_ids=ids, attention_mask=torch.ones_like(ids)) for ids in texts], batch_size=1, backend=BACKEND.TORCH)
    model.save(str(folder))
    read = GPTQModel.load(str(folder), device="cpu", backend=BACKEND.TORCH)
    stored = load_file(folder / "model.safetensors")
    expected = {}
    for name, module in read.model.named_modules():
        if hasattr(module, "qweight"):
            module.scales = stored[f"{name}.scales"].to(torch.float64)  # loading rounds them to bfloat16
            expected[f"{name}.weight"] = module.dequantize_weight().T.contiguous().to(torch.float32)
    save_file(expected, folder / "expected.safetensors")


def main(out: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        base = pathlib.Path(temporary) / "base"
        write_model(base)
        for name, settings in SETTINGS.items():
            made = pathlib.Path(temporary) / name
            quantize(base, made, settings)
            keep = out / name
            shutil.rmtree(keep, ignore_errors=True)
            keep.mkdir(parents=True)
            for file in ("config.json", "model.safetensors", "expected.safetensors"):
                shutil.copy(made / file, keep / file)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
