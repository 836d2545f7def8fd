"""Writes tests/models/fixtures/added-tokens.json: what transformers makes of folders without tokenizer.json.

Run: python scripts/added-tokens.py, with transformers 4.57.6, tokenizers 0.22.2, sentencepiece 0.2.3 and protobuf 7.36.2.
"""

import base64
import json
import tempfile
from pathlib import Path

from tokenizers import Tokenizer
from transformers import AutoTokenizer
from transformers.convert_slow_tokenizer import import_protobuf

OUT = Path(__file__).parent.parent / "tests/models/fixtures/added-tokens.json"
TEXTS = ["ab a", " ab", "a<new>b", "a <new> ab", "a  <pad>  b", "ab<foo>", "food foo foo", "<s>a</s> <u>b<mask>", "a <mask> b", "<a><b>", ""]


def sentence_piece() -> bytes:
    model = import_protobuf().ModelProto()
    model.trainer_spec.model_type = 2
    model.trainer_spec.byte_fallback = True
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.remove_extra_whitespaces = False
    specials = [("<unk>", 2), ("<s>", 3), ("</s>", 3), ("<u>", 4)]
    bytes_ = [(f"<0x{byte:02X}>", 6) for byte in range(256)]
    merged = [(piece, 1) for piece in ["\u2581a", "ab", "\u2581ab", "fo", "foo", *"\u2581abfo"]]
    for place, (piece, kind) in enumerate(specials + bytes_ + merged):
        model.pieces.add(piece=piece, score=-float(place) if kind == 1 else 0.0, type=kind)
    return model.SerializeToString()


def byte_level() -> dict[str, str]:
    printable = [byte for byte in range(256) if 33 <= byte <= 126 or (byte >= 161 and byte != 173)]
    moved = [chr(256 + place) for place in range(256 - len(printable))]
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *map(chr, printable), *moved, "\u0120a", "ab", "\u0120ab", "fo", "foo", "<mask>"]
    vocabulary = {token: place for place, token in enumerate(tokens)}
    merges = "#version: 0.2\n\u0120 a\na b\n\u0120a b\nf o\nfo o\n"
    return {"vocab.json": json.dumps(vocabulary), "merges.txt": merges}


def token(content: str, **flags: bool) -> dict:
    return {"content": content, "special": True, "normalized": False, "lstrip": False, "rstrip": False, "single_word": False, **flags}


LLAMA = {"tokenizer_class": "LlamaTokenizer"}
OPT = {"bos_token": "</s>", "eos_token": "</s>", "unk_token": "</s>", "pad_token": "<pad>", "add_bos_token": True}
NEW = {"__type": "AddedToken", "content": "<new>", "lstrip": True, "normalized": True}

#: Beside the vocabulary, by its kind. The vocabularies end before 270 and 266.
CASES: dict[str, dict[str, dict[str, dict]]] = {
    "llama": {
        "nothing but the class": {"tokenizer_config.json": LLAMA},
        "added_tokens.json": {"added_tokens.json": {"<new>": 270, "<foo>": 271}, "tokenizer_config.json": LLAMA},
        "added_tokens.json, not legacy": {"added_tokens.json": {"<new>": 270}, "tokenizer_config.json": {**LLAMA, "legacy": False}},
        "added_tokens_decoder": {
            "tokenizer_config.json": {
                **LLAMA,
                "added_tokens_decoder": {"270": token("<new>", lstrip=True), "271": token("<foo>", special=False, normalized=True)},
            }
        },
        "added_tokens_decoder with a token of the vocabulary": {
            "tokenizer_config.json": {
                **LLAMA,
                "legacy": False,
                "added_tokens_decoder": {"270": token("<new>"), "271": token("foo", single_word=True, special=False)},
            }
        },
        "added_tokens_decoder says more of a named token": {
            "tokenizer_config.json": {**LLAMA, "pad_token": "<pad>", "added_tokens_decoder": {"270": token("<pad>", lstrip=True, rstrip=True)}}
        },
        "added_tokens_decoder, so the map is not asked": {
            "tokenizer_config.json": {**LLAMA, "added_tokens_decoder": {"270": token("<new>")}},
            "special_tokens_map.json": {"pad_token": "<pad>"},
        },
        "named tokens are appended in transformers' order": {
            "tokenizer_config.json": {**LLAMA, "pad_token": "<old>", "legacy": False},
            "special_tokens_map.json": {"additional_special_tokens": ["<b>", "<a>", token("<new>")], "pad_token": "<pad>", "sep_token": "<foo>"},
            "added_tokens.json": {"<b>": 270},
        },
        "a description in the map": {
            "tokenizer_config.json": LLAMA,
            "special_tokens_map.json": {"pad_token": token("<pad>", lstrip=True)},
            "added_tokens.json": {"<pad>": 270},
        },
        "other tokens around the text": {
            "tokenizer_config.json": {**LLAMA, "bos_token": "<a>", "eos_token": NEW, "add_eos_token": True},
        },
        "</s> in normalized text": {
            "tokenizer_config.json": {**LLAMA, "eos_token": {"__type": "AddedToken", "content": "</s>", "normalized": True}},
        },
        "no space before": {"tokenizer_config.json": {**LLAMA, "legacy": False, "add_prefix_space": False}},
        "no space before, legacy": {"tokenizer_config.json": {**LLAMA, "add_prefix_space": False}},
        "extra_special_tokens": {"tokenizer_config.json": {**LLAMA, "extra_special_tokens": {"image_token": "<new>"}}},
    },
    "roberta": {
        "nothing": {},
        "a space before": {"tokenizer_config.json": {"add_prefix_space": True}},
        "added_tokens.json": {"added_tokens.json": {"<new>": 266}},
        "additional_special_tokens": {"special_tokens_map.json": {"additional_special_tokens": ["<new>", "<a>"]}},
        "another end, another beginning": {"special_tokens_map.json": {"cls_token": "<unk>", "sep_token": "<new>"}},
        "added_tokens_decoder against the usual mask": {
            "tokenizer_config.json": {"added_tokens_decoder": {"266": token("<new>", lstrip=True, rstrip=True), "265": token("<mask>")}}
        },
        "added_tokens_decoder and a named mask": {
            "tokenizer_config.json": {"mask_token": "<mask>", "added_tokens_decoder": {"265": token("<mask>")}}
        },
    },
    "opt": {
        "added tokens and a space before": {
            "tokenizer_config.json": {**OPT, "add_prefix_space": True},
            "added_tokens.json": {"<new>": 266},
        },
        "no beginning": {"tokenizer_config.json": {**OPT, "add_bos_token": False}},
    },
}


def expected(family: str, vocabulary: dict[str, str | bytes], files: dict[str, dict]) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        config = {} if family == "llama" else {"config.json": {"model_type": family}}
        for name, content in {**vocabulary, **config, **files}.items():
            data = content if isinstance(content, (str, bytes)) else json.dumps(content)
            (Path(folder) / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=True)
        # As it is saved and read again: one that was just converted still looks for a special token as the conversion added it first.
        saved = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        added = json.loads(saved.to_str())["added_tokens"]
        return {
            "files": {**config, **files},
            "added": {each["content"]: each["id"] for each in added},
            "special": [each["content"] for each in added if each["special"]],
            "pad": tokenizer.pad_token_id,
            "ids": [saved.encode(text).ids for text in TEXTS],
        }


def main() -> None:
    piece = sentence_piece()
    vocabularies: dict[str, dict[str, str | bytes]] = {"llama": {"tokenizer.model": piece}, "roberta": byte_level(), "opt": byte_level()}
    cases = {
        family: {name: expected(family, vocabularies[family], files) for name, files in cases.items()} for family, cases in CASES.items()
    }
    result = {"texts": TEXTS, "tokenizer.model": base64.b64encode(piece).decode(), **byte_level(), "cases": cases}
    OUT.write_text(json.dumps(result, ensure_ascii=True, separators=(",", ":")) + "\n")


main()
