import { statSync } from 'node:fs';
import { InputError, UsageError } from '../engine/index.js';
import { isHeldOut } from './data/held-out.js';
import { readJsonl, type Row } from './data/rows.js';
import { defineTask, type Items, type Located } from './define.js';
import { MASK, type Example, type Task } from './task.js';

/** How a task of the user's own is asked. */
export interface OwnPrompt {
  /** With a row's fields in braces. A prompt with a mask is for masked language models. */
  readonly prompt: string | null;
  /** Texts that may follow the prompt or stand for its mask, separated by commas, with their spaces; fields in braces here too. */
  readonly candidates: string | null;
  /** The field that says which candidate is right: its number from 0, its text, or false and true for the first and the second. */
  readonly label: string | null;
  /** Test items; without such a file a fifth of the items is split off. */
  readonly testFile: string | null;
}

/** Whether a task is given as a file of the user's own rather than by name. */
export const isTaskPath = (name: string): boolean => name.endsWith('.jsonl') || name.includes('/');

/** Before it runs, a task of one's own must say how it is asked. Throws UsageError. */
export function ownTask(file: string, { prompt, candidates, label, testFile }: OwnPrompt): Task {
  if (prompt === null || candidates === null || label === null) {
    throw new UsageError(`--task ${file}: say how it is asked: --prompt '{text} It was' --candidates ' terrible, great' --label label`);
  }
  const texts = candidates.split(',').map(unescaped);
  if (texts.length < 2) throw new UsageError(`--candidates ${candidates}: at least two are needed, separated by commas`);
  const ask = (row: Row): Located<Example> => ({ item: askedOf(row, unescaped(prompt), texts, label), place: row.place });
  return defineTask<Example>({
    id: file,
    version: 1,
    metric: 'accuracy',
    training: 'choice',
    read: () => Promise.resolve(split(file, testFile, ask)),
    prompts: { [prompt.includes(MASK) ? 'masked' : 'causal']: { aligned: (item: Example) => item } },
  });
}

/** A line break is written as \n on a command line. */
const unescaped = (text: string): string => text.replaceAll('\\n', '\n');

function split(file: string, testFile: string | null, ask: (row: Row) => Located<Example>): Items<Example> {
  const rows = readThere(file);
  const items = rows.map(ask);
  if (testFile !== null) return { train: items, test: readThere(testFile).map(ask), files: [file, testFile] };
  const held = rows.map(({ value }) => isHeldOut(value));
  return { train: items.filter((_, index) => !held[index]), test: items.filter((_, index) => held[index]), files: [file] };
}

function readThere(file: string): Row[] {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile()) return readJsonl(file);
  throw new InputError(`${file} ${found ? 'is no file' : 'does not exist'} (--task, --test-file: a file with a JSON object per line)`);
}

function askedOf(row: Row, prompt: string, candidates: readonly string[], label: string): Example {
  const texts = candidates.map((candidate) => filled(candidate, row));
  return { prompt: filled(prompt, row), candidates: texts, answer: answerIn(row, label, texts) };
}

/** With the row's fields in the place of their names in braces. */
function filled(template: string, row: Row): string {
  return template.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = fieldOf(row, name);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new InputError(`${row.place}: ${name}: text, a number, true or false is needed`);
  });
}

function answerIn(row: Row, label: string, candidates: readonly string[]): number {
  const value = fieldOf(row, label);
  const answer = numberOf(value, candidates);
  if (Number.isInteger(answer) && answer >= 0 && answer < candidates.length) return answer;
  const which = candidates.map((candidate) => JSON.stringify(candidate.trim())).join(', ');
  throw new InputError(`${row.place}: ${label}: ${JSON.stringify(value)} is neither one of ${which} nor its number from 0`);
}

/** NaN for what can be no label. */
function numberOf(value: unknown, candidates: readonly string[]): number {
  if (typeof value === 'string') return candidates.findIndex((candidate) => candidate.trim() === value.trim());
  return typeof value === 'number' || typeof value === 'boolean' ? Number(value) : NaN;
}

function fieldOf({ value, place }: Row, name: string): unknown {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, name)) return (value as Record<string, unknown>)[name];
  throw new InputError(`${place}: there is no field ${name}`);
}
