import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';
import { grids } from '../benchmarks/plan/index.js';
import { fixed, grouped, percent, projectFolder, writeFileWhole } from '../engine/index.js';
import { optimizerIds } from '../optimizers/index.js';
import { findingsOf, findingsTable, resultsText, runOf } from '../reports/index.js';
import { mean, sampleStd } from '../statistics/index.js';
import { readRecords } from '../records/index.js';

// Fills the pages' tables from the committed reference runs: npm run readme

type Row = Readonly<Record<string, string>>;

/** The pages that have tables. */
export const PAGES = ['README.md', 'docs/results.md', 'results/reference/README.md'];

/** A page with the lines between `<!-- table: name -->` and `<!-- end -->` made anew. Throws where a name is unknown. */
export function withTables(page: string): string {
  return page.replace(/(<!-- table: (.+?) -->\n)[^]*?(<!-- end -->)/g, (_, begin: string, name: string, end: string) => {
    const make = tables[name];
    if (!make) throw new Error(`no table is called ${name}`);
    return `${begin}\n${make()}\n\n${end}`;
  });
}

const tables: Readonly<Record<string, () => string>> = {
  three: () =>
    accuracyTable(
      readCsv('results/reference/quick/results.csv').filter(({ optimizer = '' }) => THREE.includes(optimizer)),
      false,
    ),
  quick: () => accuracyTable(readCsv('results/reference/quick/results.csv')),
  schemes: () => schemeTable(readCsv('results/reference/schemes/results.csv')),
  'full sst2': () => matrixTable('sst2'),
  'full copa': () => matrixTable('copa'),
  'full winogrande': () => matrixTable('winogrande'),
  findings: () => findingsTable(findingsOf(runOf(readRecords(FULL).records, [FULL]))),
  minis: () => trainedTable(rowsOf(MINIS)),
  tinystories: () => accuracyTable(readCsv('results/reference/tinystories/results.csv')),
};

/** A first-order baseline, forward mode, and MeZO's. */
const THREE = ['fo-adam', 'forward-grad', 'zo-sgd'];

const FULL = join(projectFolder, 'results/reference/full');

const MINIS = join(projectFolder, 'results/reference/minis');

/** Runs that are kept with all their records. */
export const PACKED_RUNS = [FULL, MINIS];

const rowsOf = (run: string): Row[] => parse(resultsText(readRecords(run).records), { columns: true });

function readCsv(file: string): Row[] {
  return parse(readFileSync(join(projectFolder, file), 'utf8'), { columns: true });
}

const columnOf = ({ model = '', scheme = '' }: Row): string => `${basename(model)}, ${scheme}`;

/** Mean ± standard deviation of the test accuracy over seeds: a line per optimizer, a column per model and scheme. */
function accuracyTable(rows: readonly Row[], withZeroShot = true): string {
  const columns = distinct(rows.map(columnOf));
  const cells = (optimizer: string): string[] =>
    columns.map((column) => {
      const seeds = rows.filter((row) => row.optimizer === optimizer && columnOf(row) === column);
      return meanAndDeviation(seeds);
    });
  const zeroShot = columns.map((column) => zeroShotOf(rows.filter((row) => columnOf(row) === column)));
  return markdown(
    ['optimizer', ...columns, 'forward passes', 'backward passes', 'steps'],
    [
      ...(withZeroShot ? [['*zero-shot*', ...zeroShot, '', '', '']] : []),
      ...optimizerIds
        .filter((id) => rows.some(({ optimizer }) => optimizer === id))
        .map((optimizer) => {
          const own = rows.filter((row) => row.optimizer === optimizer && row.state === 'completed');
          return [`\`${optimizer}\``, ...cells(optimizer), spent(own, 'forwards'), spent(own, 'backwards'), spent(own, 'steps')];
        }),
    ],
  );
}

const zeroShotOf = (rows: readonly Row[]): string =>
  percent(mean(rows.filter(({ state }) => state === 'completed').map((row) => Number(row.zeroShotTestScore))));

/** Test accuracy or F1 of one seed, ZO-SGD / FO-Adam: a line per task and scheme, a column per model. */
function schemeTable(rows: readonly Row[]): string {
  const [grid] = grids.schemes ?? [];
  if (!grid) throw new Error('there is no grid schemes');
  const shown = (row: Row | undefined): string => (row?.state === 'completed' ? percent(Number(row.finalTestScore)) : (row?.state ?? '–'));
  const cell = (model: string, task: string, scheme: string): string => {
    const own = rows.filter((row) => row.model === model && row.task === task && row.scheme === scheme);
    return distinct(own.map(({ optimizer = '' }) => optimizer))
      .sort((a, b) => grid.optimizers.indexOf(a) - grid.optimizers.indexOf(b))
      .map((optimizer) => shown(own.find((row) => row.optimizer === optimizer)))
      .join(' / ');
  };
  const lines = grid.tasks.flatMap((task) =>
    grid.schemes.map((scheme) => [`\`${task}\``, `\`${scheme}\``, ...grid.models.map((model) => cell(model, task, scheme) || '–')]),
  );
  return markdown(
    ['task', 'scheme', ...grid.models],
    lines.filter((line) => line.slice(2).some((text) => text !== '–')),
  );
}

/** What full fine-tuning makes of each model: a line per model and task, accuracy and learning rate of each optimizer. */
function trainedTable(rows: readonly Row[]): string {
  const optimizers = optimizerIds.filter((id) => rows.some(({ optimizer }) => optimizer === id));
  const lines = distinct(rows.map(({ model = '', task = '' }) => `${model} ${task}`)).map((name) => {
    const here = rows.filter(({ model, task }) => name === `${model} ${task}`);
    const cells = optimizers.flatMap((id) => {
      const own = here.filter(({ optimizer }) => optimizer === id);
      return [meanAndDeviation(own), distinct(own.map(({ learningRate = '' }) => learningRate)).join(', ')];
    });
    return [...name.split(' ').map((part) => `\`${part}\``), zeroShotOf(here), ...cells];
  });
  return markdown(['model', 'task', 'zero-shot', ...optimizers.flatMap((id) => [`\`${id}\``, 'rate'])], lines);
}

/** A task of the full grid: a line per model and scheme, a column per optimizer of ZO-Bench. */
function matrixTable(task: string): string {
  const [matrix] = grids.full ?? [];
  if (!matrix || matrix.optimizers === 'all') throw new Error('there is no grid full');
  const { optimizers, schemes, models } = matrix;
  const rows = rowsOf(FULL).filter((row) => row.task === task && row.template === 'aligned');
  const lines = models.flatMap((model) =>
    schemes.map((scheme) => {
      const here = rows.filter((row) => row.model === model && row.scheme === scheme);
      const cells = optimizers.map((optimizer) => meanAndDeviation(here.filter((row) => row.optimizer === optimizer)));
      return { here, line: [`\`${model}\``, `\`${scheme}\``, zeroShotOf(here), ...cells] };
    }),
  );
  return markdown(
    ['model', 'scheme', 'zero-shot', ...optimizers.map((optimizer) => `\`${optimizer}\``)],
    lines.filter(({ here }) => here.length > 0).map(({ line }) => line),
  );
}

function meanAndDeviation(seeds: readonly Row[]): string {
  const ended = seeds.filter(({ state }) => state !== 'completed').map(({ state = '' }) => state);
  if (ended.length > 0) return distinct(ended).join(', ');
  if (seeds.length === 0) return '–';
  const shares = seeds.map(({ finalTestScore }) => 100 * Number(finalTestScore));
  const deviation = sampleStd(shares);
  if (deviation === null) throw new Error('a table needs several seeds of every optimizer, model and scheme');
  return `${fixed(mean(shares), 1)} ± ${fixed(deviation, 1)}`;
}

/** Mean by model and scheme; one figure where they are all the same. */
const spent = (rows: readonly Row[], column: string): string => {
  const keys = distinct(rows.map(columnOf));
  const means = keys.map((key) => mean(rows.filter((row) => columnOf(row) === key).map((row) => Number(row[column]))));
  return distinct(means.map((value) => grouped(value))).join(' / ');
};
const distinct = (values: readonly string[]): string[] => [...new Set(values)];

function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = header.map((_, column) => (column === 0 ? '---' : '---:'));
  return [header, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const page of PAGES.map((name) => join(projectFolder, name))) writeFileWhole(page, withTables(readFileSync(page, 'utf8')));
}
