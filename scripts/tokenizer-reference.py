"""Writes tests/models/fixtures/tokenizer-reference.json: what the Rust library makes of awkward texts, by small tokenizers of our own.

Run: python scripts/tokenizer-reference.py, with tokenizers 0.22.2. To see what it makes of some texts: add a tokenizer's name and numbers of texts.
The test makes the same texts of the atoms; of the ids it keeps one checksum for GROUP texts. No atom is newer than Unicode 13.
"""

import json
import sys
import unicodedata
import zlib
from pathlib import Path

from tokenizers import Tokenizer

OUT = Path(__file__).parent.parent / "tests/models/fixtures/tokenizer-reference.json"
SEED, COUNT, LONGEST, GROUP = 20, 2400, 9, 8

ATOMS = [
    *("a b c A B Z ab foo Foo food seafood the don't I'LL we've he'd it'\u017f O'Neill 's 't 12 345 7 1,234.5 3rd".split()),
    *([" "] * 12), "  ", "   ", "\t", "\n", "\r\n", "\n\n", "\v", "\f", "\x1c", "\x1f", "\u0085", "\u00a0", "\u1680", "\u2003", "\u2028", "\u202f", "\u3000",
    *"\0\x01\x07\x7f\u0080\u009f\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u2060\ufeff\ufffd\ue000\U000f0000\U000e0001\u08e2",
    *"\u0660\u06f5\u0966\u0be7\u17e0\uff11\U0001d7d8\U0001e950\u00b2\u00b9\u2075\u2082\u00bd\u2155\u2167\u2170\u2180\u216f\u2460\u2776\u3007\u3021\u3280\u0f33\u19da\U00010107\U00010140\U0001f101\u32ff",
    *".,;:!?-_'\"()[]{}<>@#$%^&*+=|~`/\\\u00a7\u00bf\u2014\u2018\u201d\u2026\u203f\u3001\u300c\uff0c\u0964\u055a\u166d\u1400\u2e43\u2e52\u0c77\U0001e95e\U000111c9\u20ac\u00b0\u2211\u00a8\u00b4",
    *"\u00e9\u00c9\u00df\u1e9e\u0130\u0131\u01c5\ufb01\ufb03\u00c5\u212b\u1ea5\u03a3\u03c3\u03c2\u0391\u0436\u0419\u05d0\u0623\u0928\u0e01\u1100\uac00\ud55c\u3042\u30ab\uff76\uff9e\u10a0\u13a0\uab70\U00010400",
    "e\u0301", "\u0301", "\u0308\u0301", "a\u0323\u0302", "\u0302\u0323", "\u05bc", "\u093c", "\u0e33", "\u20dd", "\u1734", "\u1cf2", "\u08d3", "\u0301\u08d3", "\u1ab0", "\u0d3b",
    "\U0001171e", "\U0001d165", "\U00011938", "\u0344", "\u0915\u093c", "\u1100\u1161\u11a8", "\ua8ff", "\u0c04", "\u3099", "\u30ab\u3099",
    "\u4e2d", "\u6587", "\u3400", "\u9fff", "\uf900", "\ufa30", "\U00020000", "\U0002a6dd", "\U0002b740", "\U0002b820", "\U0002ceb0", "\U0002f800", "\U00030000",
    "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f44d\U0001f3fd", "\u2764\ufe0f", "1\ufe0f\u20e3", "\U0001f1e9\U0001f1ea", "\U0001f3f4\u200d\u2620\ufe0f",
    *(["<x>", "<x>y", "<l>", "<r>", "<b>", "<w>", "<N>", "<n>", "foo", "<s>", "\u2581", "\u0120", "</w>", "<unk>"] * 2),
    "<x", "x>", "<X>", "  <l>", "<r>  ", "a<w>", " <w> ", "\u00a0<b>\u0085", "<l><r>", "<r> <l>", "barfoo", "$&", "$1", "--", "...", "''", "xx", "xy", "ff",
]


def texts() -> list[str]:
    state, made = SEED, []

    def below(bound: int) -> int:
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return (state >> 8) % bound

    for _ in range(COUNT):
        made.append("".join(ATOMS[below(len(ATOMS))] for _ in range(1 + below(LONGEST))))
    return made


TEXTS = texts()


def characters() -> str:
    """Those that can come up: of some only, so that there are unknown ones too."""
    forms = [unicodedata.normalize(form, atom) for atom in ATOMS for form in ("NFC", "NFD", "NFKC", "NFKD")]
    used = {*"".join(ATOMS + forms + [form.lower() for form in forms])}
    byte_level = {chr(each) for each in [*range(33, 127), *range(161, 173), *range(174, 324)]}
    return "".join(sorted(used | byte_level | {"\u2581", "-", "$", "&"}))


CHARACTERS = characters()
UNKNOWN = {"\u20dd", "\u2776", "\u13a0"}


def by_character() -> dict:
    """Two tokens for each character: at the end of a piece, and before it. So the ids tell the pieces."""
    vocabulary = {"<unk>": 0}
    for character in CHARACTERS:
        if character not in UNKNOWN:
            vocabulary[character] = len(vocabulary)
            vocabulary[character + "</w>"] = len(vocabulary)
    return {"type": "BPE", "vocab": vocabulary, "merges": [], "unk_token": "<unk>", "end_of_word_suffix": "</w>", "fuse_unk": False}


def split(pattern: dict, behavior: str = "Isolated", invert: bool = False) -> dict:
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def sequence(*parts: dict) -> dict:
    return {"type": "Sequence", "pretokenizers": list(parts)}


def normalizers(*parts: dict) -> dict:
    return {"type": "Sequence", "normalizers": list(parts)}


def byte_level(prefixed: bool = False, use_regex: bool = True) -> dict:
    return {"type": "ByteLevel", "add_prefix_space": prefixed, "trim_offsets": True, "use_regex": use_regex}


def metaspace(scheme: str, splits: bool) -> dict:
    return {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": splits}


def replace(pattern: dict, content: str) -> dict:
    return {"type": "Replace", "pattern": pattern, "content": content}


def bert(clean: bool, chinese: bool, accents: bool | None, lowercase: bool) -> dict:
    return {"type": "BertNormalizer", "clean_text": clean, "handle_chinese_chars": chinese, "strip_accents": accents, "lowercase": lowercase}


def token(content: str, **flags: bool) -> dict:
    return {"content": content, "special": False, "normalized": False, "lstrip": False, "rstrip": False, "single_word": False, **flags}


LLAMA3 = (
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")
LLAMA_NORMALIZER = normalizers({"type": "Prepend", "prepend": "\u2581"}, replace({"String": " "}, "\u2581"))
LOWERCASE = {"type": "Lowercase"}
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]

ADDED = [
    token("<x>"), token("<x>y"), token("<l>", lstrip=True), token("<r>", rstrip=True, special=True), token("<b>", lstrip=True, rstrip=True),
    token("<w>", single_word=True), token("foo", single_word=True), token("<s>", special=True),
]  # fmt: skip
NORMALIZED = [
    token("<N>", normalized=True), token("foo", normalized=True, single_word=True), token("<l>", normalized=True, lstrip=True),
    token("<r>", normalized=True, rstrip=True), token("<x>", special=True), token("\u00c9", normalized=True), token("<x>y", normalized=True),
]  # fmt: skip

BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
KNOWN = [*"abcdefghijklmnopqrstuvwxyzABIZ0123456789.,'<>-", "\u2581", "\u00e9", "\u4e2d", "\u0301"]
MERGES = [("f", "o"), ("fo", "o"), ("a", "b"), ("\u2581", "a"), ("t", "h"), ("th", "e"), ("\u2581", "the"), ("\u2581", "fo"), ("1", "2"), ("s", "e")]
MERGED = ["fo", "foo", "ab", "\u2581a", "th", "the", "\u2581the", "\u2581fo", "12", "se"]


def numbered(tokens: list[str]) -> dict[str, int]:
    return {each: place for place, each in enumerate(tokens)}


def bpe(tokens: list[str], **fields: object) -> dict:
    return {"type": "BPE", "vocab": numbered(tokens), "merges": [list(pair) for pair in MERGES], **fields}


def unigram(tokens: list[str], **fields: object) -> dict:
    scores = [0.0 if place == 0 else -1.0 - (place * 37 % 101) / 10 for place in range(len(tokens))]
    return {"type": "Unigram", "unk_id": 0, "vocab": [list(pair) for pair in zip(tokens, scores)], **fields}


PIECES = ["<unk>", *KNOWN, *MERGED]
WORDS = ["<unk>", *KNOWN, *MERGED, *(f"##{each}" for each in [*KNOWN, *MERGED])]

#: What differs from a tokenizer that knows characters and does nothing before.
TOKENIZERS: dict[str, dict] = {
    "nothing": {},
    **{form: {"normalizer": {"type": form}} for form in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents")},
    "NFD and StripAccents": {"normalizer": normalizers({"type": "NFD"}, {"type": "StripAccents"})},
    **{
        f"Strip, {left}, {right}": {"normalizer": {"type": "Strip", "strip_left": left, "strip_right": right}}
        for left, right in ((True, True), (True, False), (False, True))
    },
    "BertNormalizer": {"normalizer": bert(True, True, None, True), "pre_tokenizer": {"type": "BertPreTokenizer"}},
    "BertNormalizer, cleaning": {"normalizer": bert(True, False, False, False)},
    "BertNormalizer, Chinese": {"normalizer": bert(False, True, None, False)},
    "BertNormalizer, accents": {"normalizer": bert(False, False, True, False)},
    "BertNormalizer, lowercase": {"normalizer": bert(False, False, False, True)},
    "Replace, a text": {"normalizer": replace({"String": "x"}, "$&$1")},
    "Replace, a pattern": {"normalizer": replace({"Regex": "\\s+|[.']{2,}"}, " ")},
    "Prepend": {"normalizer": normalizers({"type": "Strip", "strip_left": True, "strip_right": True}, {"type": "Prepend", "prepend": "\u2581"})},
    "ByteLevel": {"pre_tokenizer": byte_level()},
    "ByteLevel, prefixed": {"pre_tokenizer": byte_level(True)},
    "ByteLevel, whole": {"pre_tokenizer": byte_level(True, False)},
    **{
        f"Metaspace, {scheme}, {splits}": {"pre_tokenizer": metaspace(scheme, splits), "added_tokens": ADDED}
        for scheme in ("always", "first", "never")
        for splits in (True, False)
    },
    "Metaspace after white space": {"pre_tokenizer": sequence({"type": "WhitespaceSplit"}, metaspace("first", True))},
    "Metaspace after lower case": {"normalizer": LOWERCASE, "pre_tokenizer": metaspace("first", True), "added_tokens": NORMALIZED},
    "Digits": {"pre_tokenizer": {"type": "Digits", "individual_digits": False}},
    "Digits, individual": {"pre_tokenizer": {"type": "Digits", "individual_digits": True}},
    **{f"Punctuation, {each}": {"pre_tokenizer": {"type": "Punctuation", "behavior": each}} for each in BEHAVIORS},
    **{f"Split, {each}": {"pre_tokenizer": split({"Regex": "\\w+"}, each)} for each in BEHAVIORS},
    "Split, inverted": {"pre_tokenizer": split({"Regex": "\\d+|\\p{P}"}, "Removed", True)},
    "Split, inverted and merged": {"pre_tokenizer": split({"Regex": "[\\p{L}\\p{M}]+"}, "MergedWithNext", True)},
    "Split at a text": {"pre_tokenizer": split({"String": "."}, "MergedWithPrevious")},
    "Split at blanks": {"pre_tokenizer": split({"Regex": "\\s*"}, "Contiguous")},
    "CharDelimiterSplit": {"pre_tokenizer": {"type": "CharDelimiterSplit", "delimiter": "."}},
    "FixedLength": {"pre_tokenizer": {"type": "FixedLength", "length": 3}},
    "Whitespace": {"pre_tokenizer": {"type": "Whitespace"}},
    "WhitespaceSplit": {"pre_tokenizer": {"type": "WhitespaceSplit"}},
    "SmolLM2": {"pre_tokenizer": sequence({"type": "Digits", "individual_digits": True}, byte_level())},
    "Llama 3": {"pre_tokenizer": sequence(split({"Regex": LLAMA3}), byte_level(False, False)), "added_tokens": ADDED},
    "Qwen 2": {"normalizer": {"type": "NFC"}, "pre_tokenizer": sequence(split({"Regex": QWEN2}), byte_level(False, False))},
    "added tokens": {"added_tokens": ADDED},
    "added tokens in normalized text": {"normalizer": LOWERCASE, "added_tokens": NORMALIZED},
    "added tokens behind a prefix": {"normalizer": LLAMA_NORMALIZER, "added_tokens": NORMALIZED},
    "added tokens in text without accents": {"normalizer": bert(True, True, None, True), "added_tokens": NORMALIZED},
    "BPE without unknown": {"model": bpe(PIECES)},
    "BPE, unknown ones fused": {"model": bpe(PIECES, unk_token="<unk>", fuse_unk=True), "pre_tokenizer": {"type": "WhitespaceSplit"}},
    "BPE, unknown ones": {"model": bpe(PIECES, unk_token="<unk>", fuse_unk=False), "added_tokens": ADDED},
    "Llama": {
        "normalizer": LLAMA_NORMALIZER,
        "model": bpe([*PIECES, *BYTES], unk_token="<unk>", fuse_unk=True, byte_fallback=True),
        "added_tokens": [token("<unk>", special=True), token("<s>", special=True, normalized=True)],
    },
    "BPE, ignore_merges": {"model": bpe([*PIECES, "seafood", "<x>", "don't"], ignore_merges=True), "pre_tokenizer": {"type": "WhitespaceSplit"}},
    "WordPiece": {
        "normalizer": bert(True, True, None, True),
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {"type": "WordPiece", "vocab": numbered(WORDS), "unk_token": "<unk>", "continuing_subword_prefix": "##", "max_input_chars_per_word": 5},
        "added_tokens": ADDED,
    },
    "Unigram": {"pre_tokenizer": metaspace("always", True), "model": unigram(PIECES, byte_fallback=False)},
    "Unigram, bytes": {"pre_tokenizer": metaspace("always", False), "model": unigram([*PIECES, *BYTES], byte_fallback=True), "added_tokens": ADDED},
}


def definition(changes: dict) -> dict:
    model = changes.get("model") or by_character()
    known = {piece for piece, _ in model["vocab"]} if model["type"] == "Unigram" else set(model["vocab"])
    size = len(model["vocab"])
    added = []
    for each in changes.get("added_tokens", []):
        inside = each["content"] in known
        place = size + sum(other["content"] not in known for other in added)
        added.append({"id": known_id(model, each["content"]) if inside else place, **each})
    parts = {"version": "1.0", "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None}
    return {**parts, **changes, "model": model, "added_tokens": added}


def known_id(model: dict, content: str) -> int:
    if model["type"] == "Unigram":
        return [piece for piece, _ in model["vocab"]].index(content)
    return model["vocab"][content]


def fixture() -> dict:
    tokenizers = []
    for name, changes in TOKENIZERS.items():
        defined = definition(changes)
        tokenizer = Tokenizer.from_str(json.dumps(defined))
        lines = [",".join(map(str, tokenizer.encode(text).ids)) for text in TEXTS]
        groups = ["\n".join(lines[place : place + GROUP]) for place in range(0, COUNT, GROUP)]
        sums = b"".join(zlib.crc32(group.encode()).to_bytes(4, "big") for group in groups).hex()
        own = {**defined} if "model" in changes else {key: value for key, value in defined.items() if key != "model"}
        tokenizers.append({"name": name, "definition": own, "checksums": sums})
    generator = {"seed": SEED, "count": COUNT, "longest": LONGEST, "group": GROUP, "atoms": ATOMS}
    return {**generator, "characters": "".join(each for each in CHARACTERS if each not in UNKNOWN), "tokenizers": tokenizers}


if len(sys.argv) > 1:
    shown = Tokenizer.from_str(json.dumps(definition(TOKENIZERS[sys.argv[1]])))
    for number in map(int, sys.argv[2:]):
        encoded = shown.encode(TEXTS[number])
        print(number, ascii(TEXTS[number]), encoded.ids, [ascii(each) for each in encoded.tokens])
else:
    OUT.write_text(json.dumps(fixture(), separators=(",", ":")) + "\n")
