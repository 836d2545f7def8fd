import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { runCell } from '../../../cell/run-cell.js';
import { Engines } from '../../../training/engines.js';
import { runReplay } from '../../../studies/replay/run.js';
import { seedLogFile, writeSeedLog } from '../../../benchmarks/run/run-folder.js';
import { schemeSeed } from '../../../training/run-seeds.js';
import { SEED_LOG_VERSION, type SeedLog } from '../../../training/seed-log.js';
import { train } from '../../../training/train.js';
import { cpuBackend } from '../../../engine/index.js';
import { loadModel, loadTokenizer, openCheckpoint, type LanguageModel } from '../../../models/index.js';
import { resolveOptimizer } from '../../../optimizers/index.js';
import { cellId } from '../../../records/cell-id.js';
import { type CellSettings } from '../../../records/record.js';
import { schemeNamed } from '../../../schemes/index.js';
import { choiceBatch, encodeExample, openTask, sampleSplits, type EncodedExample } from '../../../tasks/index.js';
import { writeTinyCheckpoint } from '../../support/tiny-checkpoint.js';
import { settings as base } from '../../benchmarks/fixtures/settings.js';

// Seed logs of a tiny checkpoint's cells, where a run leaves them.

export const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
export const checkpoint = join(folder, 'tiny');
beforeAll(() => writeTinyCheckpoint(checkpoint));
afterAll(() => rmSync(folder, { recursive: true }));

export const settings: CellSettings = {
  ...base,
  model: checkpoint,
  steps: 12,
  evaluateEvery: 4,
  batchSize: 8,
  trainSize: 32,
  devSize: 40,
  testSize: 4,
  learningRate: 1e-2,
};

/** Steps of a fixed length towards the lower of two points. */
export const OWN = `
export const mine = {
  id: 'mine', order: 'zeroth', cost: { forwards: 2, backwards: 0 }, defaults: { learningRate: 1, epsilon: 1 }, stateArrays: 0,
  init: () => undefined,
  async step({ parameters, seed, losses, learningRate, epsilon }) {
    const z = seed(7);
    const [plus, minus] = await losses({ direction: z, scale: epsilon }, { direction: z, scale: -epsilon });
    parameters.move(z, plus < minus ? learningRate : -learningRate);
    return { loss: plus };
  },
};`;

/** The same, some times as far by an option. */
export const OWN_WITH_OPTIONS = `
import { defineOptimizer } from 'zobench/optimizers';
import { count } from 'zobench/options';
export const definition = defineOptimizer({
  id: 'mine', order: 'zeroth', defaults: { learningRate: 1, epsilon: 1 }, options: { times: count(1, 'as far') },
  create: ({ times }) => ({
    cost: { forwards: 2, backwards: 0 }, stateArrays: 0, init: () => undefined,
    async step({ parameters, seed, losses, learningRate, epsilon }) {
      const z = seed(7);
      const [plus, minus] = await losses({ direction: z, scale: epsilon }, { direction: z, scale: -epsilon });
      parameters.move(z, times * (plus < minus ? learningRate : -learningRate));
      return { loss: plus };
    },
  }),
});`;

/** Runs a cell and leaves its log where a run does. */
export async function logged(changes: Partial<CellSettings>): Promise<{ log: SeedLog; file: string }> {
  const its = { ...settings, ...changes };
  const { loggedSteps: steps } = await runCell(its, () => undefined);
  if (!steps) throw new Error('the cell has no log');
  const versions = { zobench: '0.1.0', node: '20.0.0', backend: 'none 0', commit: null };
  const log: SeedLog = { seedLogVersion: SEED_LOG_VERSION, cell: cellId(its), settings: its, places: {}, versions, ...steps };
  writeSeedLog(folder, log);
  return { log, file: join(folder, seedLogFile(log.cell)) };
}

/** As `logged`, with the first of some seeds at which some step is better than none: without steps a replay shows nothing. */
export async function loggedSteps(changes: Partial<CellSettings>): Promise<{ log: SeedLog; file: string }> {
  for (let seed = 1; seed <= 15; seed++) {
    const made = await logged({ ...changes, seed });
    if (made.log.step > 0) return made;
  }
  throw new Error('no seed makes a step that is better than none');
}

export async function replay(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const code = await runReplay(argv, { stdout, stderr });
  return { code, stdout: (stdout.read() as string | null) ?? '', stderr: (stderr.read() as string | null) ?? '' };
}

/** Trains as the cell did, with forward passes, and stops after so many of the steps. */
export async function trainedFor(its: CellSettings, steps: number): Promise<LanguageModel> {
  const opened = openCheckpoint(its.model);
  const tokenizer = loadTokenizer(opened.folder);
  const model = await loadModel(opened, schemeNamed(its.scheme).adaptation(schemeSeed(its.seed)));
  const { source } = await openTask(its, 'causal');
  const { train: items } = sampleSplits(source, its, its.seed);
  const examples = items.map((item) => encodeExample(tokenizer, item, model.architecture.dimensions));
  const stop = new Error('enough');
  const engines = new Engines(cpuBackend(its.threads), model, its.objective);
  const optimizer = await resolveOptimizer(its.optimizer);
  const batchOf = (some: readonly EncodedExample[]) => choiceBatch(model, some, tokenizer.padId ?? 0);
  await train(engines, optimizer, examples, batchOf, its, ({ step }) => (step === steps ? Promise.reject(stop) : Promise.resolve())).catch(
    (reason: unknown) => expect(reason).toBe(stop),
  );
  return model;
}

export const base64 = (values: Float32Array): string => Buffer.from(values.slice().buffer).toString('base64');
export const bytes = ({ parameters }: LanguageModel, name: string): string => base64(parameters.values(parameters.get(name)));
