import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { cellId } from '../../records/cell-id.js';
import {
  RECORD_VERSION,
  type CellRecord,
  type CellSettings,
  type CompletedRecord,
  type EndedRecord,
  type Evaluation,
} from '../../records/record.js';
import { settings as usual } from '../benchmarks/fixtures/settings.js';

const SETTINGS: CellSettings = {
  ...usual,
  seed: 1,
  steps: 200,
  learningRate: 1e-4,
  trainSize: 1000,
  devSize: 500,
  testSize: 1000,
  evaluateEvery: 50,
  timeoutSeconds: 600,
};

/** What a fake cell is said to have measured. */
export interface FakeMeasurement {
  devScore?: number;
  testAccuracy?: number;
  zeroShotAccuracy?: number;
  stepMs?: number;
  peakBytes?: number;
  forwardsPerStep?: number;
  /** Loss at a step. */
  loss?: (step: number) => number;
  generatedData?: boolean;
  metric?: CompletedRecord['metric'];
  bundled?: boolean;
}

function common(settings: Partial<CellSettings>) {
  const all = { ...SETTINGS, ...settings };
  return {
    recordVersion: RECORD_VERSION,
    cell: cellId(all),
    settings: all,
    places: {},
    inputs: { model: { 'config.json': 'cd'.repeat(32) } },
    machine: { cpu: 'Imagined CPU, 2 cores', cores: 2, memoryBytes: 8 * 2 ** 30, platform: 'linux-x64' },
    versions: { zobench: '0.1.0', node: 'v20.0.0', backend: 'onnxruntime-node 1.30.0', commit: null },
    startedAt: '2020-01-01T00:00:00.000Z',
    seconds: 12.5,
  } as const;
}

function evaluation(asked: number, total: number): Evaluation {
  const correct = Math.round(asked * total);
  const score = correct / total;
  return { score, correct, total, interval: [Math.max(0, score - 0.02), Math.min(1, score + 0.02)] };
}

/** A made-up record of a cell that completed. */
export function completedRecord(settings: Partial<CellSettings> = {}, measured: FakeMeasurement = {}): CompletedRecord {
  const base = common(settings);
  const { steps, devSize, testSize, evaluateEvery } = base.settings;
  const { testAccuracy = 0.8, devScore = testAccuracy, zeroShotAccuracy = 0.6, forwardsPerStep = 2, peakBytes = 200 * 2 ** 20 } = measured;
  const loss = measured.loss ?? ((step: number) => 0.7 - step / 1000);
  const devSteps = Array.from({ length: Math.floor(steps / evaluateEvery) }, (_, index) => (index + 1) * evaluateEvery);
  const median = measured.stepMs ?? 60;
  return {
    ...base,
    state: 'completed',
    zeroShot: { dev: evaluation(zeroShotAccuracy, devSize), test: evaluation(zeroShotAccuracy, testSize) },
    final: { dev: evaluation(devScore, devSize), test: evaluation(testAccuracy, testSize), step: steps },
    curve: Array.from({ length: steps }, (_, index) => ({
      step: index + 1,
      forwards: (index + 1) * forwardsPerStep,
      loss: loss(index + 1),
    })),
    devCurve: devSteps.map((step) => ({ step, forwards: step * forwardsPerStep, score: devScore })),
    forwards: steps * forwardsPerStep,
    backwards: 0,
    trainableParameters: 1_000_000,
    totalParameters: 1_000_000,
    stepMs: { median, p25: 0.9 * median, p75: 1.1 * median },
    memory: { peakBytes, runtimeBytes: 80 * 2 ** 20, aboveRuntimeBytes: peakBytes - 80 * 2 ** 20 },
    dataSource: 'generated, seed 7',
    generatedData: measured.generatedData ?? true,
    taskVersion: 1,
    metric: measured.metric ?? 'accuracy',
    splits: { train: base.settings.trainSize, dev: devSize, test: testSize },
    checkpoint: { source: 'bundled', sha256: 'ab'.repeat(32), bundled: measured.bundled ?? true },
    seedLog: `seed-logs/${base.cell}.json`,
  };
}

/** A made-up record of a cell whose scheme trains nothing. */
export function untrainedRecord(settings: Partial<CellSettings> = {}, measured: FakeMeasurement = {}): CompletedRecord {
  const none = { optimizer: 'none', learningRate: null, epsilon: null, steps: 0, batchSize: 0, evaluateEvery: 1 };
  return { ...completedRecord({ scheme: 'zero-shot', ...none, ...settings }, measured), stepMs: null, seedLog: null };
}

/** A made-up record of a cell that did not complete. */
export function endedRecord(
  settings: Partial<CellSettings> = {},
  state: EndedRecord['state'] = 'diverged',
  reason = 'the loss grew',
): EndedRecord {
  return { ...common(settings), state, reason, curve: [{ step: 1, forwards: 2, loss: 9.5 }] };
}

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** A new run folder with the given records in it, gone after the tests. */
export function runFolder(records: readonly CellRecord[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'zobench-reports-'));
  folders.push(folder);
  mkdirSync(join(folder, 'records'));
  for (const record of records) writeFileSync(join(folder, 'records', `${record.cell}.json`), JSON.stringify(record));
  return folder;
}

/** Numbers in -1 to 1 that repeat from run to run. */
function wobble(...keys: number[]): number {
  const sine = Math.sin(keys.reduce((sum, key, index) => sum + key * (12.9898 + 65.233 * index), 1)) * 43758.5453;
  return 2 * (sine - Math.floor(sine)) - 1;
}

/** A whole made-up run: every optimizer with every scheme, on each model and task, with several seeds. */
export function fakeRun(grid: {
  models?: string[];
  tasks?: string[];
  optimizers: string[];
  schemes: string[];
  seeds: number;
}): CompletedRecord[] {
  const { models = ['opt-mini'], tasks = ['sst2'], optimizers, schemes, seeds } = grid;
  return models.flatMap((model) =>
    tasks.flatMap((task) =>
      schemes.flatMap((scheme, s) =>
        optimizers.flatMap((optimizer, o) =>
          Array.from({ length: seeds }, (_, index) => {
            const seed = index + 1;
            const forwardsPerStep = optimizer.startsWith('zo') ? 2 : 1;
            const floor = 0.2 + 0.06 * o;
            return completedRecord(
              { model, task, scheme, optimizer, seed },
              {
                testAccuracy: Math.min(1, 0.92 - 0.045 * o - 0.03 * s + 0.015 * wobble(seed, o, s)),
                zeroShotAccuracy: scheme === 'full' ? 0.61 : 0.58,
                peakBytes: Math.round((180 + (optimizer.startsWith('zo') ? 5 * o : 260) - 30 * s) * 2 ** 20),
                forwardsPerStep,
                loss: (step) => floor + (0.72 - floor) * Math.exp(-step / (40 + 30 * o)) + 0.12 * Math.abs(wobble(step, seed, o, s)),
              },
            );
          }),
        ),
      ),
    ),
  );
}
