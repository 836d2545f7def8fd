import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { runDiagnose } from '../../../studies/estimators/run.js';
import { gaussianCosine } from '../../../reports/index.js';
import { writeTinyCheckpoint } from '../../support/tiny-checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
const model = join(folder, 'model');
const out = join(folder, 'study');
beforeAll(() => writeTinyCheckpoint(model));
afterAll(() => rmSync(folder, { recursive: true }));

async function diagnose(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string | Uint8Array) => ((written[name] += String(text)), true) });
  const code = await runDiagnose(argv, { stdout: stream('stdout'), stderr: stream('stderr') });
  return { code, ...written };
}

describe('a study of a tiny language model', () => {
  let stdout = '';
  beforeAll(async () => {
    const optimizers = 'zo-sgd,forward-grad,fo-sgd,fo-adam';
    const small = ['--samples', '40', '--queries', '1,4', '--epsilon', '1e-4,1e-2', '--batch-size', '4', '--threads', '1'];
    const result = await diagnose('--model', model, '--optimizer', optimizers, ...small, '--out', out);
    expect(result.code).toBe(0);
    stdout = result.stdout;
  });

  const rows = (name: string): Record<string, string>[] => parse(readFileSync(join(out, name), 'utf8'), { columns: true });
  const rowOf = (optimizer: string) => rows('estimators.csv').find((row) => row.optimizer === optimizer) ?? {};

  test.each([
    ['zo-sgd', 1, 2],
    ['zo-sgd:q=4', 4, 8],
    ['forward-grad', 1, 1],
  ])('%s has the cosine of %i Gaussian directions and projection 1, for %i forward passes', (optimizer, queries, forwards) => {
    const row = rowOf(optimizer);
    const number = (name: string): number => Number(row[name]);
    expect([number('forwards'), number('samples')]).toEqual([forwards, 40]);
    const wanted = gaussianCosine(number('dimensions'), queries);
    expect(number('dimensions')).toBeGreaterThan(5000);
    expect(number('gaussianCosine')).toBe(wanted);
    expect(Math.abs(number('cosineMean') - wanted)).toBeLessThan((4 * number('cosineStd')) / Math.sqrt(40));
    expect(Math.abs(number('projection') - 1)).toBeLessThan(4 * number('projectionError'));
    expect(Math.abs(number('variance') - number('gaussianVariance'))).toBeLessThan(4 * number('varianceError'));
    expect(number('rateDependence')).toBeLessThan(1e-3);
  });

  test('backpropagation is exact, and costs a backward pass', () => {
    const row = rowOf('fo-sgd');
    expect(row).toMatchObject({ forwards: '1', backwards: '1', epsilon: '', queries: '', estimates: 'gradient' });
    expect(Number(row.cosineMean)).toBeCloseTo(1, 6);
    expect(Number(row.squaredBias)).toBeCloseTo(0, 6);
  });

  test('forward mode is closer to the exact derivative than any finite difference', () => {
    const errors = rows('epsilon.csv').map(({ optimizer, epsilon, relativeError }) => [optimizer, epsilon, Number(relativeError)] as const);
    expect(errors.map(([optimizer, epsilon]) => `${optimizer ?? ''} ${epsilon ?? ''}`)).toEqual([
      'zo-sgd 0.0001',
      'zo-sgd 0.01',
      'forward-grad ',
    ]);
    const [, , exact] = errors[2] ?? [];
    expect(exact).toBeLessThan(1e-5);
    for (const [, , error] of errors.slice(0, 2)) expect(error).toBeGreaterThan(exact ?? NaN);
  });

  test('leaves plots and the environment, and prints a table', () => {
    expect(readdirSync(join(out, 'plots')).sort()).toEqual(
      ['cosine-against-forwards', 'error-against-epsilon', 'variance-against-forwards'].flatMap((name) => [`${name}.png`, `${name}.svg`]),
    );
    const environment = JSON.parse(readFileSync(join(out, 'environment.json'), 'utf8')) as Record<string, object>;
    expect(Object.keys(environment)).toEqual(['subject', 'settings', 'machine', 'versions']);
    expect(environment.settings).toMatchObject({ samples: 40, queries: [1, 4] });
    expect(stdout).toContain('| zo-sgd:q=4 | 8 | ');
    expect(stdout).toContain('| fo-adam † | 1 + 1 backward | ');
  });
});

/** As zo-sgd, but in its 30th step and all later ones it looks where no loss is a number. */
const DIVERGES = `
let steps = 0;
export const late = {
  id: 'late', order: 'zeroth', cost: { forwards: 2, backwards: 0 }, defaults: { learningRate: 1, epsilon: 1e-3 }, stateArrays: 0,
  init: () => undefined,
  async step({ parameters, seed, losses, learningRate, epsilon }) {
    const direction = seed(0);
    const scale = ++steps < 30 ? epsilon : 1e38;
    const [plus, minus] = await losses({ direction, scale }, { direction, scale: -scale });
    parameters.move(direction, (-learningRate * (plus - minus)) / (2 * epsilon));
    return { loss: plus };
  },
};`;

test('a study that breaks off leaves what was measured until then', async () => {
  const [optimizer, broken] = [join(folder, 'late.mjs'), join(folder, 'broken')];
  writeFileSync(optimizer, DIVERGES);
  const small = ['--samples', '40', '--queries', '1', '--epsilon', '1e-3', '--batch-size', '4', '--threads', '1'];
  const { code, stdout, stderr } = await diagnose('--model', model, '--optimizer', `zo-sgd,${optimizer}`, ...small, '--out', broken);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^zo-sgd: 40 samples\nzobench: the loss is NaN[^\n]*\n$/);
  const rows: Record<string, string>[] = parse(readFileSync(join(broken, 'estimators.csv'), 'utf8'), { columns: true });
  expect(rows.map((row) => [row.optimizer, row.samples])).toEqual([['zo-sgd', '40']]);
  expect(readdirSync(broken).sort()).toEqual(['environment.json', 'epsilon.csv', 'estimators.csv']);
});

describe('refusals take one line and leave nothing', () => {
  test.each([
    [['--optimizer', 'zo-sdg'], /^zobench: unknown optimizer zo-sdg: did you mean zo-sgd\? [^\n]*\n$/],
    [['--optimizer', 'zo-sgd:p=2'], /^zobench: unknown option of zo-sgd p[^\n]*\n$/],
    [['--samples', '1'], /^zobench: --samples 1: a whole number of at least 2 is needed\n$/],
    [['--epsilon', '1e-3,0'], /^zobench: --epsilon 1e-3,0: numbers above 0, separated by commas, are needed\n$/],
    [['--queries', '1,2.5'], /^zobench: --queries 1,2.5: whole numbers of at least 1, separated by commas, are needed\n$/],
    [['--queries', ''], /^zobench: --queries : whole numbers of at least 1, separated by commas, are needed\n$/],
    [['--sample', '9'], /^zobench: unknown option --sample: did you mean --samples\?[^\n]*\n$/],
    [['zo-sgd'], /^zobench: unexpected argument zo-sgd: options start with -- \(see --help\)\n$/],
    [['--seed', '1', '--seed', '2'], /^zobench: --seed is given 2 times: give it once\n$/],
    [['--model', 'opt-maxi'], /^zobench: unknown model opt-maxi: did you mean opt-mini\? [^\n]*\n$/],
    [['--scheme', 'laro'], /^zobench: unknown scheme laro: did you mean lora\? [^\n]*\n$/],
    [['--batch-size', '1000000'], /^zobench: --batch-size 1000000: the data has \d+ training items\n$/],
    [
      ['--optimizer', 'zo-sgd:sides=previous', '--batch-size', '2'],
      /^zobench: optimizer zo-sgd:sides=previous does not move in its first step: [^\n]*\n$/,
    ],
  ])('%j', async (argv, message) => {
    const nowhere = join(folder, 'nowhere');
    const given = argv.includes('--model') ? argv : ['--model', model, ...argv];
    const { code, stdout, stderr } = await diagnose(...given, '--out', nowhere);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(existsSync(nowhere)).toBe(false);
  });

  test('the help names every option and what there is', async () => {
    const { code, stdout } = await diagnose('--help');
    expect(code).toBe(0);
    for (const name of ['optimizer', 'batch-size', 'samples', 'epsilon', 'queries', 'threads', 'out'])
      expect(stdout).toContain(`--${name} `);
    expect(stdout).toContain('Models: opt-mini, llama-mini');
  });
});
