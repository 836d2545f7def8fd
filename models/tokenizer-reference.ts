import {
  ByteFallbackDecoder,
  ByteLevelPreTokenizer,
  LowercaseNormalizer,
  SequenceDecoder,
  SequenceNormalizer,
  SequencePreTokenizer,
  type Decoder,
  type Normalizer,
  type PreTokenizer,
  type Tokenizer as LibraryTokenizer,
} from '@huggingface/tokenizers';
import { limitGrowth, normalizeInTurn } from './tokenizer-limits.js';

/*
 * Where the JavaScript library departs from the reference implementation (the Rust crate tokenizers, 0.23), the parts of
 * its pipeline are replaced by ones that do not.
 */

/** Makes a tokenizer of the library behave like the reference's. */
export function followReference(tokenizer: LibraryTokenizer): void {
  tokenizer.normalizer = referenceNormalizer(tokenizer.normalizer);
  splitAtUnicodeWhitespace(tokenizer.pre_tokenizer);
  tokenizer.decoder = referenceDecoder(tokenizer.decoder);
}

/**
 * How tokens are spelled for the decoder, where that is not their vocabulary entry: the reference decodes an added token
 * that was looked for in normalized text as it reads there. (Llama's "</s>" is "▁</s>" and so brings its space along.)
 */
export function normalizedSpellings(tokenizer: LibraryTokenizer): Map<number, string> {
  const { normalizer } = tokenizer;
  const tokens = normalizer ? [...tokenizer.get_added_tokens_decoder().values()].filter((token) => token.normalized) : [];
  return new Map(tokens.map(({ id, content }) => [id, normalizer?.normalize(content) ?? content]));
}

function referenceNormalizer(normalizer: Normalizer | null): Normalizer | null {
  if (normalizer instanceof SequenceNormalizer) {
    const parts = normalizer.normalizers.map(referenceNormalizer);
    normalizer.normalize = (text) => normalizeInTurn(parts, text);
  }
  const followed = normalizer instanceof LowercaseNormalizer ? new CodePointLowercase({ type: 'Lowercase' }) : normalizer;
  return followed && limitGrowth(followed);
}

/** Each code point by itself: JavaScript's lower case of a whole word ends it with "ς", the reference's with "σ". */
class CodePointLowercase extends LowercaseNormalizer {
  override normalize(text: string): string {
    return Array.from(text, (codePoint) => codePoint.toLowerCase()).join('');
  }
}

/** GPT-2's pattern with Unicode's white space, as in the reference: JavaScript's \s lacks U+0085 and adds U+FEFF. */
const GPT2_PATTERN =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

function splitAtUnicodeWhitespace(preTokenizer: PreTokenizer | null): void {
  if (preTokenizer instanceof SequencePreTokenizer) preTokenizer.tokenizers.forEach(splitAtUnicodeWhitespace);
  if (preTokenizer instanceof ByteLevelPreTokenizer) preTokenizer.pattern = GPT2_PATTERN;
}

function referenceDecoder(decoder: Decoder | null): Decoder | null {
  if (decoder instanceof SequenceDecoder) {
    decoder.decoders = decoder.decoders.map((part) => referenceDecoder(part) ?? part);
  }
  return decoder instanceof ByteFallbackDecoder ? new RunwiseByteFallback({ type: 'ByteFallback' }) : decoder;
}

const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;

/**
 * A run of byte tokens becomes its UTF-8 text, or one U+FFFD per byte where it is not valid as a whole. The library's
 * replaces only the invalid parts, and drops a byte order mark.
 */
class RunwiseByteFallback extends ByteFallbackDecoder {
  override decode_chain(tokens: string[]): string[] {
    const texts: string[] = [];
    let run: number[] = [];
    for (const token of tokens) {
      const byte = BYTE_TOKEN.exec(token)?.[1];
      if (byte !== undefined) {
        run.push(parseInt(byte, 16));
        continue;
      }
      texts.push(textOfBytes(run), token);
      run = [];
    }
    return [...texts, textOfBytes(run)];
  }
}

function textOfBytes(bytes: readonly number[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return '\ufffd'.repeat(bytes.length);
  }
}
