import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { comparisonChart } from '../../../reports/compare/plot.js';
import { compare } from '../../../reports/compare/comparison.js';
import { writeComparison, type ChosenRate } from '../../../reports/index.js';
import { completedRecord, endedRecord, fakeRun, runFolder } from '../fake-records.js';

const records = [
  ...fakeRun({ optimizers: ['./a|b/mine.ts', 'zo-sgd', 'zo-adam'], schemes: ['full', 'lora'], seeds: 3 }),
  endedRecord({ optimizer: 'zo-adam', seed: 4 }),
  completedRecord({ optimizer: './a|b/mine.ts', seed: 4 }),
];
const contest = { candidates: ['./a|b/mine.ts'], baselines: ['zo-sgd', 'zo-adam'] };
const rate = (optimizer: string, source: ChosenRate['source'], atEnd = false): ChosenRate[] =>
  ['full', 'lora'].map((scheme) => ({ model: 'opt-mini', task: 'sst2', scheme, optimizer, learningRate: 1e-6, source, atEnd }));

const untuned = {
  command: 'npm run compare -- --candidate ./mine.ts',
  trials: null,
  rates: [...rate('./a|b/mine.ts', 'declared'), ...rate('zo-sgd', 'known'), ...rate('zo-adam', 'known')],
};
const tuned = { ...untuned, trials: 5, rates: [...rate('zo-sgd', 'tuned', true), ...rate('zo-adam', 'tuned')] };

describe('the files of a comparison', () => {
  const folder = runFolder([]);
  let summary = '';
  beforeAll(async () => {
    ({ summary } = await writeComparison(folder, records, contest, untuned));
  });
  const rows = (name: string): Record<string, string>[] => parse(readFileSync(join(folder, name), 'utf8'), { columns: true });

  test('compare.md begins with the answer to each comparison and what it must be read with', () => {
    const text = readFileSync(join(folder, 'compare.md'), 'utf8');
    expect(text).toContain(summary);
    expect(summary).toMatch(/^\*\*a\|b\/mine\.ts against zo-sgd: /m);
    expect(summary).toMatch(/^- \*\*NOT TUNED FOR THIS COMPARISON: /m);
    expect(summary).toContain('tuned nowhere: a|b/mine.ts.');
    expect(summary).toContain('at another budget: zo-adam, zo-sgd.');
    expect(summary).toContain('did not complete: zo-adam 1.');
    expect(summary).toContain('Made with generated data, bundled mini model.');
    expect(text).toContain('`npm run compare -- --candidate ./mine.ts`');
  });

  test('every row of a table has as many cells as its header', () => {
    const lines = readFileSync(join(folder, 'compare.md'), 'utf8').split('\n');
    const widths = lines.map((line) => (line.startsWith('|') ? line.replaceAll('\\|', '').split('|').length : 0));
    widths.forEach((width, index) => {
      const above = widths[index - 1] ?? 0;
      if (width > 0 && above > 0) expect(width).toBe(above);
    });
    expect(widths.filter((width) => width > 0).length).toBeGreaterThan(20);
  });

  test('compare.csv has a row for each comparison, compare-cells.csv for each cell of it, in shares', () => {
    const all = rows('compare.csv');
    expect(all.map(({ baseline, cells, pairs, failedBaseline }) => [baseline, cells, pairs, failedBaseline])).toEqual([
      ['zo-sgd', '2', '6', '0'],
      ['zo-adam', '2', '6', '1'],
    ]);
    const [first] = compare(records, contest);
    expect(Number(all[0]?.difference)).toBe(first?.difference.mean);
    expect(Number(all[0]?.intervalLow)).toBe(first?.difference.interval?.[0]);
    expect(
      rows('compare-cells.csv').map(({ baseline, scheme, candidateLearningRate }) => [baseline, scheme, candidateLearningRate]),
    ).toEqual(['zo-sgd', 'zo-adam'].flatMap((baseline) => ['full', 'lora'].map((scheme) => [baseline, scheme, '0.000001'])));
  });

  test('the plot has ink in the colours of both comparisons', async () => {
    const image = await loadImage(readFileSync(join(folder, 'plots', 'compare.png')));
    const canvas = createCanvas(image.width, image.height);
    canvas.getContext('2d').drawImage(image, 0, 0);
    const pixels = canvas.data();
    const count = (colour: number) =>
      Array.from({ length: pixels.length / 4 }, (_, k) => pixels.readUIntBE(4 * k, 3)).filter((c) => c === colour);
    expect(count(0x0072b2).length).toBeGreaterThan(300);
    expect(count(0xd55e00).length).toBeGreaterThan(300);
  });
});

test('the plot has a line for all cells and one for each, in points', () => {
  const { labels, datasets } = comparisonChart(compare(records, contest)).data;
  expect(labels).toEqual([
    'a|b/mine.ts − zo-sgd, all 2 cells',
    'opt-mini sst2 full',
    'opt-mini sst2 lora',
    'a|b/mine.ts − zo-adam, all 2 cells',
    'opt-mini sst2 full',
    'opt-mini sst2 lora',
  ]);
  const [first] = compare(records, contest);
  expect(datasets[0]?.data[0]).toEqual(first?.difference.interval?.map((end) => 100 * end));
});

test('with a search the report says how it was done, and which rates lie at its end', async () => {
  const { summary } = await writeComparison(runFolder([]), records, contest, tuned);
  expect(summary).not.toContain('NOT TUNED');
  expect(summary).toContain('Tuned equally: each optimizer had 5 learning rates in each cell');
  expect(summary).toContain('In 2 of 4 searches the best rate is the largest or smallest tried (†)');
});

test.each([
  [
    3,
    "With 3 pairs Wilcoxon's p can never be below 0.25: nothing can be shown to be better or worse at 0.05 with fewer than 6 pairs (--seeds).",
  ],
  [6, "With 6 pairs Wilcoxon's p can never be below 0.031; 6 pairs are the fewest that can reach 0.05."],
])('%i pairs: the report says what they can show', async (seeds, line) => {
  const run = fakeRun({ optimizers: ['mine', 'zo-sgd'], schemes: ['full'], seeds });
  const { summary } = await writeComparison(runFolder([]), run, { candidates: ['mine'], baselines: ['zo-sgd'] }, untuned);
  expect(summary).toContain(line);
});

test('nothing to compare is said, and drawn without a figure', async () => {
  const folder = runFolder([]);
  const ended = ['mine', 'zo-sgd'].map((optimizer) => endedRecord({ optimizer }));
  const { summary } = await writeComparison(folder, ended, { candidates: ['mine'], baselines: ['zo-sgd'] }, untuned);
  expect(summary).toContain('**mine against zo-sgd: nothing to compare.** No seed completed with both.');
  expect(summary).not.toMatch(/NaN|undefined/);
  expect(existsSync(join(folder, 'plots', 'compare.png'))).toBe(true);
});

test('the page has the comparison: the answer, what it must be read with, a row per cell, and the plot', async () => {
  const folder = runFolder([]);
  await writeComparison(folder, records, contest, untuned);
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(page).toMatch(/<a href="#overview">Overview<\/a><\/li><li><a href="#comparison">/);
  expect(page).toMatch(/<p><strong>[^<]+ against zo-sgd: [^<]+\.<\/strong> /);
  expect(page).toContain('<li>NOT TUNED FOR THIS COMPARISON');
  const [, table = ''] = /id="comparison-table">([^]*?)<\/table>/.exec(page) ?? [];
  expect(table.match(/<tr>/g)?.length).toBe(1 + parse(readFileSync(join(folder, 'compare-cells.csv'), 'utf8'), { columns: true }).length);
  const [, svg = ''] = /src="data:image\/svg\+xml;base64,([^"]+)"/.exec(page) ?? [];
  expect(Buffer.from(svg, 'base64').toString('utf8')).toBe(readFileSync(join(folder, 'plots/compare.svg'), 'utf8'));
});
