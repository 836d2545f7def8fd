import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCell, type CellResult } from '../../cell/run-cell.js';
import { answerLine } from '../../cell/items.js';
import { cellId } from '../../records/cell-id.js';
import { RECORD_VERSION, type CellSettings, type CompletedRecord } from '../../records/record.js';
import { recordSchema } from '../../records/record-schema.js';
import { DivergedError } from '../../engine/index.js';
import { optimizerIds } from '../../optimizers/index.js';
import { folderWith, jsonl } from '../support/data-folder.js';
import { openTask } from '../../tasks/index.js';
import { settings as usual } from '../benchmarks/fixtures/settings.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
beforeAll(() => writeTinyCheckpoint(folder));
afterAll(() => rmSync(folder, { recursive: true }));

const settings: CellSettings = {
  ...usual,
  model: folder,
  optimizer: 'fo-adam',
  seed: 1,
  steps: 7,
  batchSize: 4,
  learningRate: 0.003,
  trainSize: 16,
  devSize: 12,
  testSize: 16,
  evaluateEvery: 3,
};

type Progress = CellResult['curve'][number];

async function run(changes: Partial<CellSettings> = {}): Promise<{ body: CellResult; progress: Progress[] }> {
  const progress: Progress[] = [];
  const { result } = await runCell({ ...settings, ...changes }, (point) => progress.push(point));
  return { body: result, progress };
}

function recordOf(body: CellResult): CompletedRecord {
  return {
    recordVersion: RECORD_VERSION,
    cell: cellId(settings),
    settings,
    places: {},
    machine: { cpu: 'a processor', cores: 2, memoryBytes: 1, platform: 'linux-x64' },
    versions: { zobench: '0.1.0', node: '20.0.0', backend: 'none 0', commit: null },
    startedAt: '2026-01-01T00:00:00.000Z',
    seconds: 1,
    state: 'completed',
    seedLog: null,
    ...body,
  };
}

/** What must not differ between two runs of a cell. */
function lasting({ stepMs, memory, ...rest }: CellResult): Partial<CellResult> {
  expect([stepMs?.median, memory.peakBytes].every(Number.isFinite)).toBe(true);
  return rest;
}

describe.each(optimizerIds.flatMap((optimizer) => ['full', 'lora'].map((scheme) => ({ optimizer, scheme }))))(
  'a cell of $optimizer, $scheme',
  ({ optimizer, scheme }) => {
    test('leaves a record that the schema takes whole, and the same one when run again', async () => {
      const changes = { optimizer, scheme, steps: 4, devSize: 4, testSize: 4 };
      const { body, progress } = await run(changes);
      const record = recordOf(body);
      expect(recordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
      // Records keep seven digits of a loss, as many as a float32 has.
      expect(progress.map((point) => ({ ...point, loss: Number(point.loss.toPrecision(7)) }))).toEqual(body.curve);
      expect(lasting((await run(changes)).body)).toEqual(lasting(body));
    });
  },
);

describe('a record of a cell', () => {
  let body: CellResult;
  beforeAll(async () => {
    ({ body } = await run());
  });

  test('has every step, the zero-shot score, and dev after every third step and the last', () => {
    expect(body.curve.map(({ step, forwards }) => [step, forwards])).toEqual([1, 2, 3, 4, 5, 6, 7].map((step) => [step, step]));
    expect(body.devCurve.map(({ step, forwards }) => [step, forwards])).toEqual([0, 3, 6, 7].map((step) => [step, step]));
    expect([body.forwards, body.backwards]).toEqual([7, 7]);
    expect(body.devCurve[0]?.score).toBe(body.zeroShot.dev.score);
    expect([body.zeroShot.dev.total, body.zeroShot.test.total]).toEqual([12, 16]);
  });

  test('says of every item of the test file how it was answered, or that it was not asked', async () => {
    const answers = body.testAnswers ?? '';
    const { source } = await openTask(settings, 'causal');
    expect(answers).toMatch(/^[01-]+$/);
    expect(answers).toHaveLength(source.test.length);
    expect(answers.replaceAll(/[0-]/g, '')).toHaveLength(body.final.test.correct);
    expect(answers.replaceAll('-', '')).toHaveLength(16);
  });

  test('names what it was made from', () => {
    const sha256 = createHash('sha256')
      .update(readFileSync(join(folder, 'model.safetensors')))
      .digest('hex');
    expect(body.checkpoint).toEqual({ source: folder, sha256, bundled: false });
    expect([body.dataSource, body.generatedData]).toEqual(['bundled (generated)', true]);
  });

  test('tells memory above the runtime from the whole', () => {
    const { peakBytes, runtimeBytes, aboveRuntimeBytes } = body.memory;
    expect(aboveRuntimeBytes).toBe(peakBytes - runtimeBytes);
    expect(aboveRuntimeBytes).toBeGreaterThanOrEqual(0);
    expect(runtimeBytes).toBeGreaterThan(10_000_000);
  });

  test('counts a tied head once, and the parameters that LoRA adds as its only trainable ones', async () => {
    const width = 16;
    const block = 4 * (width * width + width) + (2 * width * width + 2 * width) + (2 * width * width + width) + 4 * width;
    const whole = 400 * width + (96 + 2) * width + 2 * block + 2 * width;
    expect([body.trainableParameters, body.totalParameters]).toEqual([whole, whole]);
    const added = 2 * 2 * (8 * width + width * 8);
    const { body: lora } = await run({ scheme: 'lora', steps: 1 });
    expect([lora.trainableParameters, lora.totalParameters]).toEqual([added, whole + added]);
  });
});

describe('the final score', () => {
  test('is that of the earliest step that was best on dev: the same as of a run that stops there', async () => {
    const { body } = await run({ steps: 8, evaluateEvery: 1, testSize: 100 });
    const best = Math.max(...body.devCurve.map(({ score }) => score));
    const { step } = body.final;
    expect(step).toBe(body.devCurve.find(({ score }) => score === best)?.step);
    expect(body.final.dev.score).toBe(best);
    // Otherwise this shows nothing.
    expect(step).toBeGreaterThan(0);
    expect(step).toBeLessThan(8);
    const { body: stopped } = await run({ steps: step, evaluateEvery: 1, testSize: 100 });
    expect(stopped.final).toEqual(body.final);
  });

  test('is the zero-shot one where training changes nothing', async () => {
    const { body } = await run({ learningRate: 0 });
    expect(body.final).toEqual({ ...body.zeroShot, step: 0 });
  });
});

describe('a cell of another task', () => {
  const few = { steps: 2, trainSize: 12, devSize: 4, testSize: 50 };

  test('of one that is trained on its answers has losses per token, and says what was drawn', async () => {
    const item = (index: number) => ({
      premise: `The film number ${index} was dull.`,
      choice1: 'I slept.',
      choice2: 'I laughed with all of them.',
      question: index % 3 === 0 ? 'cause' : 'effect',
      label: index % 2,
    });
    const rows = Array.from({ length: 20 }, (_, index) => item(index));
    const data = folderWith({ 'COPA/train.jsonl': jsonl(...rows), 'COPA/val.jsonl': jsonl(item(100), item(101)) });
    const { body } = await run({ ...few, task: 'copa', data });
    expect([body.metric, body.taskVersion, body.splits]).toEqual(['accuracy', 1, { train: 12, dev: 4, test: 2 }]);
    expect([body.dataSource, body.generatedData]).toEqual([`${data}/COPA/train.jsonl, ${data}/COPA/val.jsonl`, false]);
    // A random model of 400 tokens is about log 400 = 6 nats off each; choosing between two costs log 2.
    expect(body.curve[0]?.loss).toBeGreaterThan(3);
    // A metric is one of choices.
    const { body: metric } = await run({ ...few, task: 'copa', data, optimizer: 'zo-sgd', objective: 'accuracy' });
    for (const { loss } of metric.curve) expect([0, 0.25, 0.5, 0.75, 1]).toContain(-loss);
  });

  test("of the user's own goes the same way, by class too", async () => {
    const rows = Array.from({ length: 90 }, (_, index) => ({ text: `Film ${index} .`, label: index % 2 }));
    const own = join(folderWith({ 'mine.jsonl': jsonl(...rows) }), 'mine.jsonl');
    const asked = { task: own, data: `${dirname(own)}/`, prompt: '{text} It was', candidates: ' bad, great', label: 'label' };
    const { body } = await run({ ...few, ...asked, trainSize: 10, devSize: 10, perClass: 5 });
    expect(body.splits).toMatchObject({ train: 10, dev: 10 });
    expect([body.dataSource, body.generatedData]).toEqual([own, false]);
    expect(body.curve[0]?.loss).toBeLessThan(3);
  });
});

test('a cell whose loss stops being a number has diverged, in the step after the one that broke it', async () => {
  const progress: Progress[] = [];
  const cell = runCell({ ...settings, optimizer: 'zo-sgd', learningRate: 1e38 }, (point) => progress.push(point));
  const error: unknown = await cell.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DivergedError);
  expect((error as Error).message).toBe('the loss is NaN in step 2');
  expect(progress).toHaveLength(1);
});

test('a line of answers follows the items, whatever the order they were asked in', () => {
  expect(answerLine({ count: 4, places: [3, 0, 2] }, [true, false, true])).toBe('0-11');
});
