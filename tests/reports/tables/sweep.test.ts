import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { CellRecord } from '../../../records/record.js';
import { exhibits, markdownBody, runOf, type RecordedRuns, type Table } from '../../../reports/tables/index.js';
import { along } from '../../../reports/tables/sweep.js';
import { completedRecord, runFolder } from '../fake-records.js';

/** A figure's numbers, and what its charts draw: by file, the points of each curve. */
function figure(id: string, run: RecordedRuns): { table: Table; curves: Record<string, unknown[]> } {
  const exhibit = exhibits.find(({ make }) => make(run).id === id);
  if (!exhibit) throw new Error(`no figure ${id}`);
  const table = exhibit.make(run);
  const charts = Object.entries(exhibit.charts?.(table, run) ?? {});
  return { table, curves: Object.fromEntries(charts.map(([name, { data }]) => [name, data.datasets.map((curve) => curve.data)])) };
}

const records = (accuracies: Record<string, number>, scheme = 'full'): CellRecord[] =>
  Object.entries(accuracies).map(([optimizer, testAccuracy]) => completedRecord({ optimizer, scheme }, { testAccuracy }));

test('an option is read off the name where nothing else is varied', () => {
  const sparsity = along('zo-sgd', 'sparsity', 0);
  const names = ['zo-sgd', 'zo-sgd:sparsity=0.5', 'zo-sgd:sparsity=0.5:mask=wanda', 'zo-sgd:q=4', 'zo-adam'];
  expect(names.map(sparsity)).toEqual([0, 0.5, null, null, null]);
  expect(names.map(along('zo-sgd', 'sparsity', 0, { mask: 'wanda' }))).toEqual([0, null, 0.5, null, null]);
});

describe('a figure', () => {
  test('has a row for each value in order and a column for each curve of two points at least', () => {
    const run = runOf(
      records({ 'zo-sgd:q=16': 0.9, 'zo-sgd:q=4': 0.8, 'zo-sgd': 0.7, 'forward-grad': 0.75, 'forward-grad:q=4': 0.85, 'zo-adam': 0.1 }),
    );
    const { table, curves } = figure('zo-bench-query-budget', run);
    expect(markdownBody(table).split('\n')).toEqual([
      '| directions per step, q | opt-mini, sst2, full, Forward-Grad, accuracy (%) | opt-mini, sst2, full, ZO-SGD, accuracy (%) |',
      '| --- | ---: | ---: |',
      '| 1 | 75.0 | 70.0 |',
      '| 4 | 85.0 | 80.0 |',
      '| 16 | – | 90.0 |',
    ]);
    expect(curves).toEqual({
      'zo-bench-query-budget': [
        [
          { x: 1, y: 75 },
          { x: 4, y: 85 },
        ],
        [
          { x: 1, y: 70 },
          { x: 4, y: 80 },
          { x: 16, y: 90 },
        ],
      ],
    });
  });

  test('draws a chart for each unit, and none where nothing was varied', () => {
    const varied = figure('zo-bench-hybrid', runOf(records({ 'zo-fo-sgd:k=0': 0.9, 'zo-fo-sgd': 0.8 })));
    expect(varied.curves).toEqual({
      'zo-bench-hybrid-1': [
        [
          { x: 0, y: 90 },
          { x: 1, y: 80 },
        ],
      ],
      'zo-bench-hybrid-2': [
        [
          { x: 0, y: 120 },
          { x: 1, y: 120 },
        ],
      ],
    });
    expect(figure('zo-bench-hybrid', runOf(records({ 'zo-fo-sgd': 0.8 }))).curves).toEqual({});
  });

  test('of masks begins each curve with the dense estimate', () => {
    const { curves } = figure(
      'zo-bench-sparsity',
      runOf(records({ 'zo-sgd': 0.7, 'zo-sgd:sparsity=0.5': 0.8, 'zo-sgd:sparsity=0.9:mask=wanda': 0.6 })),
    );
    expect(curves['zo-bench-sparsity']).toEqual([
      [
        { x: 0, y: 70 },
        { x: 0.5, y: 80 },
      ],
      [
        { x: 0, y: 70 },
        { x: 0.9, y: 60 },
      ],
    ]);
  });

  test('of bars has a panel for each of the two harder tasks that the run has', () => {
    const { curves } = figure('zo-bench-figure-1', runOf([completedRecord({ task: 'copa' }), completedRecord({ task: 'sst2' })]));
    expect(curves).toEqual({ 'zo-bench-figure-1-opt-mini-copa': [[80]] });
  });
});

describe('memory by sequence length', () => {
  const withStudy = (text: string): RecordedRuns => {
    const folder = runFolder([]);
    writeFileSync(join(folder, 'memory-by-length.csv'), text);
    return runOf([], [folder]);
  };

  test("comes out of the run folder's memory study: what was measured, before what was predicted", () => {
    const { table, curves } = figure(
      'zo-bench-memory-by-length',
      withStudy(
        `optimizer,length,kind,peakMib\n${['fo-sgd,128', 'zo-sgd,128', 'zo-sgd,64'].map((place) => `${place},predicted,90\n`).join('')}` +
          'fo-sgd,128,measured,300\nzo-sgd,128,measured,110\nzo-sgd,64,measured,100\nfo-sgd,64,measured,200\nfo-sgd,64,measured,204\n',
      ),
    );
    expect(curves).toEqual({
      'zo-bench-memory-by-length': [
        [
          { x: 64, y: 202 },
          { x: 128, y: 300 },
        ],
        [
          { x: 64, y: 100 },
          { x: 128, y: 110 },
        ],
      ],
    });
    expect(markdownBody(table)).toContain('| 64 | 202 ± 3 (n=2) | 100 (n=1) |');
  });

  test('says so where there is none, and where a line of it is wrong', () => {
    expect(figure('zo-bench-memory-by-length', runOf([])).table.caption).toEqual([
      'Empty: the run folder holds no memory study (memory-by-length.csv).',
    ]);
    expect(() => figure('zo-bench-memory-by-length', withStudy('optimizer,length,kind,peakMib\nfo-sgd,x,measured,300\n'))).toThrow(
      /memory-by-length\.csv, line 2: not "optimizer,length,kind,peakMib": fo-sgd,x,measured,300/,
    );
  });
});
