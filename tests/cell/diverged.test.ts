import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCell } from '../../cell/run-cell.js';
import { DivergedError, UsageError } from '../../engine/index.js';
import type { CellSettings } from '../../records/record.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';
import { settings as usual } from '../benchmarks/fixtures/settings.js';

const folder = mkdtempSync(join(tmpdir(), 'diverged-'));
beforeAll(() => writeTinyCheckpoint(folder));
afterAll(() => rmSync(folder, { recursive: true }));

const settings: CellSettings = {
  ...usual,
  model: folder,
  steps: 4,
  batchSize: 4,
  trainSize: 16,
  devSize: 8,
  testSize: 8,
  evaluateEvery: 1,
  learningRate: 1e-3,
};

/** What became of a cell: its error, and the steps and evaluations that it told of before. */
async function outcomeOf(changes: Partial<CellSettings>): Promise<{ error: unknown; steps: number[]; evaluated: number[] }> {
  const [steps, evaluated]: [number[], number[]] = [[], []];
  const cell = runCell(
    { ...settings, ...changes },
    ({ step }) => steps.push(step),
    ({ step }) => evaluated.push(step),
  );
  return { error: await cell.then(() => 'completed').catch((error: unknown) => error), steps, evaluated };
}

/** A user's optimizer that does nothing in its first two steps, and this in the third. */
function own(name: string, body: string): string {
  const file = join(folder, `${name}.mjs`);
  const shape = `order: 'zeroth', cost: { forwards: 1, backwards: 0 }, defaults: { learningRate: 1, epsilon: 1e-3 }, stateArrays: 0`;
  writeFileSync(
    file,
    `export default { id: '${name}', ${shape}, init: () => undefined, async step({ parameters, seed, losses, step }) {
      if (step < 2) return { loss: 1 };
      ${body}
    } };`,
  );
  return file;
}

describe("a user's optimizer that", () => {
  test.each([
    ['gives NaN', 'return { loss: NaN };', 'the loss is NaN in step 3', [1, 2]],
    ['gives Infinity', 'return { loss: Infinity };', 'the loss is Infinity in step 3', [1, 2]],
    ['gives -Infinity', 'return { loss: -Infinity };', 'the loss is -Infinity in step 3', [1, 2]],
    [
      'probes far on one side',
      'await losses({ direction: seed(), scale: 1e-3 }, { direction: seed(), scale: NaN });',
      /^the loss is NaN in step 3$/,
      [1, 2],
    ],
    ['makes parameters NaN', 'parameters.move(seed(), NaN); return { loss: 1 };', / is not finite after step 3$/, [1, 2, 3]],
    ['makes parameters infinite', 'parameters.move(seed(), 1e39); return { loss: 1 };', / is not finite after step 3$/, [1, 2, 3]],
  ])('%s has diverged at that step, with what it had', async (name, body, message, steps) => {
    const { error, ...had } = await outcomeOf({ optimizer: own(name.replaceAll(' ', '-'), body) });
    expect(error).toBeInstanceOf(DivergedError);
    expect((error as Error).message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    expect(had).toEqual({ steps, evaluated: [1, 2] });
  });

  test.each([
    ['nothing', 'return;'],
    ['null', 'return { loss: null };'],
    ['text', `return { loss: '1' };`],
  ])('gives %s as its loss has failed, and is told what is needed', async (name, body) => {
    const { error } = await outcomeOf({ optimizer: own(name, body) });
    expect(error).toEqual(new UsageError('step 3 of the optimizer gave no loss: it has to return { loss: <number> }'));
  });
});

test.each<[string, Partial<CellSettings>]>([
  ['first-order', { optimizer: 'fo-sgd', learningRate: 1e38 }],
  ['forward-mode', { optimizer: 'forward-grad', learningRate: 1e38 }],
  ['zeroth-order', { optimizer: 'zo-sgd', learningRate: 1e38 }],
  ['zeroth-order on accuracy', { optimizer: 'zo-sgd', learningRate: 1e38, epsilon: 1, objective: 'accuracy' }],
  ['zeroth-order on F1', { optimizer: 'zo-sgd', epsilon: 1e38, objective: 'f1' }],
])('a step of a %s optimizer that is far too large has diverged', async (_, changes) => {
  expect((await outcomeOf(changes)).error).toBeInstanceOf(DivergedError);
});
