import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadImage } from '@napi-rs/canvas';
import { parse } from 'csv-parse/sync';
import { logAxis, roomyLogAxis } from '../../reports/axes.js';
import { epsilonChart } from '../../reports/estimators/plot-epsilon.js';
import { cosineChart, varianceChart } from '../../reports/estimators/plot-forwards.js';
import {
  estimatorTable,
  gaussianCosine,
  gaussianVariance,
  writeEstimatorReport,
  type EpsilonRow,
  type EstimatorRow,
  type EstimatorStudy,
} from '../../reports/index.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const row = (changes: Partial<EstimatorRow>): EstimatorRow => ({
  optimizer: 'zo-sgd',
  family: 'zo-sgd',
  queries: 1,
  epsilon: 1e-3,
  samples: 100,
  forwards: 2,
  backwards: 0,
  estimates: 'gradient',
  cosineMean: 0.008,
  cosineStd: 0.006,
  normRatioMean: 100,
  normRatioStd: 75,
  projection: 1,
  projectionError: 0.1,
  squaredBias: -3,
  squaredBiasError: 2,
  variance: 10_000,
  varianceError: 1000,
  gaussianVariance: 10_001,
  gaussianCosine: 0.00798,
  learningRate: 0.5,
  rateDependence: 1e-6,
  ...changes,
});

const FO_SGD = row({
  optimizer: 'fo-sgd',
  family: 'fo-sgd',
  queries: null,
  epsilon: null,
  forwards: 1,
  backwards: 1,
  cosineMean: 1,
  cosineStd: 0,
  variance: 1e-12,
  varianceError: 0,
  squaredBias: 0,
  squaredBiasError: 0,
  gaussianVariance: null,
  gaussianCosine: null,
});
const SIGN = row({
  optimizer: 'zo-sgd-sign',
  family: 'zo-sgd-sign',
  estimates: 'direction',
  rateDependence: 0.5,
  variance: null,
  varianceError: null,
});

const epsilonRow = (changes: Partial<EpsilonRow>): EpsilonRow => ({
  optimizer: 'zo-sgd',
  epsilon: 1e-3,
  samples: 32,
  relativeError: 0.01,
  cosineMean: 0.008,
  cosineStd: 0.006,
  projection: 1,
  projectionError: 0.1,
  ...changes,
});

const STUDY: EstimatorStudy = {
  subject: {
    model: 'opt-mini',
    task: 'sst2',
    scheme: 'full',
    data: 'bundled',
    batchSize: 16,
    seed: 0,
    dimensions: 10_000,
    loss: 0.7,
    gradientNorm: 5.5,
    generatedData: true,
    bundledModel: true,
  },
  estimators: [row({}), row({ optimizer: 'zo-sgd:q=4', queries: 4, forwards: 8, cosineMean: 0.0188, variance: 2500 }), FO_SGD, SIGN],
  epsilons: [
    epsilonRow({ epsilon: 1e-4, relativeError: 0.02 }),
    epsilonRow({}),
    epsilonRow({ optimizer: 'forward-grad', epsilon: null, relativeError: 1e-7 }),
  ],
};

describe('q Gaussian directions', () => {
  // In one dimension every direction is right; in two the mean |cos| of a uniform angle is 2 / pi, in three that of a point on the
  // sphere is 1 / 2; two directions in two dimensions: B(3/2, 1/2) / B(1, 1/2) = (pi / 2) / 2.
  test.each([
    [1, 1, 1],
    [2, 1, 2 / Math.PI],
    [3, 1, 1 / 2],
    [2, 2, Math.PI / 4],
  ])('in %i dimensions, q = %i: mean cosine %f', (dimensions, queries, cosine) => {
    expect(gaussianCosine(dimensions, queries)).toBeCloseTo(cosine, 10);
  });

  test('in many dimensions the cosine is sqrt(2 / (pi d)), and its square grows like q', () => {
    expect(gaussianCosine(1e6, 1) * Math.sqrt((1e6 * Math.PI) / 2)).toBeCloseTo(1, 5);
    // E cos^2 = q / (q + d - 1), and the cosine of many directions scatters little.
    expect(gaussianCosine(1e6, 1000) ** 2 / (1000 / (1000 + 1e6 - 1))).toBeCloseTo(1, 2);
  });

  test('the variance is (d + 1) / q', () => expect(gaussianVariance(11, 4)).toBe(3));
});

describe('the files of a study', () => {
  const table = (name: string): Record<string, string>[] => parse(readFileSync(join(folder, name), 'utf8'), { columns: true });

  test('hold every row, with its subject; what does not apply is empty', async () => {
    await writeEstimatorReport(folder, STUDY);
    const rows = table('estimators.csv');
    expect(rows.map(({ optimizer }) => optimizer)).toEqual(['zo-sgd', 'zo-sgd:q=4', 'fo-sgd', 'zo-sgd-sign']);
    expect(rows[0]).toMatchObject({ model: 'opt-mini', dimensions: '10000', forwards: '2', squaredBias: '-3', rateDependence: '0.000001' });
    expect(rows[2]).toMatchObject({ queries: '', epsilon: '', gaussianVariance: '' });
    expect(Object.keys(rows[0] ?? {})).toEqual(expect.arrayContaining(Object.keys(STUDY.estimators[0] ?? {})));
    expect(table('epsilon.csv').map(({ optimizer, epsilon, relativeError }) => [optimizer, epsilon, relativeError])).toEqual([
      ['zo-sgd', '0.0001', '0.02'],
      ['zo-sgd', '0.001', '0.01'],
      ['forward-grad', '', '1e-7'],
    ]);
  });

  test('are drawn, and what cannot be is taken away', async () => {
    await writeEstimatorReport(folder, STUDY);
    const names = ['cosine-against-forwards.png', 'error-against-epsilon.png', 'variance-against-forwards.png'];
    expect(readdirSync(join(folder, 'plots')).sort()).toEqual(names.flatMap((name) => [name, name.replace('png', 'svg')]));
    for (const name of names) {
      const image = await loadImage(readFileSync(join(folder, 'plots', name)));
      expect([image.width, image.height]).toEqual([1800, 1000]);
    }
    await writeEstimatorReport(folder, { ...STUDY, estimators: [FO_SGD], epsilons: [] });
    expect(readdirSync(join(folder, 'plots'))).toEqual(['cosine-against-forwards.png', 'cosine-against-forwards.svg']);
  });
});

describe('the plots as numbers', () => {
  test('a line per optimizer over its directions, beside the theory', () => {
    const [zoSgd, foSgd, sign, theory] = cosineChart(STUDY)?.data.datasets ?? [];
    // At 2 forward passes zo-sgd and zo-sgd-sign stand side by side.
    expect(zoSgd?.data).toEqual([
      { x: 2 * Math.exp(-0.025), y: 0.008 },
      { x: 8, y: 0.0188 },
    ]);
    expect(foSgd?.data).toEqual([{ x: 1, y: 1 }]);
    expect(sign).toMatchObject({ data: [{ x: 2 * Math.exp(0.025), y: 0.008 }], pointBackgroundColor: 'white' });
    expect(theory?.data).toEqual([
      { x: 2, y: gaussianCosine(10_000, 1) },
      { x: 8, y: gaussianCosine(10_000, 4) },
    ]);
  });

  test('what is 0 or unclear has no place on a logarithmic axis, and is named', () => {
    const chart = varianceChart(STUDY);
    expect(chart?.data.datasets.map(({ label }) => label)).toEqual(['zo-sgd', 'Gaussian']);
    const [drawn] = [chart?.options?.plugins?.subtitle?.text ?? []].flat();
    expect(drawn).toBe('mean over 100 samples, whisker: ± 2 standard errors  ·  not shown, not above 0 or unclear: fo-sgd, zo-sgd-sign');
    expect(varianceChart({ ...STUDY, estimators: [FO_SGD] })).toBeNull();
  });

  test('against epsilon an optimizer without one is a level', () => {
    const [zoSgd, forwardGrad] =
      epsilonChart({ ...STUDY, estimators: [...STUDY.estimators, row({ family: 'forward-grad' })] })?.data.datasets ?? [];
    expect(zoSgd?.data).toEqual([
      { x: 1e-4, y: 0.02 },
      { x: 1e-3, y: 0.01 },
    ]);
    expect(forwardGrad?.data).toEqual([
      { x: 1e-4, y: 1e-7 },
      { x: 1e-3, y: 1e-7 },
    ]);
    expect(epsilonChart({ ...STUDY, epsilons: STUDY.epsilons.slice(2) })).toBeNull();
  });
});

test('the table says what was measured, and marks what is measured otherwise', () => {
  const lines = estimatorTable(STUDY).split('\n');
  expect(lines[0]).toBe('opt-mini, sst2 (bundled data), full: one batch of 16; d = 10,000 dimensions, |g| = 5.5, 100 samples.');
  expect(lines[4]).toBe('| zo-sgd | 2 | 0.008 ± 0.006 | 100 ± 75 | 1 ± 0.1 | -3 ± 2 | 10,000 ± 1,000 | 10,001 |');
  expect(lines[6]).toMatch(/^\| fo-sgd \| 1 \+ 1 backward \| 1 ± 0 \|.*\| – \|$/);
  expect(lines[7]).toMatch(/^\| zo-sgd-sign † ‡ \|.*\| -3 ± 2 \| – \| 10,001 \|$/);
  expect(lines.filter((line) => /^[†‡]/.test(line))).toHaveLength(2);
});

describe('logarithmic axes', () => {
  const labels = (values: number[], ticks: number[]): (string | null)[] => ticks.map((tick) => logAxis(values).ticks.callback(tick));

  test('of a short range have ticks at 1, 2 and 5, of a long one at powers of ten', () => {
    expect(labels([1, 50], [1, 2, 3, 5, 10])).toEqual(['1', '2', null, '5', '10']);
    expect(labels([1, 5000], [1, 2, 1000])).toEqual(['1', null, '1,000']);
  });

  test('are written in powers of ten where plain numbers would be long', () => {
    expect(labels([1e-7, 1], [1e-7, 1e-2, 1])).toEqual(['1e-7', '1e-2', '1']);
    expect(labels([1e5, 2e6], [2e5, 1e6])).toEqual(['2e5', '1e6']);
  });

  test('may have room around the values', () => {
    expect(roomyLogAxis([1, 10])).toMatchObject({ type: 'logarithmic', min: 1 / 1.4, max: 14 });
  });
});
