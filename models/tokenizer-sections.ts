import { InputError } from '../engine/errors.js';
import { escaped } from './tokenizer-pattern.js';
import type { AddedToken } from './tokenizer-special.js';
import { isWhiteSpace, isWord } from './tokenizer-unicode.js';

/** A part of a text: an added token, or what lies between two. */
export type Section = { readonly id: number } | { readonly start: number; readonly text: string };

/** Finds added tokens in a text. */
export type Sectioner = (text: string) => readonly Section[];

/**
 * Splits texts at these tokens, looked for as `spelled`: of those that begin first the longest counts.
 * @throws InputError where nothing is left of a token's spelling.
 */
export function sectioner(tokens: readonly AddedToken[], spelled: (content: string) => string): Sectioner {
  const bySpelling = new Map<string, AddedToken>();
  // Of those that are spelled alike the first special one counts, or else the first.
  for (const token of [...tokens.filter(({ special }) => special), ...tokens.filter(({ special }) => !special)].reverse()) {
    const spelling = spelled(token.content);
    if (spelling === '') throw new InputError(`nothing is left of the added token ${JSON.stringify(token.content)} when it is normalized`);
    bySpelling.set(spelling, token);
  }
  if (bySpelling.size === 0) return (text) => [{ start: 0, text }];
  const longestFirst = [...bySpelling.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escaped).join('|'), 'gu');
  return (text) => sectionsOf(text, pattern, bySpelling);
}

function sectionsOf(text: string, pattern: RegExp, tokens: ReadonlyMap<string, AddedToken>): Section[] {
  const sections: Section[] = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(pattern)) {
    const token = tokens.get(match);
    if (!token || (token.single_word && isInWord(text, index, index + match.length))) continue;
    const start = token.lstrip ? spaceBefore(text, index, end) : index;
    if (start > end) sections.push({ start: end, text: text.slice(end, start) });
    sections.push({ id: token.id });
    end = token.rstrip ? spaceAfter(text, index + match.length) : index + match.length;
  }
  if (end < text.length) sections.push({ start: end, text: text.slice(end) });
  return sections;
}

const isInWord = (text: string, start: number, end: number): boolean =>
  isWord(Array.from(text.slice(Math.max(start - 2, 0), start)).at(-1) ?? '') || isWord(Array.from(text.slice(end, end + 2))[0] ?? '');

/** Where the white space before a place begins, at `limit` at the earliest. No white space takes two code units. */
function spaceBefore(text: string, place: number, limit: number): number {
  let start = place;
  while (start > limit && isWhiteSpace(text.charAt(start - 1))) start--;
  return start;
}

function spaceAfter(text: string, place: number): number {
  let end = place;
  while (end < text.length && isWhiteSpace(text.charAt(end))) end++;
  return end;
}
