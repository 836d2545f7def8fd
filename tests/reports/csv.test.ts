import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { writeCsv } from '../../reports/index.js';
import { completedRecord, endedRecord, runFolder, untrainedRecord } from './fake-records.js';

type Row = Record<string, string>;

function table(folder: string, name: string): Row[] {
  return parse<Row>(readFileSync(join(folder, name), 'utf8'), { columns: true });
}

describe('writeCsv', () => {
  const reason = 'loss, "grew"\nand grew';
  const done = completedRecord({ steps: 4, evaluateEvery: 2, epsilon: null }, { testAccuracy: 0.813, devScore: 0.75 });
  const ended = endedRecord({ seed: 2 }, 'failed', reason);
  const folder = runFolder([]);
  writeCsv(folder, [ended, done]);
  const [first, second] = table(folder, 'results.csv');

  test('gives every cell a row, in report order', () => {
    expect(table(folder, 'results.csv').map(({ cell }) => cell)).toEqual([done.cell, ended.cell]);
  });

  test('brings every setting back under its own name', () => {
    for (const [name, value] of Object.entries(done.settings))
      expect([name, first?.[name]]).toEqual([name, value === null ? '' : String(value)]);
  });

  test('brings the measurements of a completed cell back', () => {
    expect(first).toMatchObject({
      state: 'completed',
      zeroShotDevScore: '0.6',
      zeroShotTestIntervalLow: '0.58',
      finalDevScore: '0.75',
      finalTestScore: '0.813',
      finalTestIntervalLow: '0.7929999999999999',
      finalTestIntervalHigh: '0.833',
      finalStep: '4',
      forwards: '8',
      backwards: '0',
      trainableParameters: '1000000',
      stepMsMedian: '60',
      stepMsP25: '54',
      stepMsP75: '66',
      peakBytes: '209715200',
      runtimeBytes: '83886080',
      aboveRuntimeBytes: '125829120',
      seconds: '12.5',
      dataSource: 'generated, seed 7',
      generatedData: 'true',
      taskVersion: '1',
      metric: 'accuracy',
      trainItems: '1000',
      devItems: '500',
      testItems: '1000',
      checkpointSource: 'bundled',
      checkpointSha256: 'ab'.repeat(32),
      checkpointBundled: 'true',
      seedLog: `seed-logs/${done.cell}.json`,
      warnings: '',
      zobenchVersion: '0.1.0',
      nodeVersion: 'v20.0.0',
      backendVersion: 'onnxruntime-node 1.30.0',
      commit: '',
      cpu: 'Imagined CPU, 2 cores',
      machineMemoryBytes: '8589934592',
      recordVersion: '5',
      reason: '',
    });
  });

  test('leaves measurements of a failed cell empty, and keeps a reason with commas, quotes and line ends, in one line', () => {
    expect(second).toMatchObject({
      state: 'failed',
      seed: '2',
      reason: 'loss, "grew"\\nand grew',
      finalTestScore: '',
      peakBytes: '',
      generatedData: '',
    });
  });

  test('leaves what only training has empty in cells without it, and brings back what was done instead', () => {
    const other = runFolder([]);
    const demonstrations = { drawn: 32, fewest: 3, mean: 4.25 };
    writeCsv(other, [{ ...untrainedRecord(), demonstrations, probe: { c: 0.5, tried: [] } }]);
    expect(table(other, 'results.csv')[0]).toMatchObject({
      optimizer: 'none',
      learningRate: '',
      epsilon: '',
      steps: '0',
      forwards: '0',
      stepMsMedian: '',
      stepMsP25: '',
      stepMsP75: '',
      demonstrationsDrawn: '32',
      demonstrationsFewest: '3',
      demonstrationsMean: '4.25',
      probeC: '0.5',
    });
    expect(first).toMatchObject({ demonstrationsDrawn: '', probeC: '' });
  });

  test('has the same columns whatever the cells', () => {
    const other = runFolder([]);
    writeCsv(other, [ended]);
    const header = (path: string): string | undefined => readFileSync(path, 'utf8').split('\n')[0];
    expect(header(join(other, 'results.csv'))).toBe(header(join(folder, 'results.csv')));
    expect(Object.keys(table(folder, 'curves.csv')[0] ?? {})).toEqual(
      'cell model task scheme optimizer seed step forwards loss devScore'.split(' '),
    );
  });

  test('joins losses and dev accuracies by step', () => {
    const rows = table(folder, 'curves.csv').map(({ seed, step, forwards, loss, devScore }) => [seed, step, forwards, loss, devScore]);
    expect(rows).toEqual([
      ['1', '1', '2', '0.699', ''],
      ['1', '2', '4', '0.698', '0.75'],
      ['1', '3', '6', '0.697', ''],
      ['1', '4', '8', '0.696', '0.75'],
      ['2', '1', '2', '9.5', ''],
    ]);
  });

  test('keeps a dev score of a step without a loss, in its place', () => {
    const other = runFolder([]);
    writeCsv(other, [{ ...done, devCurve: [{ step: 0, forwards: 0, score: 0.5 }] }]);
    expect(table(other, 'curves.csv')[0]).toMatchObject({ step: '0', forwards: '0', loss: '', devScore: '0.5' });
  });

  test('leaves no temporary file behind', () => {
    expect(readdirSync(folder).sort()).toEqual(['curves.csv', 'records', 'results.csv']);
  });
});
