import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { CompletedRecord, CellSettings } from '../records/index.js';
import { writePlots } from '../reports/index.js';

// Draws a reference run's plots of accuracy and memory anew from its results.csv, where its records are not kept:
//   npx tsx scripts/plots-of-csv.ts results/reference/quick
// Plots of the loss need curves, which a table has not; those that are there stay.

type Row = Readonly<Record<string, string>>;

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('name the folder of a run');

const WORDS = ['model', 'task', 'template', 'scheme', 'optimizer', 'data', 'objective', 'schedule'] as const;
const NUMBERS = [
  ...(['seed', 'steps', 'batchSize', 'accumulate', 'learningRate', 'warmup', 'weightDecay', 'epsilon'] as const),
  ...(['trainSize', 'devSize', 'testSize', 'evaluateEvery'] as const),
];

const settingsOf = (row: Row): CellSettings =>
  Object.fromEntries([
    ...WORDS.map((name) => [name, row[name]]),
    ...NUMBERS.map((name) => [name, row[name] === '' ? null : Number(row[name])]),
  ]) as CellSettings;

const scores = (row: Row, name: string) => ({
  dev: { score: Number(row[`${name}DevScore`]) },
  test: { score: Number(row[`${name}TestScore`]) },
});

/** Of a record, what a table has and these plots read. */
const recordOf = (row: Row): unknown => ({
  state: row.state,
  cell: row.cell,
  settings: settingsOf(row),
  metric: row.metric,
  generatedData: row.generatedData === 'true',
  checkpoint: { source: row.checkpointSource, bundled: row.checkpointBundled === 'true' },
  zeroShot: scores(row, 'zeroShot'),
  final: scores(row, 'final'),
  memory: { peakBytes: Number(row.peakBytes) },
  curve: [],
  inputs: {},
});

const rows = parse<Row>(readFileSync(join(folder, 'results.csv')), { columns: true });
console.log(writePlots(folder, rows.map(recordOf) as CompletedRecord[], ['accuracy-by-optimizer', 'accuracy-against-memory']).join('\n'));
