import { describe, expect, test } from '@jest/globals';
import { recordSchema } from '../../records/record-schema.js';
import { type CompletedRecord } from '../../records/record.js';
import { completedRecord, endedRecord } from '../reports/fake-records.js';

const whole: CompletedRecord = { ...completedRecord(), testAnswers: '1'.repeat(800) + '-'.repeat(10) + '0'.repeat(200) };

/** The fields that a record, changed in one way, is refused for. */
function refused(change: (record: CompletedRecord) => void, record: CompletedRecord = whole): string[] {
  const changed = structuredClone(record);
  change(changed);
  return recordSchema.safeParse(changed).error?.issues.map(({ path }) => path.join('.')) ?? [];
}

test('a record as runs write it is one', () => {
  expect(recordSchema.safeParse(whole).error).toBeUndefined();
  expect(recordSchema.safeParse(endedRecord()).error).toBeUndefined();
});

type Case = readonly [field: string, what: string, change: (record: CompletedRecord) => void];

describe('a record that no run can have written is refused, and the field named:', () => {
  test.each<Case>([
    ['final.test.score', 'an accuracy above 1', ({ final }) => void (final.test.score = 7)],
    ['zeroShot.dev.score', 'an accuracy below 0', ({ zeroShot }) => void (zeroShot.dev.score = -0.1)],
    ['final.dev.score', 'one that is not correct of total', ({ final }) => void (final.dev.score = 0.81)],
    ['devCurve.1.score', 'one above 1 on the way', ({ devCurve }) => void (at(devCurve, 1).score = 1.5)],
    ['final.test.correct', 'a negative count', ({ final }) => void (final.test.correct = -1)],
    ['final.test.correct', 'half an item', ({ final }) => void (final.test.correct = 800.5)],
    ['zeroShot.test.total', 'no items', ({ zeroShot }) => void (zeroShot.test.total = 0)],
    ['splits.train', 'a negative split', ({ splits }) => void (splits.train = -1)],
    ['forwards', 'negative passes', (record) => void (record.forwards = -1)],
    ['trainableParameters', 'negative parameters', (record) => void (record.trainableParameters = -1)],
    ['final.test.interval', 'an interval below its value', ({ final }) => void (final.test.interval = [0.1, 0.2])],
    ['final.test.interval', 'an interval the wrong way round', ({ final }) => void (final.test.interval = [0.9, 0.7])],
    ['final.test.interval.1', 'an interval beyond 1', ({ final }) => void (final.test.interval = [0.7, 1.1])],
    ['memory.peakBytes', 'negative memory', ({ memory }) => void (memory.peakBytes = -5)],
    ['memory.aboveRuntimeBytes', 'memory that does not add up', ({ memory }) => void (memory.peakBytes += 1)],
    ['seconds', 'negative time', (record) => void (record.seconds = -1)],
    ['stepMs.median', 'negative time of a step', (record) => void (record.stepMs = { median: -1, p25: 0, p75: 0 })],
    ['stepMs', 'quartiles out of order', (record) => void (record.stepMs = { median: 5, p25: 6, p75: 7 })],
    ['startedAt', 'a date that is none', (record) => void (record.startedAt = 'yesterday')],
    ['final.step', 'a step beyond the steps', ({ final }) => void (final.step = 201)],
    ['final.step', 'a step of 2^60', ({ final }) => void (final.step = 2 ** 60)],
    ['curve.199', 'a curve beyond the steps', ({ curve }) => void (at(curve, 199).step = 201)],
    ['curve.1', 'a curve the other way round', ({ curve }) => void curve.reverse()],
    ['curve.200', 'a curve twice', (record) => void (record.curve = [...record.curve, ...record.curve])],
    ['curve.1', 'a step twice', ({ curve }) => void (at(curve, 1).step = 1)],
    ['curve.5', 'passes that are taken back', ({ curve }) => void (at(curve, 5).forwards = 1)],
    ['curve.0.step', 'a step before the first', ({ curve }) => void (at(curve, 0).step = 0)],
    ['devCurve.2', 'evaluations out of order', ({ devCurve }) => void (at(devCurve, 2).step = 10)],
    ['cell', "another cell's settings", ({ settings }) => void (settings.optimizer = 'zo-adam')],
    ['cell', 'another cell', (record) => void (record.cell = `c${'0'.repeat(15)}`)],
    ['testAnswers', 'answers that come to something else', (record) => void (record.testAnswers = '1'.repeat(1000))],
    ['inputs.optimizer', 'a hash that is none', ({ inputs }) => void (inputs.optimizer = 'abc')],
  ])('%s: %s', (field, _, change) => {
    expect(refused(change)).toContain(field);
  });

  test('final.test: more right than there are, or others than the splits say', () => {
    const moreRight = refused(({ final }) => Object.assign(final.test, { correct: 1001, score: 1, interval: [0.9, 1] }));
    expect(moreRight).toContain('final.test.correct');
    const fewer = refused(({ final }) => Object.assign(final.test, { correct: 80, total: 100 }), completedRecord());
    expect(fewer).toEqual(['final.test.total']);
    expect(refused(({ splits }) => void (splits.dev += 1))).toEqual(['zeroShot.dev.total', 'final.dev.total']);
  });

  test('a curve of a cell that did not complete, too', () => {
    const record = endedRecord();
    const twice = { ...record, curve: [...record.curve, ...record.curve] };
    expect(recordSchema.safeParse(twice).error?.issues.map(({ path }) => path.join('.'))).toEqual(['curve.1']);
  });

  test('but an F1 counts words, so it is none of correct and total', () => {
    const f1 = completedRecord({}, { metric: 'f1' });
    const change = (record: CompletedRecord) => Object.assign(record.final.test, { score: 0.805, interval: [0.8, 0.81] });
    expect(refused(change, f1)).toEqual([]);
    expect(refused(change, completedRecord())).toEqual(['final.test.score']);
  });
});

function at<Point>(points: readonly Point[], index: number): Point {
  const point = points[index];
  if (point === undefined) throw new Error(`there is no point ${index}`);
  return point;
}
