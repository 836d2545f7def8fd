import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCell } from '../../../cell/run-cell.js';
import { Engines } from '../../../training/engines.js';
import { runReplay } from '../../../studies/replay/run.js';
import { seedLogFile, writeSeedLog } from '../../../benchmarks/run/run-folder.js';
import { schemeSeed } from '../../../training/run-seeds.js';
import { encodeScalars, SEED_LOG_VERSION, type SeedLog } from '../../../training/seed-log.js';
import { train } from '../../../training/train.js';
import { cpuBackend } from '../../../engine/index.js';
import { loadModel, loadTokenizer, openCheckpoint, unadapted, type LanguageModel } from '../../../models/index.js';
import { readSafetensorsHeader } from '../../../models/safetensors.js';
import { resolveOptimizer } from '../../../optimizers/index.js';
import { cellId } from '../../../records/cell-id.js';
import { type CellSettings } from '../../../records/record.js';
import { schemeNamed } from '../../../schemes/index.js';
import { choiceBatch, encodeExample, openTask, sampleSplits, type EncodedExample } from '../../../tasks/index.js';
import { valuesOfTensor } from '../../support/tensor-values.js';
import { writeTinyCheckpoint } from '../../support/tiny-checkpoint.js';
import { settings as base } from '../../benchmarks/fixtures/settings.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
const checkpoint = join(folder, 'tiny');
beforeAll(() => writeTinyCheckpoint(checkpoint));
afterAll(() => rmSync(folder, { recursive: true }));

const settings: CellSettings = {
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
const OWN = `
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
const OWN_WITH_OPTIONS = `
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
async function logged(changes: Partial<CellSettings>): Promise<{ log: SeedLog; file: string }> {
  const its = { ...settings, ...changes };
  const { loggedSteps: steps } = await runCell(its, () => undefined);
  if (!steps) throw new Error('the cell has no log');
  const versions = { zobench: '0.1.0', node: '20.0.0', backend: 'none 0', commit: null };
  const log: SeedLog = { seedLogVersion: SEED_LOG_VERSION, cell: cellId(its), settings: its, places: {}, versions, ...steps };
  writeSeedLog(folder, log);
  return { log, file: join(folder, seedLogFile(log.cell)) };
}

/** As `logged`, with the first of some seeds at which some step is better than none: without steps a replay shows nothing. */
async function loggedSteps(changes: Partial<CellSettings>): Promise<{ log: SeedLog; file: string }> {
  for (let seed = 1; seed <= 15; seed++) {
    const made = await logged({ ...changes, seed });
    if (made.log.step > 0) return made;
  }
  throw new Error('no seed makes a step that is better than none');
}

async function replay(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const code = await runReplay(argv, { stdout, stderr });
  return { code, stdout: (stdout.read() as string | null) ?? '', stderr: (stderr.read() as string | null) ?? '' };
}

/** Trains as the cell did, with forward passes, and stops after so many of the steps. */
async function trainedFor(its: CellSettings, steps: number): Promise<LanguageModel> {
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

const base64 = (values: Float32Array): string => Buffer.from(values.slice().buffer).toString('base64');
const bytes = ({ parameters }: LanguageModel, name: string): string => base64(parameters.values(parameters.get(name)));

describe('a replayed log', () => {
  test.each([
    { optimizer: 'zo-sgd' },
    { optimizer: 'zo-sgd:q=2:noise=rademacher', schedule: 'linear', weightDecay: 0.01 },
    { optimizer: 'zo-adam', learningRate: 1e-2 },
    { optimizer: 'zo-sgd-mmt', learningRate: 3e-3, accumulate: 3 },
    { optimizer: 'zo-sgd-cons' },
    { optimizer: 'forward-grad' },
    { optimizer: 'zo-sgd', objective: 'accuracy', epsilon: 0.1 },
    { optimizer: 'own', learningRate: 3e-2 },
  ] satisfies Partial<CellSettings>[])('of %j gives a model folder with the trained parameters, bit for bit', async (changes) => {
    const own = join(folder, 'mine.mjs');
    writeFileSync(own, OWN);
    const { log, file } = await loggedSteps({ ...changes, ...(changes.optimizer === 'own' && { optimizer: own }) });
    const out = join(folder, 'replayed', log.cell);
    const { code, stdout, stderr } = await replay(file, '--out', out, ...(changes.optimizer === 'own' ? ['--optimizer', own] : []));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`${log.step} steps replayed on ${checkpoint}, every parameter as it was, bit for bit: ${out}\n`);
    const [wanted, made] = [await trainedFor(log.settings, log.step), await loadModel(openCheckpoint(out), unadapted)];
    for (const { name } of wanted.parameters.all) expect(bytes(made, name)).toEqual(bytes(wanted, name));
    expect(loadTokenizer(out).encode('a fine film')).toEqual(loadTokenizer(checkpoint).encode('a fine film'));
  });

  test('of an own optimizer with options takes these from the log, under its declared id, wherever the file is now', async () => {
    const [own, moved] = [join(folder, 'with-options.mjs'), join(folder, 'moved.mjs')];
    for (const file of [own, moved]) writeFileSync(file, OWN_WITH_OPTIONS);
    const { log } = await loggedSteps({ optimizer: `${own}:times=2`, learningRate: 1.5e-2 });
    const { id } = await resolveOptimizer(`${own}:times=2`);
    const named = { ...log, settings: { ...log.settings, optimizer: id }, places: { optimizer: './gone/with-options.mjs:times=2' } };
    const file = join(folder, 'named.json');
    writeFileSync(file, JSON.stringify(named));
    expect((await replay(file, '--out', join(folder, 'none'))).stderr).toMatch(/--optimizer \.\/gone\/with-options\.mjs:times=2\n$/);
    const other = await replay(file, '--out', join(folder, 'none'), '--optimizer', `${moved}:times=3`);
    expect(other.stderr).toMatch(/moved\.mjs:times=3 is mine:times=3, the run was made with mine:times=2\n$/);
    for (const given of [moved, `${moved}:times=2`]) {
      const out = join(folder, given === moved ? 'log-options' : 'same-options');
      expect(await replay(file, '--out', out, '--optimizer', given)).toMatchObject({ code: 0, stderr: '' });
    }
  });

  test('of LoRA gives a PEFT adapter, by default beside the log; trained on, that gives a whole model', async () => {
    const { log, file } = await loggedSteps({ scheme: 'lora', learningRate: 0.3 });
    expect((await replay(file)).code).toBe(0);
    const out = file.replace('.json', '');
    const config: unknown = JSON.parse(readFileSync(join(out, 'adapter_config.json'), 'utf8'));
    expect(config).toMatchObject({ peft_type: 'LORA', base_model_name_or_path: checkpoint, target_modules: ['q_proj', 'v_proj'] });
    const wanted = await trainedFor(log.settings, log.step);
    const named = wanted.parameters.trainable.map((parameter) => [`base_model.model.${parameter.name}`, bytes(wanted, parameter.name)]);
    expect(storedIn(join(out, 'adapter_model.safetensors'))).toEqual(named.sort());

    const further = await loggedSteps({ model: out });
    const whole = join(folder, 'on the adapter');
    expect((await replay(further.file, '--out', whole)).code).toBe(0);
    const [made, trained] = [await loadModel(openCheckpoint(whole), unadapted), await trainedFor(further.log.settings, further.log.step)];
    for (const { name } of trained.parameters.all) expect(bytes(made, name)).toEqual(bytes(trained, name));
    expect(loadTokenizer(whole).encode('a fine film')).toEqual(loadTokenizer(checkpoint).encode('a fine film'));
  });

  test.each(['prefix', 'prompt'])('of %s gives the added parameters alone, which began with what the model computes', async (scheme) => {
    const { log, file } = await loggedSteps({ scheme, learningRate: 1, threads: 2 });
    const out = join(folder, scheme);
    expect((await replay(file, '--out', out)).code).toBe(0);
    const wanted = await trainedFor(log.settings, log.step);
    const named = wanted.parameters.trainable.map(({ name }) => [name, bytes(wanted, name)]);
    expect(storedIn(join(out, 'model.safetensors'))).toEqual(named.sort());
    expect(existsSync(join(out, 'config.json'))).toBe(false);
  });

  test('of steps that were never better than none gives the base checkpoint', async () => {
    const { log, file } = await logged({ learningRate: 1e-12 });
    expect(log).toMatchObject({ step: 0, scalars: { count: 0 } });
    const out = join(folder, 'base');
    expect((await replay(file, '--out', out)).code).toBe(0);
    expect(readFileSync(join(out, 'model.safetensors')).length).toBeGreaterThan(1000);
    const [made, start] = await Promise.all([out, checkpoint].map((where) => loadModel(openCheckpoint(where), unadapted)));
    for (const { name } of start?.parameters.all ?? []) expect(made && bytes(made, name)).toEqual(start && bytes(start, name));
  });

  test('says what nobody knows of the configuration', async () => {
    const odd = join(folder, 'odd');
    cpSync(checkpoint, odd, { recursive: true });
    const config = JSON.parse(readFileSync(join(odd, 'config.json'), 'utf8')) as object;
    writeFileSync(join(odd, 'config.json'), JSON.stringify({ ...config, surprise: 7 }));
    const { file } = await logged({ model: odd, learningRate: 1e-12 });
    const { code, stderr } = await replay(file, '--out', join(folder, 'odd-replayed'));
    expect([code, stderr]).toEqual([0, `warning: ${join(odd, 'config.json')}: surprise: 7 is not known here and was not regarded\n`]);
  });

  test('is small: four bytes for each loss, and little besides', async () => {
    const { log, file } = await loggedSteps({});
    expect(log.scalars).toMatchObject({ type: 'float32', count: 2 * log.step });
    expect(readFileSync(file).length).toBeLessThan(1500 + (4 / 3) * 4 * log.scalars.count);
  });

  test('finds a checkpoint that has moved where --model says; of a run on two threads it is the same', async () => {
    const { log, file } = await logged({ threads: 2 });
    const moved = join(folder, 'moved');
    cpSync(checkpoint, moved, { recursive: true });
    writeFileSync(file, JSON.stringify({ ...log, settings: { ...log.settings, model: join(folder, 'gone') } }));
    expect((await replay(file)).stderr).toMatch(/^zobench: there is no model folder [^\n]*gone\n$/);
    expect((await replay(file, '--model', moved)).code).toBe(0);
  });
});

/** The tensors of a file by name, each with its values. */
const storedIn = (file: string): string[][] =>
  readSafetensorsHeader(file)
    .map((info) => [info.name, base64(valuesOfTensor(info))])
    .sort();

describe('one clear line and exit code 2 for', () => {
  let log: SeedLog;
  beforeAll(async () => {
    ({ log } = await loggedSteps({}));
  });

  async function complaint(content: unknown, ...argv: string[]): Promise<string> {
    const file = join(folder, 'damaged.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    const { code, stdout, stderr } = await replay(file, '--out', join(folder, 'never'), ...argv);
    expect([code, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
    expect(existsSync(join(folder, 'never'))).toBe(false);
    return stderr.replaceAll(folder, '').trim();
  }

  const otherVersion = 'the run was made by another version of zobench or of the optimizer';

  test('a log that is cut short, or lacks something, or has bytes too few', async () => {
    expect(await complaint(JSON.stringify(log).slice(0, 200))).toMatch(/^zobench: \/damaged\.json is not a JSON object \(/);
    expect(await complaint({ ...log, scalars: undefined })).toMatch(/^zobench: \/damaged\.json is no seed log: scalars: /);
    expect(await complaint({ ...log, seedLogVersion: 99 })).toMatch(/is no seed log: seedLogVersion: /);
    const { base64: whole, ...scalars } = log.scalars;
    expect(await complaint({ ...log, scalars: { ...scalars, base64: whole.slice(4) } })).toBe(
      'zobench: /damaged.json is no seed log: scalars: not as many bytes as the numbers take',
    );
  });

  test('an optimizer of the own that the log names and the command line does not: none of its code runs', async () => {
    const [file, marker] = [join(folder, 'evil.mjs'), join(folder, 'code-ran')];
    writeFileSync(file, `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, ''); ${OWN}`);
    const named: Partial<SeedLog>[] = [
      { settings: { ...log.settings, optimizer: file } },
      { places: { optimizer: file } },
      { settings: { ...log.settings, optimizer: 'mine' }, places: { optimizer: file } },
      { settings: { ...log.settings, optimizer: 'gone/evil.ts' } },
    ];
    for (const change of named) {
      expect(await complaint({ ...log, ...change })).toMatch(
        /an optimizer of your own, whose code runs only where you give it: --optimizer \S+$/,
      );
    }
    expect(existsSync(marker)).toBe(false);
    const other = { ...log, settings: { ...log.settings, optimizer: 'another' }, places: { optimizer: file } };
    expect(await complaint(other, '--optimizer', file)).toMatch(/evil\.mjs is mine, the run was made with another$/);
    expect(await complaint(log, '--optimizer', file)).toMatch(/: the run was made with zo-sgd, which comes with zobench$/);
  });

  test('numbers that are others than those of the run', async () => {
    const other = { ...log, scalars: encodeScalars(Array.from({ length: log.scalars.count }, (_, k) => k)) };
    expect(await complaint(other)).toBe(`zobench: the replayed parameters are not those of the run: ${otherVersion}`);
  });

  test('more or fewer numbers than the steps ask for', async () => {
    const numbers = (count: number) => encodeScalars(Array.from({ length: count }, () => 1));
    expect(await complaint({ ...log, scalars: numbers(log.scalars.count - 1) })).toBe(
      `zobench: the log ends before step ${log.step} does: ${otherVersion}`,
    );
    expect(await complaint({ ...log, scalars: numbers(log.scalars.count + 1) })).toBe(
      `zobench: the log tells more than ${log.step} steps ask for: ${otherVersion}`,
    );
  });

  test('another checkpoint', async () => {
    const other = join(folder, 'other');
    cpSync(checkpoint, other, { recursive: true });
    const weights = join(other, 'model.safetensors');
    const content = readFileSync(weights);
    content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
    writeFileSync(weights, content);
    expect(await complaint(log, '--model', other)).toMatch(
      /^zobench: \/other is not the checkpoint of the run: its SHA-256 is [0-9a-f]{64}, the log's [0-9a-f]{64} \(--model names another folder\)$/,
    );
  });

  test('an optimizer that does not exist any more', async () => {
    const gone = { ...log, settings: { ...log.settings, optimizer: 'zo-sdg' } };
    expect(await complaint(gone)).toMatch(/^zobench: unknown optimizer zo-sdg: did you mean zo-sgd\?/);
  });

  test.each([
    [[], /^zobench: one seed log is needed/],
    [['a.json', 'b.json'], /^zobench: one seed log is needed/],
    [['no/such.json'], /^zobench: no\/such\.json does not exist/],
    [['log.json', '--otu', 'x'], /^zobench: unknown option --otu: did you mean --out\?/],
    [['log.txt'], /^zobench: log\.txt: where shall the model be written\?/],
  ])('%j', async (argv, line) => {
    const { code, stderr } = await replay(...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(line);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a folder to write to that holds something, be it the checkpoint itself, or that is a file; all stay as they are', async () => {
    const file = join(folder, seedLogFile(log.cell));
    const other = join(folder, 'taken');
    cpSync(checkpoint, other, { recursive: true });
    for (const out of [checkpoint, other, join(other, 'config.json')]) {
      expect(await replay(file, '--out', out)).toEqual({
        code: 2,
        stdout: '',
        stderr: `zobench: ${out} is there already: name a new folder with --out\n`,
      });
    }
    for (const name of ['config.json', 'model.safetensors']) {
      expect(readFileSync(join(other, name))).toEqual(readFileSync(join(checkpoint, name)));
    }
  });

  test('an empty folder is written to', async () => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    expect((await replay(join(folder, seedLogFile(log.cell)), '--out', empty)).code).toBe(0);
    expect(existsSync(join(empty, 'model.safetensors'))).toBe(true);
  });
});

test('--help shows what there is', async () => {
  const { code, stdout } = await replay('--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/--out[^]*--model/);
});
