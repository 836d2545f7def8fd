import { describe, expect, test } from '@jest/globals';
import { Engines } from '../../training/engines.js';
import { decodeScalars, encodeScalars, parametersSha256, SeedPlayer, SeedRecorder, type Scalars } from '../../training/seed-log.js';
import { train } from '../../training/train.js';
import { cpuBackend } from '../../engine/index.js';
import type { LanguageModel } from '../../models/index.js';
import { optimizerIds, resolveOptimizer, type Optimizer } from '../../optimizers/index.js';
import type { CellSettings } from '../../records/record.js';
import { schemeNamed } from '../../schemes/index.js';
import { choosing, raggedExamples, tinyModel } from '../support/tiny-model.js';
import { settings as base } from '../benchmarks/fixtures/settings.js';

const LOGGED_STEPS = 4;
const settings: CellSettings = {
  ...base,
  seed: 3,
  steps: 6,
  batchSize: 4,
  accumulate: 2,
  learningRate: 1e-3,
  schedule: 'cosine',
  warmup: 0.25,
  weightDecay: 0.01,
};

const modelFor = (scheme: string): LanguageModel => tinyModel('opt', schemeNamed(scheme).adaptation(1));

function bits({ parameters }: LanguageModel): Buffer[] {
  return parameters.all.map((parameter) => Buffer.from(parameters.values(parameter).slice().buffer));
}

/** Trains with the log's end marked after {@link LOGGED_STEPS} of the steps: what is logged, and the parameters there. */
async function recorded(optimizer: Optimizer, scheme: string): Promise<{ scalars: Scalars | null; parameters: Buffer[] }> {
  const model = modelFor(scheme);
  const recorder = new SeedRecorder();
  let parameters: Buffer[] = [];
  const engines = new Engines(cpuBackend(1), model);
  await train(engines, recorder.recorded(optimizer), raggedExamples(10, 41), choosing(model), settings, ({ step }) => {
    if (step === LOGGED_STEPS) {
      recorder.mark();
      parameters = bits(model);
    }
    return Promise.resolve();
  });
  return { scalars: recorder.scalars(), parameters };
}

async function replayed(optimizer: Optimizer, scheme: string, scalars: Scalars): Promise<{ player: SeedPlayer; parameters: Buffer[] }> {
  const model = modelFor(scheme);
  const player = new SeedPlayer(settings, scalars);
  const state = optimizer.init(model.parameters);
  for (let step = 0; step < LOGGED_STEPS; step++) await optimizer.step(player.context(model.parameters, step), state);
  return { player, parameters: bits(model) };
}

const isLoggable = ({ order, cost }: Optimizer): boolean => order !== 'first' && cost.backwards === 0;
const optimizers = await Promise.all(
  [...optimizerIds, 'zo-sgd:q=3:noise=rademacher:sides=one', 'zo-sgd:sides=previous'].map(resolveOptimizer),
);
const cases = optimizers.flatMap((optimizer) => ['full', 'lora'].map((scheme) => ({ id: optimizer.id, optimizer, scheme })));

test.each(cases.filter(({ optimizer }) => isLoggable(optimizer)))(
  'what $id was told, $scheme, brings the parameters back bit for bit, with no model to run',
  async ({ optimizer, scheme }) => {
    const { scalars, parameters } = await recorded(optimizer, scheme);
    if (!scalars) throw new Error('nothing was logged');
    const again = await replayed(optimizer, scheme, scalars);
    expect(again.parameters).toEqual(parameters);
    expect(parameters).not.toEqual(bits(modelFor(scheme)));
    expect(again.player.isAtEnd).toBe(true);
  },
);

test.each(cases.filter(({ optimizer, scheme }) => !isLoggable(optimizer) && scheme === 'full'))(
  '$id, which is told gradients, has no log',
  async ({ optimizer }) => {
    expect((await recorded(optimizer, 'full')).scalars).toBeNull();
  },
);

describe('a step that asks for more than the log holds', () => {
  const reason = 'the run was made by another version of zobench or of the optimizer';
  const { parameters } = modelFor('lora');
  const context = () => new SeedPlayer(settings, encodeScalars([0.5])).context(parameters, 6);

  test.each([
    ['losses', async () => context().losses({ direction: 1, scale: 1 }, { direction: 1, scale: -1 }), 'the log ends before step 7 does'],
    ['a derivative', async () => context().directionalDerivative(1), 'the log ends before step 7 does'],
    ['a gradient', async () => context().gradient(parameters.allocateBuffers()), 'step 7 asks for a gradient'],
  ])('of %s is refused', async (_, ask, message) => {
    await expect(ask()).rejects.toThrow(`${message}: ${reason}`);
  });
});

describe('numbers in a log', () => {
  test('take four bytes each where float32 holds them, or else eight, and come back bit for bit', () => {
    const single = [0.5, -0, 2 ** -149, Math.fround(0.1)];
    expect(encodeScalars(single)).toMatchObject({ type: 'float32', count: 4 });
    expect(Buffer.from(encodeScalars(single).base64, 'base64')).toHaveLength(16);
    expect([...decodeScalars(encodeScalars(single))]).toEqual(single);
    const double = [...single, 0.1];
    expect(encodeScalars(double)).toMatchObject({ type: 'float64', count: 5 });
    expect([...decodeScalars(encodeScalars(double))]).toEqual(double);
    expect(encodeScalars([])).toEqual({ type: 'float32', count: 0, base64: '' });
  });

  test('are little-endian: 1 is 00 00 80 3f', () => {
    expect(Buffer.from(encodeScalars([1]).base64, 'base64').toString('hex')).toBe('0000803f');
  });
});

test("the parameters' hash is that of their bytes one after another", () => {
  const { parameters } = modelFor('lora');
  const before = parametersSha256(parameters);
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  const [first] = parameters.trainable;
  if (!first) throw new Error('no parameter');
  const values = parameters.values(first);
  values[0] = (values[0] ?? 0) + 1e-7;
  expect(parametersSha256(parameters)).not.toBe(before);
  const frozen = parameters.all.find(({ trainable }) => !trainable);
  if (!frozen) throw new Error('nothing is frozen');
  const changed = parametersSha256(parameters);
  parameters.values(frozen).fill(0);
  expect(parametersSha256(parameters)).toBe(changed);
});
