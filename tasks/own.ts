import { statSync } from 'node:fs';
import { parse } from 'node:path';
import { InputError, meantPath, UsageError } from '../engine/index.js';
import { isOwnCode } from '../own-code/index.js';
import { isHeldOut } from './data/held-out.js';
import { readJsonl, type Row } from './data/rows.js';
import { defineTask, type Items, type Located } from './define.js';
import { answersOf } from './labels.js';
import { askedMasked, MASK, type Example, type MaskedPrompt, type Task } from './task.js';

/** How a task of the user's own is asked. */
export interface OwnPrompt {
  /** With a row's fields in braces. A prompt that has a mask itself, once, is for masked language models. */
  readonly prompt: string | null;
  /** Texts that may follow the prompt or stand for its mask, separated by commas, with their spaces; fields in braces here too. */
  readonly candidates: string | null;
  /** The field that says which candidate is right, as `answersOf` reads it. */
  readonly label: string | null;
  /** Test items; without such a file a fifth of the items is split off. */
  readonly testFile: string | null;
}

/** Whether a task is given as a file of the user's own rather than by name. */
export const isTaskPath = (name: string): boolean => name.endsWith('.jsonl') || name.includes('/') || isOwnCode(name);

/** Before it runs, a task of one's own must say how it is asked. Throws UsageError. */
export function ownTask(file: string, { prompt, candidates, label, testFile }: OwnPrompt): Task {
  if (prompt === null || candidates === null || label === null) {
    throw new UsageError(`--task ${file}: say how it is asked: --prompt '{text} It was' --candidates ' terrible, great' --label label`);
  }
  const texts = candidates.split(',').map(unescaped);
  if (texts.length < 2) throw new UsageError(`--candidates ${candidates}: at least two are needed, separated by commas`);
  const twice = texts.find((text, index) => texts.findIndex((other) => other.trim() === text.trim()) < index);
  if (twice !== undefined) throw new UsageError(`--candidates ${candidates}: ${JSON.stringify(twice.trim())} stands there twice`);
  if (![prompt, ...texts].some((text) => text.match(FIELD))) {
    throw new UsageError(`--prompt ${prompt}: every row would be asked the same: name a field in braces, such as {text}`);
  }
  const [before = '', after, ...more] = unescaped(prompt).split(MASK);
  if (more.length > 0) throw new UsageError(`--prompt ${prompt}: ${MASK} may stand there once`);
  const asked = { id: parse(file).name, version: 1, metric: 'accuracy', training: 'choice' } as const;
  const read = <Prompt>(promptOf: (row: Row) => Prompt) => {
    const ask = (rows: readonly Row[]) => askedOf(rows, promptOf, texts, label);
    return () => Promise.resolve(split(file, testFile, ask));
  };
  if (after === undefined) {
    const causal = (row: Row) => ({ prompt: filled(before, row) });
    return defineTask<Example>({ ...asked, read: read(causal), prompts: { causal: { aligned: (item) => item } } });
  }
  const masked = (row: Row) => askedMasked(filled(before, row), filled(after, row));
  return defineTask<Example & MaskedPrompt>({ ...asked, read: read(masked), prompts: { masked: { aligned: (item) => item } } });
}

/** A line break is written as \n on a command line. */
const unescaped = (text: string): string => text.replaceAll('\\n', '\n');

function split<Item>(file: string, testFile: string | null, ask: (rows: readonly Row[]) => Located<Item>[]): Items<Item> {
  const rows = readThere(file);
  if (testFile === null) return heldOut(file, rows, ask(rows));
  const items = ask([...rows, ...readThere(testFile)]);
  return { train: items.slice(0, rows.length), test: items.slice(rows.length), files: [file, testFile] };
}

function heldOut<Item>(file: string, rows: readonly Row[], items: readonly Located<Item>[]): Items<Item> {
  const held = rows.map(({ value }) => isHeldOut(value));
  const [train, test] = [items.filter((_, index) => !held[index]), items.filter((_, index) => held[index])];
  if (train.length > 0 && test.length > 0) return { train, test, files: [file] };
  const none = test.length === 0 ? 'none is a test item' : 'none is left to train on';
  throw new InputError(`${file}: of ${rows.length} rows a fifth is held out by content, and so ${none}: give test items with --test-file`);
}

function readThere(file: string): Row[] {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) {
    const hint = meantPath(file) || ' (--task, --test-file: a file with a JSON object per line)';
    throw new InputError(`${file} ${found ? 'is no file' : 'does not exist'}${hint}`);
  }
  const rows = readJsonl(file);
  if (rows.length === 0) throw new InputError(`${file}: there is no item (--task, --test-file: a file with a JSON object per line)`);
  return rows;
}

/** All rows at once: what a label means may depend on the others. */
function askedOf<Prompt>(rows: readonly Row[], promptOf: (row: Row) => Prompt, candidates: readonly string[], label: string) {
  const asked = rows.map((row) => ({ ...promptOf(row), candidates: candidates.map((candidate) => filled(candidate, row)) }));
  const labelled = rows.map((row, index) => ({
    value: fieldOf(row, label),
    candidates: asked[index]?.candidates ?? [],
    place: row.place,
  }));
  const answers = answersOf(labelled, label);
  return asked.map((item, index) => ({ item: { ...item, answer: answers[index] ?? NaN }, place: rows[index]?.place ?? '' }));
}

/** A field's name in braces. */
const FIELD = /\{([^{}]+)\}/g;

/** With the row's fields in the place of their names in braces. */
function filled(template: string, row: Row): string {
  return template.replace(FIELD, (_, name: string) => {
    const value = fieldOf(row, name);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new InputError(`${row.place}: ${name}: text, a number, true or false is needed`);
  });
}

function fieldOf({ value, place }: Row, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InputError(`${place}: a JSON object per line is needed`);
  if (Object.hasOwn(value, name)) return (value as Record<string, unknown>)[name];
  throw new InputError(`${place}: there is no field ${name}`);
}
