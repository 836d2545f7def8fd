import { describe, expect, test } from '@jest/globals';
import type { Cell } from '../../../benchmarks/plan/index.js';
import { standingOf } from '../../../benchmarks/run/standing.js';
import type { CompletedRecord, Inputs } from '../../../records/index.js';
import { completedRecord } from '../../reports/fake-records.js';

const model = { 'config.json': 'a'.repeat(64) };

/** What is said of a record beside the cell it was run as. */
function standing(now: Inputs, record: Partial<CompletedRecord>) {
  const recorded = { ...completedRecord({ seed: 0 }), ...record };
  const cell: Cell = { id: recorded.cell, settings: recorded.settings, places: {}, inputs: now };
  const { isDone, notes } = standingOf([cell], new Map([[cell.id, recorded]]), false);
  return { done: isDone(cell), notes };
}

describe("a record of another version of its task's prompts does not stand", () => {
  test.each([
    ['as its inputs say', { inputs: { model, taskVersion: 1 } }],
    ['where only the record itself says so', { inputs: { model }, taskVersion: 1 }],
  ])('%s', (_, record) => {
    expect(standing({ model, taskVersion: 2 }, record)).toEqual({
      done: false,
      notes: ['1 cell runs again: version of task sst2 has changed'],
    });
  });

  test('and one of the same does', () => {
    expect(standing({ model, taskVersion: 2 }, { inputs: { model }, taskVersion: 2 })).toEqual({ done: true, notes: [] });
  });
});
