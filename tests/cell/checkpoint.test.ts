import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CellCheckpoints } from '../../cell/checkpoint.js';
import { runCell, type CellOutcome } from '../../cell/run-cell.js';
import type { CellSettings } from '../../records/record.js';
import { settings as usual } from '../benchmarks/fixtures/settings.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
beforeAll(() => writeTinyCheckpoint(folder));
afterAll(() => rmSync(folder, { recursive: true }));

const settings: CellSettings = {
  ...usual,
  model: folder,
  seed: 1,
  steps: 7,
  batchSize: 4,
  accumulate: 2,
  learningRate: 1e-4,
  schedule: 'cosine',
  warmup: 0.25,
  trainSize: 10,
  devSize: 12,
  testSize: 8,
  evaluateEvery: 2,
};

const place = (name: string) => ({ file: join(folder, `${name}.json`), key: 'of these files' });
const disturbance = new Error('killed');

interface Attempt {
  readonly outcome?: CellOutcome;
  /** Steps that the model was run for. */
  readonly steps: readonly number[];
}

/** Runs a cell until it is done, or until it is killed as it says that it did a step. */
async function attempt(its: CellSettings, checkpoints: CellCheckpoints, killedAt?: number): Promise<Attempt> {
  const steps: number[] = [];
  const report = ({ step }: { step: number }): void => {
    steps.push(step);
    if (step === killedAt) throw disturbance;
  };
  try {
    return { outcome: await runCell(its, report, undefined, checkpoints), steps };
  } catch (error) {
    if (error !== disturbance) throw error;
    return { steps };
  }
}

/** What must not differ from an undisturbed run. */
function lasting({ outcome }: Attempt) {
  if (!outcome) throw new Error('the cell was not done');
  const { stepMs, memory, ...result } = outcome.result;
  expect([stepMs?.median, memory.peakBytes].every(Number.isFinite)).toBe(true);
  return { result, loggedSteps: outcome.loggedSteps };
}

/** Of each way that state is kept; that the steps of all optimizers can be taken again is the seed log's test. */
const optimizers = [
  'forward-grad',
  'zo-sgd:sides=previous',
  'zo-adam',
  'zo-adam:state=replay',
  'mezo-svrg',
  'sparse-mezo',
  'hizoo',
  'lozo',
];

describe.each(optimizers)('a cell of %s that is killed twice', (optimizer) => {
  test('goes on where it was, to the record and the log of an undisturbed one', async () => {
    const its = { ...settings, optimizer };
    const undisturbed = await attempt(its, new CellCheckpoints());
    const open = (): CellCheckpoints => new CellCheckpoints(place(optimizer.replaceAll(':', '-')), 0);
    await attempt(its, open(), 4);
    const second = await attempt(its, open(), 6);
    expect(second.steps[0]).toBeGreaterThan(1);
    const third = await attempt(its, open());
    expect(third.steps[0]).toBeGreaterThanOrEqual(second.steps[0] ?? NaN);
    expect(lasting(third)).toEqual(lasting(undisturbed));
  });
});

const zoSgd: CellSettings = { ...settings, optimizer: 'zo-sgd' };

test.each([
  ['of other files', (text: string) => text.replace('of these files', 'of others')],
  ['cut in the middle', (text: string) => text.slice(0, text.length / 2)],
])('a checkpoint %s is not gone on from', async (_, changed) => {
  const at = place('unfit');
  await attempt(zoSgd, new CellCheckpoints(at, 0), 4);
  writeFileSync(at.file, changed(readFileSync(at.file, 'utf8')));
  expect((await attempt(zoSgd, new CellCheckpoints(at, 0), 2)).steps).toEqual([1, 2]);
});

test('steps that do not lead to the parameters of before are an error, not another result', async () => {
  const at = place('forged');
  await attempt(zoSgd, new CellCheckpoints(at, 0), 4);
  writeFileSync(at.file, readFileSync(at.file, 'utf8').replace(/("parametersSha256":")./, '$1x'));
  await expect(attempt(zoSgd, new CellCheckpoints(at, 0))).rejects.toThrow(/^the steps up to \d do not lead to the parameters/);
});

test('an optimizer that is told more than losses keeps no checkpoint', async () => {
  const at = place('first-order');
  await attempt({ ...settings, optimizer: 'fo-sgd' }, new CellCheckpoints(at, 0), 4);
  expect(existsSync(at.file)).toBe(false);
});

test('checkpoints take no more than 2 % of the time, however long each takes', () => {
  const checkpoints = new CellCheckpoints(place('slow'), 0);
  let spent = 0;
  const start = performance.now();
  while (performance.now() - start < 1500) {
    checkpoints.keep(() => {
      const began = performance.now();
      while (performance.now() - began < 5);
      spent += performance.now() - began;
      return null;
    });
  }
  // The first is due at once, before there was time to take a share of.
  expect(spent - 5).toBeLessThan(0.02 * 1500 + 5);
  expect(spent).toBeGreaterThan(10);
});
