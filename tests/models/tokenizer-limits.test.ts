import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { InputError, processorMs } from '../../engine/index.js';
import { bundledModelFolder, loadTokenizer, type Tokenizer } from '../../models/index.js';
import { limitedTokenizer } from '../../models/tokenizer-limits.js';
import { openTokenizer } from '../../models/tokenizer.js';

// The property: a tokenizer whose parts are hostile answers or is refused in one line, within its limits.

const base = JSON.parse(readFileSync(join(bundledModelFolder('opt-mini'), 'tokenizer.json'), 'utf8')) as object;
const folder = mkdtempSync(join(tmpdir(), 'zobench-tokenizer-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is ended is ended within this. */
const SLACK_MS = 500;
const impatient = (): Tokenizer => limitedTokenizer(folder, 1_000_000, () => openTokenizer(folder), SLACK_MS);

function write(change: object): void {
  writeFileSync(join(folder, 'config.json'), '{"model_type":"opt"}');
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify({ ...base, ...change }));
}

function refusal(change: object, text: string, load = () => loadTokenizer(folder)): string {
  write(change);
  try {
    const tokenizer = load();
    tokenizer.decode(tokenizer.encode(text));
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  throw new Error('nothing was refused');
}

const split = (pattern: string): object => ({
  pre_tokenizer: { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
});
const replace = (pattern: object, content: string): object => ({ type: 'Replace', pattern, content });

const A_LOT = `${'a'.repeat(40)}!`;

test.each([
  ['a pattern that explodes, to split', split('(a+)+$'), A_LOT],
  ['another', split('^(\\w|a)*$'), A_LOT],
  ['one in a normalizer', { normalizer: replace({ Regex: '(a|aa)+$' }, 'b') }, A_LOT],
])('%s is ended', (_, change, text) => {
  const message = refusal(change, text, impatient);
  expect(message).toMatch(/: it takes too long to encode a text: its patterns or rules are no use$/);
});

const doubling = Array.from({ length: 30 }, () => replace({ String: 'a' }, 'aa'));

test.each([
  ['30 rules that double a text', { normalizer: { type: 'Sequence', normalizers: doubling } }],
  ['a rule that makes 100,000 characters of one', { normalizer: replace({ String: 'a' }, 'b'.repeat(100_000)) }],
  ['a prefix of 100,000 characters', { normalizer: { type: 'Prepend', prepend: 'x'.repeat(100_000) } }],
])('%s: refused before memory is out', (_, change) => {
  expect(refusal(change, A_LOT)).toMatch(/it fails to encode a text \(its normalizer makes \d+ characters of \d+\)$/);
});

test.each([
  ['a pattern that is none', split('('), 'a'],
  ['a processor without its tokens', { post_processor: { type: 'RobertaProcessing' } }, 'a'],
  ['a sequence of nothing', { post_processor: { type: 'Sequence', processors: [null] } }, 'a'],
  ['ids that are no numbers', { model: { type: 'BPE', vocab: { a: 'x' }, merges: [] } }, 'a'],
  ['ids beyond counting', { model: { type: 'BPE', vocab: { a: 1e20 }, merges: [] } }, 'a'],
  ['an id below zero', { model: { type: 'BPE', vocab: { a: -1 }, merges: [] } }, 'a'],
  ['an added id beyond counting', { added_tokens: [{ id: 2 ** 40, content: 'a' }] }, 'a'],
  ['a merge of one', { model: { type: 'BPE', vocab: { a: 0 }, merges: ['a'] } }, 'a'],
  ['a merge of three', { model: { type: 'BPE', vocab: { a: 0, ab: 1, b: 2 }, merges: ['a b a'] } }, 'a'],
  ['a merge into no token', { model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [['a', 'b']] } }, 'a'],
  ['no vocabulary', { model: { type: 'Unigram', vocab: [], unk_id: 0 } }, 'a'],
])('%s: one line', (_, change, text) => {
  expect(refusal(change, text)).toMatch(/tokenizer[^\n]*$/);
});

test('slow texts use up what is allowed: the next is refused at once', () => {
  write(split('(a+)+$'));
  const tokenizer = impatient();
  expect(() => tokenizer.encode(A_LOT)).toThrow(InputError);
  // The quickest of three: once in a while a process does something else meanwhile, such as compiling.
  const took = [1, 2, 3].map(() => {
    const started = processorMs();
    expect(() => tokenizer.encode(A_LOT)).toThrow(/takes too long/);
    return processorMs() - started;
  });
  expect(Math.min(...took)).toBeLessThan(SLACK_MS / 2);
});
