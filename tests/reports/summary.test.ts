import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { summarise } from '../../reports/index.js';
import { mean, median, sampleStd } from '../../statistics/moments.js';
import { completedRecord, endedRecord, untrainedRecord } from './fake-records.js';

describe('summarise', () => {
  test('agrees with figures worked by hand', () => {
    const [row, ...others] = summarise([
      completedRecord({ seed: 1 }, { testAccuracy: 0.75, zeroShotAccuracy: 0.5, stepMs: 50, peakBytes: 300, forwardsPerStep: 2 }),
      completedRecord({ seed: 2 }, { testAccuracy: 1, zeroShotAccuracy: 0.5, stepMs: 90, peakBytes: 500, forwardsPerStep: 2 }),
      completedRecord({ seed: 3 }, { testAccuracy: 0.5, zeroShotAccuracy: 0.75, stepMs: 60, peakBytes: 400, forwardsPerStep: 5 }),
    ]);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      model: 'opt-mini',
      task: 'sst2',
      data: 'bundled',
      scheme: 'full',
      optimizer: 'zo-sgd',
      configurations: 1,
      ended: {},
    });
    expect(row?.measured).toEqual({
      seeds: 3,
      metric: 'accuracy',
      demonstrations: null,
      testScoreMean: 0.75,
      // Deviations 0, 0.25, -0.25: sqrt(0.125 / 2).
      testScoreStd: 0.25,
      zeroShotMean: expect.closeTo(1.75 / 3, 12),
      stepMs: 60,
      peakBytes: 500,
      // 200 steps of 2, 2 and 5.
      forwards: 600,
      generatedData: true,
      bundledCheckpoint: true,
    });
  });

  test('gives no standard deviation for one seed', () => {
    expect(summarise([completedRecord()])[0]?.measured).toMatchObject({ seeds: 1, testScoreMean: 0.8, testScoreStd: null });
  });

  test('keeps models, tasks, data, schemes and optimizers apart, in report order', () => {
    const settings = [{ model: 'zz' }, { task: 'zz' }, { data: 'zz' }, { scheme: 'zz' }, { optimizer: 'zz' }, {}];
    const rows = summarise(settings.map((each) => completedRecord(each)));
    expect(rows.map(({ model, task, data, scheme, optimizer }) => [model, task, data, scheme, optimizer].indexOf('zz'))).toEqual([
      -1, 2, 4, 3, 1, 0,
    ]);
  });

  test('counts cells that did not complete, and leaves them out of the figures', () => {
    const [row] = summarise([completedRecord(), endedRecord({ seed: 2 }), endedRecord({ seed: 3 }), endedRecord({ seed: 4 }, 'timed-out')]);
    expect(row?.ended).toEqual({ diverged: 2, 'timed-out': 1 });
    expect(row?.measured?.seeds).toBe(1);
  });

  test('measures nothing where no cell completed', () => {
    expect(summarise([endedRecord()])[0]).toMatchObject({ measured: null, ended: { diverged: 1 } });
  });

  test('of several learning rates shows the best on dev, never the best on test', () => {
    const tried = (learningRate: number, devScore: number, testAccuracy: number) =>
      [1, 2].map((seed) => completedRecord({ learningRate, seed }, { devScore, testAccuracy }));
    const [row] = summarise([...tried(1e-3, 0.7, 0.9), ...tried(1e-4, 0.8, 0.6)]);
    expect(row).toMatchObject({ configurations: 2, measured: { seeds: 2, testScoreMean: 0.6 } });
  });

  test('keeps cells apart that differ in more than what a search chooses, and names the difference', () => {
    const rows = summarise([
      completedRecord(),
      completedRecord({ seed: 2, threads: 8, timeoutSeconds: 5, epsilon: 1e-2 }),
      completedRecord({ objective: 'f1' }),
      completedRecord({ steps: 100, optimizer: 'other' }),
    ]);
    expect(rows.map(({ name, configurations }) => [name, configurations])).toEqual([
      ['other, objective cross-entropy', 1],
      ['zo-sgd, objective cross-entropy', 2],
      ['zo-sgd, objective f1', 1],
    ]);
    expect(summarise([completedRecord(), completedRecord({ steps: 100 })]).map(({ name }) => name)).toEqual([
      'zo-sgd, steps 200',
      'zo-sgd, steps 100',
    ]);
  });

  test('names the plain template and leaves the usual one unsaid', () => {
    const rows = summarise([completedRecord(), completedRecord({ template: 'plain' })]);
    expect(rows.map(({ name }) => name).sort()).toEqual(['zo-sgd', 'zo-sgd, template plain']);
  });

  test('cells without an optimizer differ from others in no setting of training', () => {
    const [trained, plain] = [completedRecord(), untrainedRecord()];
    expect(summarise([trained, plain]).map(({ name }) => name)).toEqual(['zo-sgd', 'none']);
    const [first, second] = summarise([untrainedRecord({ devSize: 1 }), untrainedRecord({ devSize: 2 })]);
    expect([first?.name, second?.name].sort()).toEqual(['none, dev items 1', 'none, dev items 2']);
    expect(summarise([plain])[0]?.measured).toMatchObject({ stepMs: null, forwards: 0, demonstrations: null });
  });

  test('threads and time limits make no other settings', () => {
    const [row] = summarise([completedRecord(), completedRecord({ seed: 2, threads: 8, timeoutSeconds: 5 })]);
    expect(row).toMatchObject({ configurations: 1, measured: { seeds: 2 } });
  });

  test('prefers settings whose seeds all completed to one lucky seed', () => {
    const steady = [1, 2].map((seed) => completedRecord({ seed }, { testAccuracy: 0.7 }));
    const [row] = summarise([
      ...steady,
      completedRecord({ learningRate: 1 }, { testAccuracy: 0.9 }),
      endedRecord({ learningRate: 1, seed: 2 }),
    ]);
    expect(row).toMatchObject({ measured: { seeds: 2, testScoreMean: expect.closeTo(0.7, 12) }, ended: { diverged: 1 } });
  });
});

describe('statistics', () => {
  test.each([
    [[3], 3],
    [[4, 1], 2.5],
    [[10, 9, 2], 9],
    [[1, 100, 2, 3], 2.5],
  ])('the median of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test('the sample standard deviation of 2, 4, 4, 4, 5, 5, 7, 9 is sqrt(32 / 7)', () => {
    expect(sampleStd([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
  });

  test('a shift moves the mean with it and leaves the standard deviation', () => {
    const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(values, fc.double({ min: -5, max: 5, noNaN: true }), (sample, shift) => {
        const shifted = sample.map((value) => value + shift);
        // Rounding of numbers up to 6, twenty of them.
        expect(mean(shifted)).toBeCloseTo(mean(sample) + shift, 10);
        expect(sampleStd(shifted)).toBeCloseTo(sampleStd(sample) ?? NaN, 6);
      }),
    );
  });
});
