import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { forwardsPerStep } from '../../../benchmarks/plan/estimate.js';
import { ownOptimizers } from '../../../benchmarks/plan/own-optimizers.js';
import { UsageError } from '../../../engine/index.js';
import { resolveOptimizer } from '../../../optimizers/index.js';
import { peakPredictor } from '../../../memory/cell-peak.js';
import { cell } from '../fixtures/settings.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-own-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, source: string): string {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  return file;
}

/** ZO-SGD's step, after `before`. */
const mine = (before = '', cost = '{ forwards: 2, backwards: 0 }') => `export default {
  id: 'mine', order: 'zeroth', cost: ${cost}, defaults: { learningRate: 1e-3, epsilon: 1e-3 }, stateArrays: 0,
  init: () => undefined,
  async step({ parameters, seed, losses, epsilon, learningRate }) {
    ${before}
    const z = seed();
    const [plus, minus] = await losses({ direction: z, scale: epsilon }, { direction: z, scale: -epsilon });
    parameters.move(z, -learningRate * ((plus - minus) / (2 * epsilon)));
    return { loss: plus };
  },
};`;

const said = (asked: Promise<unknown>) =>
  asked.then(
    () => 'nothing',
    (error: unknown) => error,
  );
const lengths = { writes: false, prompt: 60, candidates: 4, answer: 2 };
const settings = (optimizer: string) => cell('one', { model: 'opt-mini', scheme: 'lora', optimizer }).settings;

describe('the runner', () => {
  test('never imports a file of the user', async () => {
    const file = write('global', `globalThis.isImported = true;\n${mine()}`);
    expect(await ownOptimizers().traits(file)).toMatchObject({
      id: 'mine',
      defaults: { learningRate: 1e-3, epsilon: 1e-3 },
      stateArrays: 0,
    });
    expect(globalThis).not.toHaveProperty('isImported');
    await resolveOptimizer(file);
    expect(globalThis).toHaveProperty('isImported');
  });

  test('knows what a step costs by block', async () => {
    const cost =
      '{ forwards: 2, backwards: 0, perBlock: { forwards: 3, blocks: (trained) => new Set(trained.map(({ stage }) => stage)).size } }';
    const trained = ['a', 'b', 'b'].map((stage, index) => ({ stage, local: String(index), shape: [1] }));
    const { cost: known } = await ownOptimizers().traits(write('blocks', mine('', cost)), trained);
    expect(forwardsPerStep(known, trained, { trainSize: 1, batchSize: 1 })).toBe(2 + 3 * 2);
  });

  test('predicts its memory as that of the same optimizer by name', async () => {
    const peak = await ownOptimizers().peak(settings(write('same', mine())), lengths);
    expect(peak).toEqual(await peakPredictor()(settings('zo-sgd'), lengths));
  });
});

describe('a file is refused in one line with its name where it', () => {
  test.each([
    ['ends its process', 'process.exit(0);', /cannot be loaded: its process exited with 0: it said nothing$/],
    ['throws', `throw new Error('at the top\\nof it');`, /cannot be loaded: at the top of it$/],
    ['is killed', `process.kill(process.pid, 'SIGSEGV'); await new Promise(() => {});`, /cannot be loaded: its process ended by SIGSEGV/],
    ['exports what cannot be read', `export default { get id() { throw new Error('getter'); }, step() {} };`, /cannot be loaded: getter$/],
    ['says what is no answer', `(await import('node:fs')).writeSync(3, 'hello\\n'); ${mine()}`, /cannot be loaded: .* no answer$/],
    [
      'declares what it must not',
      mine().replace("'zeroth'", "'second'"),
      /: order: zeroth, forward-mode or first is needed \(see docs\/extend-optimizers.md/,
    ],
  ])('%s', async (name, source, says) => {
    const file = write(name.replaceAll(' ', '-'), source);
    const error = await said(ownOptimizers().traits(file));
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(says);
    expect((error as Error).message).toContain(file);
    expect((error as Error).message).not.toContain('\n');
  });

  test.each([
    ['loops', 'for (;;);'],
    ['waits for ever', 'await new Promise(() => {});'],
  ])('%s', async (name, source) => {
    const file = write(name.replaceAll(' ', '-'), source);
    expect(await said(ownOptimizers(4).traits(file))).toEqual(
      new UsageError(`optimizer file ${file} cannot be loaded: no answer within 4 s`),
    );
  });

  test.each([
    ['throws in a step', `throw new Error('first line\\nsecond line');`, 'first line\nsecond line'],
    ['throws null in a step', 'throw null;', 'null'],
  ])('%s', async (name, before, says) => {
    const file = write(name.replaceAll(' ', '-'), mine(before));
    const error = await said(ownOptimizers().peak(settings(file), lengths));
    expect(error).toEqual(new UsageError(`optimizer file ${file}: its memory cannot be predicted: ${says}`));
  });
});
