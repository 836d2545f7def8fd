import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { InputError } from '../../engine/index.js';
import type { FileSet, Format } from './data-set.js';
import { readJsonl, readParquet } from './rows.js';

/** Folders that a repository of the hub, or its converted branch, keeps its files in. */
const FOLDERS = ['', 'data', 'plain_text', 'default'];

/** The forms that the hub has a data set in: Parquet files, or JSON lines (SetFit's). */
export const hub = <Item>(row: z.ZodType<readonly Item[]>, test = 'validation'): Format<Item>[] => [
  { train: parquetFiles('train'), test: parquetFiles(test), read: readParquet, row },
  {
    train: 'train.jsonl',
    test: jsonLines(test),
    read: readJsonl,
    row,
  },
];

/** `train-00000-of-00001.parquet`, a hash behind it or not, or the converted branch's `train/0000.parquet`. */
const parquetFiles = (split: string): FileSet => ({
  description: `${split}-*.parquet or ${split}/*.parquet`,
  find(folder) {
    const named = new RegExp(`^${split}(-(?<part>\\d{5})-of-(?<of>\\d{5})(-[0-9a-z]+)?)?\\.parquet$`);
    for (const place of FOLDERS.map((name) => join(folder, name))) {
      for (const [parent, pattern] of [
        [place, named],
        [join(place, split), /^(?<part>\d{4})\.parquet$/],
      ] as const) {
        const files = matching(parent, pattern);
        if (files.length > 0) return complete(parent, files, pattern);
      }
    }
    return [];
  },
});

const jsonLines = (split: string): FileSet =>
  firstOf(split === 'test' ? ['test.jsonl'] : [...new Set([`${split}.jsonl`, 'validation.jsonl', 'dev.jsonl'])]);

/** The first that is there. */
const firstOf = (names: readonly string[]): FileSet => ({
  description: names.join(' or '),
  find: (folder) =>
    names
      .map((name) => join(folder, name))
      .filter((file) => existsSync(file))
      .slice(0, 1),
});

function matching(folder: string, pattern: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => pattern.test(file))
    .sort();
}

/** A part that is missing, or two downloads side by side, would be a data set of another size. */
function complete(folder: string, names: readonly string[], pattern: RegExp): string[] {
  const { of = String(names.length) } = pattern.exec(names[0] ?? '')?.groups ?? {};
  const isWhole = names.length === Number(of) && names.every((name, index) => Number(pattern.exec(name)?.groups?.part ?? 0) === index);
  if (isWhole) return names.map((name) => join(folder, name));
  throw new InputError(`${folder}: ${names.join(', ')}: each part is needed once, from the first to the last`);
}
