import { describe, expect, test } from '@jest/globals';
import type { Cell } from '../../../benchmarks/plan/cell.js';
import { oneLine } from '../../../engine/visible.js';
import { type Outcome, runPool } from '../../../benchmarks/run/pool.js';
import { workerPath } from '../fixtures/parts.js';
import { cell } from '../fixtures/settings.js';

interface Ran {
  outcomes: Map<string, Outcome>;
  mostAtOnce: number;
}

async function run(cells: Cell[], jobs: number, signal = new AbortController().signal): Promise<Ran> {
  const outcomes = new Map<string, Outcome>();
  let atOnce = 0;
  let mostAtOnce = 0;
  const events = {
    started: () => (mostAtOnce = Math.max(mostAtOnce, ++atOnce)),
    progressed: () => undefined,
    ended: ({ id }: Cell, outcome: Outcome) => {
      atOnce--;
      outcomes.set(id, outcome);
    },
  };
  await runPool(cells, { jobs, workerPath }, events, signal);
  return { outcomes, mostAtOnce };
}

const reasonOf = (outcome: Outcome | undefined) => (outcome && outcome.state !== 'completed' ? outcome.reason : undefined);

describe('a cell whose process', () => {
  test.each([
    ['sends a result', 'sst2', 'completed', undefined],
    ['diverges', 'diverges', 'diverged', /the loss is NaN at step 2/],
    ['reports a throw', 'throws', 'failed', /^Error: no such tensor$/],
    ['dies of an uncaught exception', 'crashes', 'failed', /^the worker exited with 1: TypeError: nothing is a function$/],
    ['dies of what is no error', 'throws-null', 'failed', /^the worker exited with 1: null$/],
    ['leaves without a word', 'exits', 'failed', /^the worker exited with 3: it said nothing$/],
    ['aborts', 'aborts', 'failed', /^the worker ended by SIGABRT: it said nothing$/],
    ['is killed from outside', 'is-killed', 'out-of-memory', /SIGKILL/],
  ])('%s', async (_, task, state, reason) => {
    const { outcomes } = await run([cell('one', { task })], 1);
    const outcome = outcomes.get('one');
    expect(outcome?.state).toBe(state);
    if (reason) expect(reasonOf(outcome)).toMatch(reason);
    else expect(reasonOf(outcome)).toBeUndefined();
  });

  test('exhausts its heap is out of memory', async () => {
    // Workers start with their parent's flags.
    process.execArgv.push('--max-old-space-size=30');
    const { outcomes } = await run([cell('one', { task: 'fills-the-heap' })], 1);
    process.execArgv.pop();
    expect(outcomes.get('one')?.state).toBe('out-of-memory');
    expect(reasonOf(outcomes.get('one'))).toMatch(/heap out of memory$/);
  });

  test('takes too long is killed and timed out', async () => {
    const { outcomes } = await run([cell('one', { task: 'hangs', timeoutSeconds: 0.5 })], 1);
    expect(outcomes.get('one')).toMatchObject({ state: 'timed-out', reason: 'killed after 0.5 s: a larger --timeout gives it more' });
  });

  test('has a time limit beyond what a timer takes is not killed at once', async () => {
    const { outcomes } = await run([cell('one', { timeoutSeconds: 1e9 })], 1);
    expect(outcomes.get('one')?.state).toBe('completed');
  });

  test('cannot start, for want of its script, failed', async () => {
    const outcomes: Outcome[] = [];
    const events = { started: () => undefined, progressed: () => undefined, ended: (_: Cell, outcome: Outcome) => outcomes.push(outcome) };
    await runPool([cell('one')], { jobs: 1, workerPath: 'no/such/worker.mjs' }, events, new AbortController().signal);
    expect(outcomes.map(reasonOf)).toEqual([expect.stringMatching(/^the worker exited with 1: Error: Cannot find module/)]);
  });

  test('diverges leaves its loss curve', async () => {
    const { outcomes } = await run([cell('one', { task: 'diverges' })], 1);
    expect(outcomes.get('one')?.curve).toEqual([{ step: 1, forwards: 2, loss: 0.7 }]);
  });
});

describe('the pool', () => {
  test('goes on with the others when cells die', async () => {
    const cells = ['is-killed', 'sst2', 'crashes', 'sst2'].map((task, index) => cell(String(index), { task }));
    const { outcomes } = await run(cells, 2);
    expect(cells.map(({ id }) => outcomes.get(id)?.state)).toEqual(['out-of-memory', 'completed', 'failed', 'completed']);
  });

  test('runs as many cells at a time as there are jobs', async () => {
    const cells = ['a', 'b', 'c', 'd'].map((id) => cell(id, { task: 'slow' }));
    expect((await run(cells, 2)).mostAtOnce).toBe(2);
  });

  test('kills what runs and starts nothing more when aborted, and no outcome is told', async () => {
    const controller = new AbortController();
    const started: string[] = [];
    const events = {
      started: ({ id }: Cell) => started.push(id),
      progressed: () => undefined,
      ended: () => started.push('ended'),
    };
    const pool = runPool([cell('a', { task: 'hangs' }), cell('b')], { jobs: 1, workerPath }, events, controller.signal);
    controller.abort();
    await pool;
    expect(started).toEqual(['a']);
  });

  test('stops, and kills what runs, when an outcome cannot be kept', async () => {
    const events = {
      started: () => undefined,
      progressed: () => undefined,
      ended: () => {
        throw new Error('disk full');
      },
    };
    // The hanging cell would hold the pool for a minute.
    const pool = runPool([cell('a'), cell('b', { task: 'hangs' })], { jobs: 2, workerPath }, events, new AbortController().signal);
    await expect(pool).rejects.toThrow('disk full');
  });
});

test('oneLine cuts a message to its first line and a readable length', () => {
  expect(oneLine('  first\nsecond')).toBe('first');
  expect(oneLine('x'.repeat(1000))).toHaveLength(300);
});
