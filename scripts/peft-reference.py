"""What PEFT makes of zobench's adapters: their logits after each token of a text, as JSON.

    pip install torch transformers peft
    npx tsx scripts/peft-exports.ts <folder>
    python scripts/peft-reference.py <folder> > tests/schemes/fixtures/peft.json
"""

import json
import pathlib
import sys

import peft
import torch
import transformers
from safetensors.torch import load_file

TEXT = [2, 9, 17, 33, 5, 11, 30]


def answer(folder):
    config = json.loads((folder / "adapter_config.json").read_text())
    base = config.pop("base_model_name_or_path")
    masked = json.loads((pathlib.Path(base) / "config.json").read_text())["model_type"] == "roberta"
    kind = transformers.AutoModelForMaskedLM if masked else transformers.AutoModelForCausalLM
    model = peft.PeftModel.from_pretrained(kind.from_pretrained(base).eval(), folder).eval()
    ids = torch.tensor([TEXT])
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0, -len(TEXT):]
    prompt = load_file(folder / "adapter_model.safetensors").get("prompt_embeddings")
    return {
        "config": config,
        **({"prompt": rounded(prompt)} if prompt is not None else {}),
        "logits": rounded(logits),
    }


def rounded(tensor):
    return [[float(f"{value:.7g}") for value in row] for row in tensor.tolist()]


folders = sorted(path for path in pathlib.Path(sys.argv[1]).iterdir() if (path / "adapter_config.json").exists())
lines = [f"{json.dumps(path.name)}: {json.dumps(answer(path))}" for path in folders]
versions = json.dumps({"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]})
print("{\n" + ",\n".join([f'"versions": {versions}', f'"text": {json.dumps(TEXT)}', *lines]) + "\n}")
