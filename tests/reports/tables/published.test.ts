import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { exhibits, runOf } from '../../../reports/tables/index.js';
import { SOURCES } from '../../../reports/tables/sources.js';
import { sharedFolder } from '../../support/shared.js';

const EMPTY = runOf([]);
const tables = new Map(exhibits.map(({ make }) => make(EMPTY)).map((table) => [table.id, table]));

/** The published values of a table by row and column, as `value`, `value±std` or `value GB`. */
function publishedIn(id: string): Record<string, string> {
  const { rows = [], columns = [] } = tables.get(id) ?? {};
  const entries = rows.flatMap(({ key, cells }) =>
    cells.flatMap(({ published }, index) => {
      if (!published) return [];
      const { value, std, unit } = published;
      return [
        [`${key} ${columns[index]?.key ?? ''}`, `${value}${std === undefined ? '' : `±${std}`}${unit === undefined ? '' : ` ${unit}`}`],
      ];
    }),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}

describe('published values', () => {
  test('are only of papers that were read: these tags and no other', () => {
    const tags = [...tables.values()].flatMap(({ rows }) =>
      rows.flatMap(({ cells }) => cells.flatMap(({ published }) => published?.source ?? [])),
    );
    expect([...new Set(tags)].sort()).toEqual(['card', 'mezo', 'qzo', 'relizo']);
    expect(Object.keys(SOURCES).sort()).toEqual(['card', 'mezo', 'qzo', 'relizo']);
    expect(JSON.stringify(SOURCES)).not.toMatch(/recall|memory/i);
  });

  test("are missing where ZO-Bench's own could not be read", () => {
    const without = ['zo-bench-figure-1', 'zo-bench-table-3', 'zo-bench-efficiency', 'zo-bench-alignment', 'zo-bench-block-wise'];
    for (const id of [...without, 'zo-bench-hybrid', 'zo-bench-sparsity', 'zo-bench-query-budget']) expect(publishedIn(id)).toEqual({});
    expect(publishedIn('zo-bench-table-2')).not.toHaveProperty(['zo-sgd-mmt opt/full']);
  });
});

const notes = join(sharedFolder, 'reference/anchors.md');
const areThere = existsSync(notes);
if (!areThere) console.warn(`skipped: no transcript of the papers in ${notes}`);

/** The lines of the transcript between two texts. */
function linesBetween(from: string, to: string): string[] {
  const text = readFileSync(notes, 'utf8');
  const start = text.indexOf(from);
  return text.slice(start, text.indexOf(to, start)).split('\n');
}

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
const METHODS: Readonly<Record<string, string>> = {
  'Zero-shot': 'zero-shot',
  'zero-shot': 'zero-shot',
  ICL: 'icl',
  LP: 'lp',
  MeZO: 'mezo',
  'MeZO LoRA': 'mezo-lora',
  'MeZO prefix': 'mezo-prefix',
  'MeZO-Adam': 'mezo-adam',
  FT: 'ft',
  'FT LoRA': 'ft-lora',
  'FT prefix': 'ft-prefix',
  'FT Adam (12x mem)': 'ft',
};
/** Values by row and column as `publishedIn` gives them. */
const grid = (rows: readonly (readonly [string, readonly string[]])[], columns: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    rows.flatMap(([row, values]) =>
      values.flatMap((value, index) => (value === '' ? [] : [[`${row} ${columns[index] ?? ''}`, value.replace(/^(\d+)\.0$/, '$1')]])),
    ),
  );

(areThere ? describe : describe.skip)("published values are the transcript's", () => {
  const columns = ['roberta/full', 'roberta/lora', 'roberta/prefix', 'roberta/prompt', 'opt/full', 'opt/lora', 'opt/prefix', 'opt/prompt'];
  const ours = (tag: (cell: string) => string): Record<string, string> =>
    grid(
      linesBetween('| FO-SGD | 91.4 V', "ReLIZO's own row")
        .map(cellsOf)
        .filter(([name]) => name)
        .map(([name = '', ...cells]) => [name.toLowerCase(), cells.map(tag)] as const),
      columns,
    );

  test("ZO-Bench's Table 2: every verified cell, and no cell that is not", () => {
    expect(Object.keys(publishedIn('zo-bench-table-2'))).toHaveLength(17);
    expect(publishedIn('zo-bench-table-2')).toEqual(ours((cell) => /^([\d.]+) V/.exec(cell)?.[1] ?? ''));
    expect(publishedIn('zo-bench-table-2-memory')).toEqual(
      ours((cell) => (/ V \(([\d.]+)\)/.exec(cell)?.[1] ?? '').replace(/(.+)/, '$1 GB')),
    );
  });

  test("MeZO's Table 1", () => {
    const rows = linesBetween('| Zero-shot | 58.8', 'T2/T20')
      .filter((line) => line.startsWith('|'))
      .map(cellsOf);
    const tasks = ['sst2', 'rte', 'cb', 'boolq', 'wsc', 'wic', 'multirc', 'copa', 'record', 'squad', 'drop'];
    expect(rows).toHaveLength(7);
    expect(publishedIn('mezo-table-1')).toEqual(
      grid(
        rows.map(([name = '', ...values]) => [`opt/${METHODS[name] ?? name}`, values]),
        tasks,
      ),
    );
  });

  test("MeZO's Table 18", () => {
    const rows = linesBetween('| zero-shot | 79.0', 'Ablations')
      .filter((line) => line.startsWith('|'))
      .map(cellsOf);
    const named = rows.map(([name = '', ...values]) => {
      const [, shots = 'none', method = ''] = /^(k\d+)? ?(.+)$/.exec(name) ?? [];
      const printed = values.map((value) => value.replace(/(\d)\.0\b/g, '$1').replace(/\((.+)\)/, '±$1'));
      return [`${shots}/roberta/${METHODS[method] ?? method}`, printed] as const;
    });
    expect(rows).toHaveLength(17);
    expect(publishedIn('mezo-table-18')).toEqual(grid(named, ['sst2', 'sst5', 'snli', 'mnli', 'rte', 'trec']));
  });

  test("MeZO's memory", () => {
    const [line = ''] = linesBetween('Memory T22', 'Forward-AD');
    const rows = [...line.matchAll(/([\d.]+B) ([\d-]+)\|([\d-]+)\|([\d-]+)\|([\d-]+)/g)].map(([, size = '', ...values]) => {
      return [`${size.toLowerCase()}/multirc`, values.map((value) => (value === '-' ? '' : `${value} GB`))] as const;
    });
    expect(rows).toHaveLength(6);
    expect(publishedIn('mezo-table-22')).toEqual(grid(rows, ['mezo', 'icl', 'ft-prefix', 'ft']));
  });

  test("QZO's Table 1", () => {
    const methods = ['ft', 'zero-shot', 'zero-shot-q', 'mezo', 'qzo'];
    const models: Readonly<Record<string, string>> = { 'OPT-6.7B': 'opt', 'Llama-2-7B': 'llama', 'Llama-3.1-8B': 'llama-3.1' };
    const rows = linesBetween('| OPT-6.7B | 95.4', 'T2 trainable')
      .map(cellsOf)
      .filter(([name]) => name);
    const values = rows.flatMap(([model = '', ...cells]) =>
      cells.map((cell, index) => {
        const [, scores = '', memory] = /^([\d. ]+?)(?: \(([\d.]+)(?:GB)?\))?$/.exec(cell) ?? [];
        return [
          `${models[model] ?? model}/${methods[index] ?? ''}`,
          [...scores.split(' '), memory === undefined ? '' : `${Number(memory)} GB`],
        ] as const;
      }),
    );
    expect(values).toHaveLength(15);
    expect(publishedIn('qzo-table-1')).toEqual(grid(values, ['sst2', 'rte', 'cb', 'boolq', 'squad', 'sst2/memory']));
  });
});
