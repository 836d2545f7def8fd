"""Prints what transformers writes for each family's config.json where nothing was asked for: all fields with their defaults.

Its output for 4.57.1 and 5.24.0 is tests/models/fixtures/transformers-configs.json:
    python scripts/transformers-configs.py > a.json      (once with each version; the keys are the versions)
"""

import json

import transformers
from transformers import LlamaConfig, MistralConfig, OPTConfig, RobertaConfig

classes = [LlamaConfig, MistralConfig, OPTConfig, RobertaConfig]
configs = {each.model_type: json.loads(each().to_json_string(use_diff=False)) for each in classes}
print(json.dumps({transformers.__version__: configs}, indent=1))
