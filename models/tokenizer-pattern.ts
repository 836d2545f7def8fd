import { SplitPreTokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { InputError } from '../engine/errors.js';

/** What a component of tokenizer.json searches for. */
export const patternSchema = z.union([z.object({ String: z.string().min(1) }), z.object({ Regex: z.string().min(1) })]);

/** A stretch of a text that a pattern matches, or that lies between two matches. */
export interface Span {
  readonly start: number;
  readonly text: string;
  readonly isMatch: boolean;
}

/** What becomes of the matches that a text is split at. */
export const behaviorSchema = z.enum(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']);
export type Behavior = z.infer<typeof behaviorSchema>;

/** GPT-4's contractions, also Llama 3's: in the reference, "ſ" is an "s" in another case. */
const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const SPELLED_OUT = "(?:'[sS\u017f]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";

/**
 * The regular expression of a pattern, translated from Oniguruma's language by the library.
 * @throws InputError where it has options whose meaning differs.
 */
export function expressionOf(pattern: z.infer<typeof patternSchema>): RegExp {
  if ('String' in pattern) return new RegExp(escaped(pattern.String), 'gu');
  const source = pattern.Regex.replaceAll(CONTRACTIONS, SPELLED_OUT);
  if (/\(\?[a-z-]*i/.test(source)) throw new InputError(`a pattern that ignores case cannot be followed: ${pattern.Regex}`);
  const { pattern: expression } = new SplitPreTokenizer({ pattern: { Regex: source } });
  if (expression) return expression;
  throw new InputError(`a pattern cannot be followed: ${pattern.Regex}`);
}

export const escaped = (text: string): string => text.replace(/[$()*+./?[\\\]^{|}]/g, '\\$&');

/** A text as matches and what lies between. */
export function spansOf(text: string, pattern: RegExp): Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(pattern)) {
    if (index > end) spans.push({ start: end, text: text.slice(end, index), isMatch: false });
    spans.push({ start: index, text: match, isMatch: true });
    end = index + match.length;
  }
  if (end < text.length) spans.push({ start: end, text: text.slice(end), isMatch: false });
  return spans;
}

/** The code points of a text, those that count as matches and the stretches between. */
export function spansWhere(text: string, isMatch: (codePoint: string) => boolean): Span[] {
  const spans: Span[] = [];
  let start = 0;
  let end = 0;
  const close = () => {
    if (end > start) spans.push({ start, text: text.slice(start, end), isMatch: false });
  };
  for (const codePoint of text) {
    if (isMatch(codePoint)) {
      close();
      spans.push({ start: end, text: codePoint, isMatch: true });
      start = end + codePoint.length;
    }
    end += codePoint.length;
  }
  close();
  return spans;
}

/** Splits a text by the matches in it; empty parts are left out. */
export function split(spans: readonly Span[], behavior: Behavior): Span[] {
  return joined(spans, behavior).filter(({ text }) => text !== '');
}

function joined(spans: readonly Span[], behavior: Behavior): Span[] {
  switch (behavior) {
    case 'Isolated':
      return [...spans];
    case 'Removed':
      return spans.filter(({ isMatch }) => !isMatch);
    case 'Contiguous':
      return joinedWhere(spans, (before, { isMatch }) => before === isMatch);
    case 'MergedWithPrevious':
      return joinedWhere(spans, (before, { isMatch }) => isMatch && !before);
    case 'MergedWithNext':
      return joinedWhere(spans.toReversed(), (after, { isMatch }) => isMatch && !after).toReversed();
  }
}

/** Adds a span to the part before it (or behind it, where they are turned round) where that one's last span calls for it. */
function joinedWhere(spans: readonly Span[], belongs: (neighbourIsMatch: boolean, span: Span) => boolean): Span[] {
  const parts: Span[] = [];
  let neighbourIsMatch = false;
  for (const span of spans) {
    const part = parts.at(-1);
    if (part && belongs(neighbourIsMatch, span)) parts[parts.length - 1] = together(part, span);
    else parts.push(span);
    neighbourIsMatch = span.isMatch;
  }
  return parts;
}

function together(a: Span, b: Span): Span {
  const [first, second] = a.start <= b.start ? [a, b] : [b, a];
  return { ...first, text: first.text + second.text };
}
