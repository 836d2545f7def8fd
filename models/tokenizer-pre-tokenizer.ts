import { z } from 'zod';
import { InputError } from '../engine/errors.js';
import { fieldsOf, type Component } from './tokenizer-normalizer.js';
import { behaviorSchema, expressionOf, patternSchema, spansOf, spansWhere, split, type Span } from './tokenizer-pattern.js';
import { isNumeric, isPunctuation, isWhiteSpace, WHITE_SPACE, WORD } from './tokenizer-unicode.js';

/** A part of a text that the model makes tokens of. */
export interface Piece {
  readonly text: string;
  /** Whether it stands at the beginning of the whole text. */
  readonly isFirst: boolean;
}

/** Splits a part of a text. */
export type PreTokenizer = (piece: Piece) => readonly Piece[];

const sequenceSchema = z.object({ pretokenizers: z.array(z.looseObject({})) });
const splitSchema = z.object({ pattern: patternSchema, behavior: behaviorSchema, invert: z.boolean() });
const byteLevelSchema = z.object({ add_prefix_space: z.boolean(), use_regex: z.boolean().default(true) });
const metaspaceSchema = z.object({
  replacement: z.string().refine((text) => Array.from(text).length === 1, 'is not one character'),
  prepend_scheme: z.enum(['always', 'first', 'never']).default('always'),
  add_prefix_space: z.boolean().nullish(),
  split: z
    .boolean()
    .nullish()
    .transform((splits) => splits ?? true),
});

/**
 * A tokenizer.json's pre-tokenizer, as the reference has it.
 * @throws InputError naming one that cannot be followed exactly.
 */
export function preTokenizerOf(component: Component): PreTokenizer {
  switch (component.type) {
    case 'Sequence':
      return inSequence(fieldsOf(component, sequenceSchema).pretokenizers.map(preTokenizerOf));
    case 'ByteLevel':
      return byteLevel(fieldsOf(component, byteLevelSchema));
    case 'Metaspace':
      return metaspace(fieldsOf(component, metaspaceSchema));
    case 'Split': {
      const { pattern, behavior, invert } = fieldsOf(component, splitSchema);
      const expression = expressionOf(pattern);
      return splitting((text) => {
        const spans = spansOf(text, expression);
        return split(invert ? spans.map((span) => ({ ...span, isMatch: !span.isMatch })) : spans, behavior);
      });
    }
    case 'Digits': {
      const { individual_digits: individual } = fieldsOf(component, z.object({ individual_digits: z.boolean() }));
      return splitting((text) => split(spansWhere(text, isNumeric), individual ? 'Isolated' : 'Contiguous'));
    }
    case 'Punctuation': {
      const { behavior } = fieldsOf(component, z.object({ behavior: behaviorSchema.default('Isolated') }));
      return splitting((text) => split(spansWhere(text, isPunctuation), behavior));
    }
    case 'CharDelimiterSplit': {
      const { delimiter } = fieldsOf(component, z.object({ delimiter: z.string() }));
      return splitting((text) =>
        split(
          spansWhere(text, (each) => each === delimiter),
          'Removed',
        ),
      );
    }
    case 'FixedLength': {
      const { length } = fieldsOf(component, z.object({ length: z.int().positive().default(5) }));
      return splitting((text) => split(spansOf(text, new RegExp(`.{1,${length}}`, 'gsu')), 'Isolated'));
    }
    case 'WhitespaceSplit':
      return atWhiteSpace;
    case 'Whitespace':
      return splitting((text) => spansOf(text, WORDS).filter(({ isMatch }) => isMatch));
    case 'BertPreTokenizer':
      return inSequence([atWhiteSpace, splitting((text) => split(spansWhere(text, isPunctuation), 'Isolated'))]);
    default:
      throw new InputError(`the pre-tokenizer ${String(component.type)} cannot be followed exactly`);
  }
}

const WORDS = new RegExp(`[${WORD}]+|[^${WORD}${WHITE_SPACE}]+`, 'gu');

/** Whether a pre-tokenizer asks where the whole text begins. */
export function asksForBeginning(component: Component): boolean {
  if (component.type === 'Sequence') return fieldsOf(component, sequenceSchema).pretokenizers.some(asksForBeginning);
  return component.type === 'Metaspace' && component.prepend_scheme === 'first';
}

function inSequence(parts: readonly PreTokenizer[]): PreTokenizer {
  return (piece) => parts.reduce<readonly Piece[]>((pieces, part) => pieces.flatMap(part), [piece]);
}

function splitting(spansIn: (text: string) => readonly Span[]): PreTokenizer {
  return ({ text, isFirst }) => spansIn(text).map((span) => ({ text: span.text, isFirst: isFirst && span.start === 0 }));
}

const atWhiteSpace = splitting((text) => split(spansWhere(text, isWhiteSpace), 'Removed'));

/** GPT-2's pattern. JavaScript's \s would lack U+0085 and add U+FEFF. */
const GPT2_PATTERN =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

function byteLevel({ add_prefix_space: prefixed, use_regex: splits }: z.infer<typeof byteLevelSchema>): PreTokenizer {
  return ({ text, isFirst }) => {
    const spaced = prefixed && !text.startsWith(' ') ? ` ${text}` : text;
    const parts = splits ? spansOf(spaced, GPT2_PATTERN) : [{ start: 0, text: spaced }];
    return parts.map((part) => ({ text: spelledInBytes(part.text), isFirst: isFirst && part.start === 0 }));
  };
}

/** GPT-2's characters for the bytes: printable ones stand for themselves, the rest have moved behind them. */
const BYTE_CHARACTERS: readonly string[] = (() => {
  const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  let moved = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : moved++));
})();
const encoder = new TextEncoder();

const spelledInBytes = (text: string): string => Array.from(encoder.encode(text), (byte) => BYTE_CHARACTERS[byte]).join('');

function metaspace({ replacement, prepend_scheme: scheme, ...rest }: z.infer<typeof metaspaceSchema>): PreTokenizer {
  if (rest.add_prefix_space === false && scheme !== 'never') {
    throw new InputError('Metaspace: add_prefix_space is false, and prepend_scheme says otherwise');
  }
  const splitAtReplacement = splitting((text) =>
    split(
      spansWhere(text, (each) => each === replacement),
      'MergedWithNext',
    ),
  );
  return ({ text, isFirst }) => {
    const replaced = text.replaceAll(' ', replacement);
    const isPrefixed = (scheme === 'always' || (scheme === 'first' && isFirst)) && !replaced.startsWith(replacement);
    const piece = { text: isPrefixed ? replacement + replaced : replaced, isFirst };
    return rest.split ? splitAtReplacement(piece) : [piece];
  };
}
