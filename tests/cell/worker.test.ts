import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Cell } from '../../benchmarks/plan/cell.js';
import { type Outcome, runPool } from '../../benchmarks/run/pool.js';
import { endedBy } from '../../cell/ended.js';
import { DivergedError } from '../../engine/index.js';
import { cell } from '../benchmarks/fixtures/settings.js';

const trap = (): never => {
  throw new Error('trap');
};

test.each([
  ['an error', new TypeError('no\nthing'), 'failed', 'TypeError: no'],
  ['an error without a word', new Error(), 'failed', 'Error: no message'],
  ['a loss that is no number', new DivergedError('the loss is NaN'), 'diverged', 'DivergedError: the loss is NaN'],
  ['memory that is out', new RangeError('Array buffer allocation failed'), 'out-of-memory', 'RangeError: Array buffer allocation failed'],
  ['null', null, 'failed', 'null was thrown, which is no Error'],
  ['a text', 'of\nown', 'failed', String.raw`'of\nown' was thrown, which is no Error`],
  ['what has no prototype', Object.create(null), 'failed', '[Object: null prototype] {} was thrown, which is no Error'],
  [
    'an error that throws',
    Object.defineProperty(new Error(), 'message', { get: trap }),
    'failed',
    'an error was thrown that cannot be shown',
  ],
  ['a proxy', new Proxy({}, { get: trap, getPrototypeOf: trap }), 'failed', 'an error was thrown that cannot be shown'],
])('%s thrown by own code is one line', (_, thrown, state, reason) => {
  expect(endedBy(thrown)).toEqual({ type: 'ended', state, reason });
});

const folder = mkdtempSync(path.join(tmpdir(), 'worker-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a cell of an own optimizer whose third step does something. */
async function outcomeOf(name: string, thirdStep: string): Promise<Outcome | undefined> {
  const optimizer = path.join(folder, `${name}.mjs`);
  writeFileSync(
    optimizer,
    `let steps = 0;
    export const mine = {
      id: 'mine', order: 'zeroth', cost: { forwards: 1, backwards: 0 }, defaults: { learningRate: 1, epsilon: 1 }, stateArrays: 0,
      init: () => undefined,
      async step() { if (++steps === 3) { ${thirdStep} } return { loss: 1 }; },
    };`,
  );
  let outcome: Outcome | undefined;
  const events = { started: () => undefined, progressed: () => undefined, ended: (_: Cell, ended: Outcome) => void (outcome = ended) };
  const one = cell('one', { optimizer, scheme: 'lora', steps: 5, trainSize: 8, devSize: 4, testSize: 4 });
  await runPool([one], { jobs: 1, workerPath: 'cell/worker.ts' }, events, new AbortController().signal);
  return outcome;
}

test.each([
  ['in a timer', `setTimeout(() => { throw null; }); await new Promise(() => {});`, 'null was thrown, which is no Error'],
  ['in a promise that nobody waits for', `Promise.reject(new Error('unheard')); await new Promise(() => {});`, 'Error: unheard'],
])('what own code throws %s ends its cell with a line and the losses so far', async (name, thirdStep, reason) => {
  const outcome = await outcomeOf(name.replaceAll(' ', '-'), thirdStep);
  expect(outcome).toMatchObject({ state: 'failed', reason });
  expect(outcome?.curve.map(({ step }) => step)).toEqual([1, 2]);
});
