import type { Tokenizer } from '../models/index.js';
import { mean } from '../statistics/index.js';
import {
  countItems,
  encodeExample,
  isTaskPath,
  NoDataError,
  taskNamed,
  type Example,
  type ItemCounts,
  type Limits,
  type ModelKind,
  type Task,
} from '../tasks/index.js';
import { loadedTokenizer } from './loaded-tokenizer.js';
import { learns, openData, type DataChoice } from './open-data.js';

// What planning asks of a task's data: how many items there are, and how long they are.

/** Tokens of an item, on average, without those that a scheme puts before it. The last one of a candidate is predicted, but never read. */
export interface ItemLengths {
  /** That the candidates share. */
  readonly prompt: number;
  /** Of all candidates behind it. */
  readonly candidates: number;
  /** Of the right one alone. */
  readonly answer: number;
}

export interface TaskData {
  readonly task: Pick<Task, 'devSize' | 'training' | 'metric' | 'version'>;
  readonly counts: ItemCounts;
  readonly testItems: number;
  /** Training items that are left out, as test items ask the same. */
  readonly overlap: number;
  /** That the items are in; empty where they are not there. */
  readonly files: readonly string[];
  /** Some of the training items, from all over; undefined where the data are not there. */
  readonly sample: readonly Example[] | undefined;
}

export interface PlannedData extends TaskData {
  readonly lengths: ItemLengths;
}

/** By choice: many cells share one. */
const read = new Map<string, Promise<TaskData>>();

/** Throws as `openData` does, NoDataError where the data are not there. */
export function taskData(choice: DataChoice, kind: ModelKind): Promise<TaskData> {
  const { task, data, template, prompt, candidates, label, testFile, scheme } = choice;
  const key = JSON.stringify([task, data, template, prompt, candidates, label, testFile, learns(scheme), kind]);
  const known = read.get(key) ?? readData(choice, kind);
  read.set(key, known);
  return known;
}

const SAMPLE_ITEMS = 64;

async function readData(choice: DataChoice, kind: ModelKind): Promise<TaskData> {
  const { task, source, overlap } = await openData(choice, kind);
  const every = Math.ceil(source.train.length / SAMPLE_ITEMS);
  // Neighbours are often about the same text.
  const sample = source.train.filter((_, index) => index % every === 0);
  return { task, counts: countItems(source), testItems: source.test.length, overlap, files: source.files, sample };
}

/** The same for a plan: of data that are not there, what is published. */
export async function taskDataOrUsual(choice: DataChoice, kind: ModelKind): Promise<TaskData> {
  try {
    return await taskData(choice, kind);
  } catch (error) {
    if (!(error instanceof NoDataError) || isTaskPath(choice.task)) throw error;
    const [items, testItems, classCount] = usual(choice.task);
    const classes = Array.from({ length: classCount }, (_, answer): [string, number] => [`${answer}`, Math.floor(items / classCount)]);
    return {
      task: taskNamed(choice.task),
      counts: { items, classes: new Map(classes) },
      testItems,
      overlap: 0,
      files: [],
      sample: undefined,
    };
  }
}

const measured = new Map<string, ItemLengths>();

/** With the lengths that a model's tokenizer gives the sample, or that are usual. */
export async function plannedData(
  choice: DataChoice & { readonly model: string },
  { kind, ...limits }: Limits & { readonly kind: ModelKind },
): Promise<PlannedData> {
  const data = await taskDataOrUsual(choice, kind);
  const { model, task, template, data: folder } = choice;
  const key = JSON.stringify([model, limits.maxLength, task, template, folder]);
  const lengths = measured.get(key) ?? (data.sample ? lengthsOf(data.sample, loadedTokenizer(model), limits) : usualLengths(task));
  measured.set(key, lengths);
  return { ...data, lengths };
}

/** Of English text, about. */
const CHARACTERS_PER_TOKEN = 4;

/** The mean over items as the tokenizer has them; without one, by their characters. */
export function lengthsOf(items: readonly Example[], tokenizer: Tokenizer | undefined, limits: Limits): ItemLengths {
  const all = items.map((item) => (tokenizer ? encodedLengths(tokenizer, item, limits) : characterLengths(item, limits.maxLength)));
  const meanOf = (part: keyof ItemLengths): number => mean(all.map((lengths) => lengths[part]));
  return { prompt: meanOf('prompt'), candidates: meanOf('candidates'), answer: meanOf('answer') };
}

function encodedLengths(tokenizer: Tokenizer, item: Example, limits: Limits): ItemLengths {
  const { trunk, branches, answer } = encodeExample(tokenizer, item, limits);
  return lengthsFrom(
    trunk.length,
    branches.map(({ tokens }) => tokens.length),
    answer,
  );
}

function characterLengths({ prompt, candidates, answer }: Example, maxLength: number): ItemLengths {
  const tokens = (text: string): number => Math.max(1, text.length / CHARACTERS_PER_TOKEN);
  return lengthsFrom(Math.min(maxLength, tokens(prompt)), candidates.map(tokens), answer);
}

function lengthsFrom(prompt: number, candidates: readonly number[], answer: number): ItemLengths {
  const all = candidates.reduce((sum, tokens) => sum + tokens - 1, 0);
  return { prompt, candidates: all, answer: (candidates[answer] ?? 1) - 1 };
}

type Usual = readonly [items: number, testItems: number, classes: number, prompt: number, candidates: number, answer: number];

/**
 * The sizes of the published data sets (their cards on the Hugging Face hub); the lengths are means over up to 256 of their items in the
 * aligned prompt, by OPT's tokenizer, for tasks of masked models alone RoBERTa's. Of ReCoRD 32 items could be had, of DROP 19.
 */
const USUAL: Readonly<Record<string, Usual>> = {
  sst2: [67_349, 872, 2, 15, 0, 0],
  rte: [2490, 277, 2, 78, 0, 0],
  cb: [250, 56, 3, 95, 0, 0],
  boolq: [9427, 3270, 2, 136, 0, 0],
  wsc: [554, 104, 2, 52, 0, 0],
  wic: [5428, 638, 2, 41, 0, 0],
  multirc: [27_243, 4848, 2, 375, 0, 0],
  copa: [400, 100, 0, 9, 11, 5],
  winogrande: [2558, 1267, 0, 16, 11, 6],
  record: [100_730, 10_000, 0, 222, 328, 26],
  squad: [87_599, 10_570, 0, 201, 4, 4],
  drop: [77_400, 9535, 0, 266, 2, 2],
  sst5: [8544, 2210, 5, 29, 0, 0],
  snli: [550_152, 10_000, 3, 29, 0, 0],
  mnli: [392_702, 9815, 3, 39, 0, 0],
  trec: [5452, 500, 6, 15, 0, 0],
};

function usual(task: string): Usual {
  const known = USUAL[task];
  if (!known) throw new Error(`no usual lengths of task ${task}`);
  return known;
}

function usualLengths(task: string): ItemLengths {
  const [, , , prompt, candidates, answer] = usual(task);
  return { prompt, candidates, answer };
}
