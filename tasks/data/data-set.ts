import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { firstIssue, InputError } from '../../engine/index.js';
import type { Items, Located } from '../define.js';
import { isHeldOut, type HeldOut } from './held-out.js';
import type { Row } from './rows.js';

/** Files that are one whole, perhaps in parts. */
export interface FileSet {
  /** What they are called, for complaints. */
  readonly description: string;
  /** Their paths in a folder, none where they are not there. Throws InputError where some are missing. */
  find(folder: string): string[];
}

/** A form that a data set comes in: the names of its files, how they are read, and what a row must be. */
export interface Format<Item> {
  readonly train: string | FileSet;
  /** Of the items that the test set is drawn from. */
  readonly test: string | FileSet | HeldOut<Item>;
  readonly read: (file: string) => Row[] | Promise<Row[]>;
  /** A row may hold several items, or none that counts. */
  readonly row: z.ZodType<readonly Item[]>;
}

/** The data of a task are not where they are looked for. */
export class NoDataError extends InputError {}

/**
 * Reads the first of the formats that is there, in a folder of one of the names below the data folder, or in the data folder itself.
 * @throws NoDataError where none is there, InputError naming file, line and field.
 */
export function dataSet<Item>(names: readonly string[], formats: readonly Format<Item>[]): (folder: string) => Promise<Items<Item>> {
  return async (folder) => {
    for (const place of [...names.map((name) => join(folder, name)), folder]) {
      for (const format of formats) {
        const items = await readFormat(place, format);
        if (items) return items;
      }
    }
    const wanted = formats
      .map(({ train, test }) => (isSplitOff(test) ? fileNames(train) : `${fileNames(train)} with ${fileNames(test)}`))
      .join(', or ');
    throw new NoDataError(`${folder} has no ${names[0] ?? ''}: ${wanted}, in ${names.join('/, ')}/ or directly in the folder (--data)`);
  };
}

/** Undefined where the folder does not have such files. */
async function readFormat<Item>(folder: string, format: Format<Item>): Promise<Items<Item> | undefined> {
  const train = matches(folder, format.train);
  if (train.length === 0) return undefined;
  if (isSplitOff(format.test)) return splitOff(await readAll(train, format), format.test, train);
  const test = matches(folder, format.test);
  if (test.length === 0) return undefined;
  return { train: await readAll(train, format), test: await readAll(test, format), files: [...train, ...test] };
}

const isSplitOff = <Item>(test: Format<Item>['test']): test is HeldOut<Item> => typeof test === 'object' && 'by' in test;

function splitOff<Item>(all: readonly Located<Item>[], { by }: HeldOut<Item>, files: readonly string[]): Items<Item> {
  return { train: all.filter(({ item }) => !isHeldOut(by(item))), test: all.filter(({ item }) => isHeldOut(by(item))), files };
}

function matches(folder: string, files: string | FileSet): string[] {
  if (typeof files !== 'string') return files.find(folder);
  return existsSync(join(folder, files)) ? [join(folder, files)] : [];
}

const fileNames = (files: string | FileSet): string => (typeof files === 'string' ? files : files.description);

async function readAll<Item>(files: readonly string[], { read, row }: Format<Item>): Promise<Located<Item>[]> {
  const rows: Row[] = [];
  // One by one: as arguments of a single push, those of MNLI would be too many.
  for (const file of files) for (const one of await read(file)) rows.push(one);
  if (rows.length === 0) throw new InputError(`${files.join(', ')}: there is no item`);
  return rows.flatMap((one) => itemsOf(one, row));
}

/** @throws InputError naming the row's place and the field that is wrong. */
export function itemsOf<Item>({ value, place }: Row, schema: z.ZodType<readonly Item[]>): Located<Item>[] {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data.map((item) => ({ item, place }));
  throw new InputError(`${place}: ${firstIssue(parsed.error)}`);
}
