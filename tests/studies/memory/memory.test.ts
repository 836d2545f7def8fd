import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MeasuredRun, Measurement } from '../../../studies/memory/measure.js';
import { measuredBy } from '../../../processes/asked-process.js';
import { parseCommandLine } from '../../../command-line/command-line.js';
import { commandLine } from '../../../studies/memory/arguments.js';
import { aboveRuntimeBytes, heldBytes, predictMemory, type Prediction } from '../../../memory/predict.js';
import { peakPredictor, type Peak } from '../../../memory/cell-peak.js';
import { runMemory } from '../../../studies/memory/run.js';
import type { BatchShape } from '../../../memory/step.js';
import { knownModels, modelConfig, type Streaming } from '../../../models/index.js';
import { optimizerIds, resolveOptimizer } from '../../../optimizers/index.js';
import { schemeNamed } from '../../../schemes/index.js';
import { writeSparseCheckpoint } from '../../support/sparse-checkpoint.js';

const shape = (batch: number, sequence: number, targets: BatchShape['targets'] = 'all'): BatchShape => {
  return { batch, sequence, accumulate: 1, targets };
};

const predicted = async (model: string, optimizer: string, of: BatchShape, scheme = 'full', realBytes = 4): Promise<Prediction> =>
  predictMemory(await modelConfig(model), schemeNamed(scheme), await resolveOptimizer(optimizer), of, { realBytes });

function measured(run: MeasuredRun): Promise<Measurement> {
  return measuredBy('studies/memory/measure-worker.ts', run);
}

// Elsewhere a process cannot set its peak back to what it holds.
const isLinux = existsSync('/proc/self/clear_refs');
if (!isLinux) console.warn('skipped: measured peaks need Linux');
const onLinux = isLinux ? test : test.skip;

describe('a predicted peak above the runtime', () => {
  onLinux.each([
    ['opt-mini', 'zo-sgd', 'full', shape(32, 128)],
    ['opt-mini', 'zo-adam', 'lora', shape(16, 255)],
    ['opt-mini', 'fo-sgd', 'full', shape(32, 255)],
    ['llama-mini', 'fo-adam', 'full', shape(32, 128)],
    ['opt-mini', 'forward-grad', 'full', shape(16, 255)],
  ])('of %s, %s, %s is within 10 % of what is measured', async (model, optimizer, scheme, of) => {
    const { peakBytes, runtimeBytes } = await measured({ model, optimizer, scheme, shape: of });
    const ratio = aboveRuntimeBytes(await predicted(model, optimizer, of, scheme)) / (peakBytes - runtimeBytes);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.1);
  });
});

describe('where frozen weights are streamed', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'streamed-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const [layers, width, inner, words] = [6, 768, 3072, 16_000];
  /** 125 MB of zeros. */
  beforeAll(async () => {
    const { config } = await modelConfig('facebook/opt-125m');
    writeSparseCheckpoint(folder, { ...config, num_hidden_layers: layers, vocab_size: words }, 'F16');
  });
  const streamed = async (optimizer: string, of: BatchShape): Promise<Prediction> =>
    predictMemory(await modelConfig(folder), schemeNamed('lora'), await resolveOptimizer(optimizer), of, { streams: true });

  test('what is held of them is one block, and all of what is trained', async () => {
    const { held } = await streamed('zo-sgd', shape(1, 8));
    const trained = 4 * layers * 2 * 2 * 8 * width; // A and B, of rank 8, for queries and values
    const block = 4 * (4 * (width ** 2 + width) + 2 * width * inner + inner + width + 4 * width);
    // Of the heap, the optimizers' rooms are the rest.
    expect(held.weights - trained).toBeLessThan(2 ** 18);
    expect(held.scratch - block - 2 * (trained / layers)).toBe(0);
  });

  onLinux('the peak is lower by what is predicted, within 10 %', async () => {
    const of = shape(4, 16, 'last');
    const run = { model: folder, optimizer: 'zo-sgd', scheme: 'lora', shape: of };
    const [never, always] = [await measured({ ...run, stream: 'never' }), await measured({ ...run, stream: 'always' })];
    const saved = aboveRuntimeBytes(await predicted(folder, 'zo-sgd', of, 'lora')) - aboveRuntimeBytes(await streamed('zo-sgd', of));
    expect(saved).toBeGreaterThan(150e6);
    expect(Math.abs(saved / (never.peakBytes - always.peakBytes) - 1)).toBeLessThan(0.1);
  });

  test('nothing is predicted that would be refused: a gradient, or a model that is trained and too large', async () => {
    await expect(streamed('fo-sgd', shape(1, 8))).rejects.toThrow(/^backpropagation needs all weights in memory/);
    const peak = peakPredictor(4 * 2 ** 30);
    const lengths = { prompt: 60, candidates: 0, answer: 0, writes: false };
    const of = (model: string, optimizer: string, scheme: string, stream?: Streaming): Promise<Peak> =>
      peak({ model, optimizer, scheme, batchSize: 16, accumulate: 1, ...(stream && { stream }) }, lengths);
    const [always, auto] = [await of('facebook/opt-1.3b', 'zo-sgd', 'lora', 'always'), await of('facebook/opt-1.3b', 'zo-sgd', 'lora')];
    expect(auto).toEqual(always);
    expect(always.refusal).toBeUndefined();
    expect(always.bytes).toBeLessThan(1e9);
    const refused = await of('facebook/opt-1.3b', 'zo-sgd', 'full');
    expect(refused.refusal).toMatch(/^facebook\/opt-1\.3b: the model takes 4\.9 GiB in float32, a run can hold 4\.0 GiB/);
    expect(refused.bytes).toBeGreaterThan(4 * 1.3e9);
    expect((await of('facebook/opt-1.3b', 'fo-sgd', 'lora')).refusal).toMatch(/^backpropagation needs all weights in memory/);
    expect((await of('facebook/opt-350m', 'fo-adam', 'full')).refusal).toMatch(/^facebook\/opt-350m: training it takes a process of/);
    expect(await of('opt-mini', 'zo-sgd', 'lora')).toEqual(await of('opt-mini', 'zo-sgd', 'lora', 'never'));
  });
});

describe('what training is predicted to hold', () => {
  const weights = 4 * 125_239_296;

  test('the weights, and the arrays that the optimizer declares: gradient and moments', async () => {
    for (const [optimizer, arrays] of [
      ['zo-sgd', 0],
      ['fo-sgd', 1],
      ['zo-adam', 2],
      ['fo-adam', 3],
    ] as const) {
      const { held } = await predicted('facebook/opt-125m', optimizer, shape(1, 8));
      expect([held.weights, held.state].map((bytes) => bytes / weights)).toEqual([expect.closeTo(1, 2), expect.closeTo(arrays, 2)]);
    }
  });

  test('perturbed copies of one stage for two points, with every row of the embedding that a token names', async () => {
    const { held } = await predicted('facebook/opt-125m', 'zo-sgd', shape(1, 8));
    const block = 4 * (768 * 768 + 768) + 2 * 768 * 3072 + 3072 + 768 + 4 * 768;
    const embedding = 2 * 8 * 768; // tokens and positions, outgrown by the block
    expect(held.scratch).toBe(2 * 4 * (embedding + block));
  });

  test('half of it where every number takes half, but for what are integers', async () => {
    const [single, half] = [
      await predicted('opt-mini', 'fo-adam', shape(2, 64)),
      await predicted('opt-mini', 'fo-adam', shape(2, 64), 'full', 2),
    ];
    const integers = 8 * 2 * 64 * 5; // tokens, positions, reads, targets and their reads
    expect(heldBytes(half) / heldBytes(single)).toBeCloseTo(0.5, 2);
    expect(2 * half.held.flow - single.held.flow).toBe(integers);
    expect(2 * half.held.weights).toBe(single.held.weights);
  });

  test("attention's square in the length for backpropagation in every block, for the others in one", async () => {
    const inside = async (optimizer: string): Promise<number> => {
      const [short, long] = [await predicted('opt-mini', optimizer, shape(1, 128)), await predicted('opt-mini', optimizer, shape(1, 256))];
      return long.held.inside - 2 * short.held.inside; // what grows faster than the length
    };
    const heads = (await modelConfig('opt-mini')).config.num_attention_heads as number;
    const square = 4 * heads * (256 ** 2 - 2 * 128 ** 2);
    expect((await inside('fo-sgd')) / square).toBeGreaterThan(3.5);
    expect((await inside('zo-sgd')) / square).toBeLessThan(2.5);
  });

  test('does not depend on how many directions a step has, and is as quick for ten thousand', async () => {
    const held = async (optimizer: string) => (await predicted('opt-mini', optimizer, shape(2, 16))).held;
    for (const id of ['zo-sgd', 'forward-grad', 'zo-adam']) {
      const few = await held(`${id}:q=200`);
      const start = performance.now();
      expect(await held(`${id}:q=10000`)).toEqual(few);
      expect(performance.now() - start).toBeLessThan(10_000);
    }
  }, 40_000);

  test('by any optimizer of any family, without a number of any model', async () => {
    for (const optimizer of optimizerIds) expect((await predicted('opt-mini', optimizer, shape(1, 16))).held.weights).toBeGreaterThan(4e6);
    for (const { id } of knownModels) expect((await predicted(id, 'zo-sgd', shape(1, 16))).held.weights).toBeGreaterThan(4 * 125e6);
  });
});

describe('npm run memory', () => {
  const out = mkdtempSync(path.join(tmpdir(), 'memory-'));
  afterAll(() => rmSync(out, { recursive: true }));
  const run = (...argv: string[]) => runInto(out, ...argv);
  const runInto = async (folder: string, ...argv: string[]) => {
    const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
    const code = await runMemory([...argv, '--out', folder], { stdout, stderr });
    return { code, text: (stdout.read() as string | null) ?? '', complaint: (stderr.read() as string | null) ?? '' };
  };

  test('lengths double up to the last', () => {
    const parsed = (...argv: string[]) => parseCommandLine(commandLine, argv).options;
    expect(parsed('--sequence', '128..1000', '--batch', '3,1').sequence).toEqual([128, 256, 512, 1000]);
    expect(parsed('--batch', '3,1').batch).toEqual([1, 3]);
    expect(() => parsed('--sequence', '0..8')).toThrow(/--sequence 0\.\.8: .*128\.\.2048/);
    for (const range of ['64..32', '2..1', '1000..999'])
      expect(() => parsed('--batch', range)).toThrow(`--batch ${range}: a range goes upwards`);
  });

  test('a known model by its short name: tables, the file that tables read, plots, and the published figures of that model', async () => {
    const { code, text } = await run(
      '--model',
      'opt-1.3b',
      '--optimizer',
      'zo-sgd,fo-adam',
      '--sequence',
      '64,128',
      '--batch',
      '1,2',
      '--dtype',
      'float16',
    );
    expect(code).toBe(0);
    expect(text).toMatch(
      /\| facebook\/opt-1\.3b \| zo-sgd \| MultiRC, batch 1, 400 tokens \| float16 \| 3\.7 GiB \| 2\.\d GiB \| 0\.\d\d \| MeZO/,
    );
    const lines = readFileSync(path.join(out, 'memory-by-length.csv'), 'utf8').trim().split('\n');
    expect(lines[0]).toBe('optimizer,length,kind,peakMib');
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 3).join())).toEqual([
      'zo-sgd,64,predicted',
      'zo-sgd,128,predicted',
      'fo-adam,64,predicted',
      'fo-adam,128,predicted',
    ]);
    for (const name of ['memory-against-length', 'memory-against-batch-size'])
      expect(existsSync(path.join(out, 'plots', `${name}.png`))).toBe(true);
  });

  test.each([
    [['--scheme', 'icl'], /scheme icl:?.* trains nothing/],
    [['--sequence', '512'], /--sequence 512: opt-mini takes 256 tokens/],
    [['--optimizer', 'zo-sgdd'], /unknown optimizer zo-sgdd/],
  ])('refuses %j in one line', async (argv, complaint) => {
    const result = await run(...argv);
    expect(result.code).toBe(2);
    expect(result.complaint.trim().split('\n').at(-1)).toMatch(complaint);
  });

  test('a folder that cannot be made is refused before anything is measured', async () => {
    const file = path.join(out, 'file');
    writeFileSync(file, '');
    const { code, complaint } = await runInto(path.join(file, 'below'));
    expect([code, complaint]).toEqual([2, `zobench: ${file} cannot be made: it is there already, and is no folder\n`]);
  });

  test('a folder with a config.json alone will do', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'shapes-'));
    writeFileSync(path.join(folder, 'config.json'), JSON.stringify((await modelConfig('facebook/opt-125m')).config));
    const { code } = await run('--model', folder, '--optimizer', 'zo-sgd', '--sequence', '16', '--batch', '1');
    rmSync(folder, { recursive: true });
    expect(code).toBe(0);
  });
});
