import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  cpuBackend,
  float32Of,
  floats,
  operators,
  Parameters,
  ForwardRunner,
  JvpRunner,
  type Parameter,
  type Point,
  type Stage,
} from '../../../engine/index.js';
import { arbitrary, dot, farthest, relativeError } from '../../support/engine-numbers.js';

/** More rows than come in one block, more than 2^22 elements, and no multiple of either. */
const ROWS = 131_073;
const WIDTH = 33;
const READS = 2;
const SEED = 3;
/** Logarithms near 13 of sums of 131,073 float32 terms, added up in blocks. */
const LOG_SUM = 1e-6;
/** Its derivative, a mean of products of either sign. */
const DERIVATIVE = 1e-5;

/** Only what comes in row blocks: log sum exp over all rows of features . row. */
const head: Stage = {
  name: 'head',
  kind: 'head',
  prefix: '',
  build(scope) {
    const features = scope.input('features', 'real', ['reads', WIDTH]);
    scope.outputLogSumExp('normaliser', operators.matmul(features, operators.transpose(scope.rowBlocks('head', [ROWS, WIDTH]), [1, 0])));
  },
};

const parameters = new Parameters();
const parameter = parameters.add('head', [ROWS, WIDTH], true);
const features = arbitrary(READS * WIDTH, 1);
const batch = { features: floats([READS, WIDTH], Float32Array.from(features)) };

/** Rows near 0, so that no row alone decides the sum. */
function fill({ count }: Parameter): void {
  const values = parameters.values(parameter);
  parameters.heap.kernels.normal(parameter.pointer, count, 0, 11, 12);
  for (let i = 0; i < count; i++) values[i] = 0.2 * (values[i] ?? 0);
}

interface Logarithm {
  readonly value: number;
  readonly derivative: number;
}

/** The log sum exp of one read at theta + scale z and its derivative along z, in one go and in float64. */
function inOneGo(theta: Float32Array, z: Float32Array, read: number, scale: number): Logarithm {
  const { exp } = Math;
  const feature = features.slice(read * WIDTH, (read + 1) * WIDTH);
  let sum = 0;
  let moved = 0;
  for (let row = 0; row < ROWS; row++) {
    let logit = 0;
    let change = 0;
    for (let i = 0; i < WIDTH; i++) {
      const f = feature[i] ?? 0;
      const step = z[row * WIDTH + i] ?? 0;
      logit += f * ((theta[row * WIDTH + i] ?? 0) + scale * step);
      change += f * step;
    }
    const weight = exp(logit);
    sum += weight;
    moved += weight * change;
  }
  return { value: Math.log(sum), derivative: moved / sum };
}

function expected(scale: number): Logarithm[] {
  const theta = parameters.values(parameter).slice();
  const out = parameters.heap.allocate(parameter.count);
  parameters.writeDirection(parameter, 0, parameter.count, SEED, out);
  const z = parameters.heap.floats(out, parameter.count);
  return Array.from({ length: READS }, (_, read) => inOneGo(theta, z, read, scale));
}

const SCALES = [0, 0.05, -0.05] as const;
let wanted: Logarithm[][] = [];

beforeAll(() => {
  fill(parameter);
  wanted = SCALES.map(expected);
});

describe.each([1, 2])('a head in row blocks, with %i thread(s)', (threads) => {
  const backend = cpuBackend(threads);

  test('gives the logarithm of the whole sum, at theta and at mirrored points', async () => {
    const runner = new ForwardRunner(backend, parameters);
    const logarithms = async (...points: Point[]): Promise<number[][]> =>
      (await runner.run([head], batch, points)).map((result) => [...float32Of(result, 'normaliser')]);
    const points = SCALES.slice(1).map((scale) => ({ direction: SEED, scale }));
    const made = [...(await logarithms()), ...(await logarithms(...points))];
    for (const [index, logarithm] of wanted.entries()) {
      const values = logarithm.map(({ value }) => value);
      expect(farthest(made[index] ?? [], values)).toBeLessThan(LOG_SUM * Math.max(...values));
    }
    await runner.release();
  });

  test('gives the derivative of the whole along a seed', async () => {
    const runner = new JvpRunner(backend, parameters);
    const { values, tangents } = await runner.run([head], batch, SEED);
    const made = float32Of(tangents, 'normaliser');
    wanted[0]?.forEach(({ value, derivative }, read) => {
      expect(relativeError(float32Of(values, 'normaliser')[read] ?? NaN, value)).toBeLessThan(LOG_SUM);
      expect(Math.abs((made[read] ?? NaN) - derivative)).toBeLessThan(DERIVATIVE);
    });
    expect(dot(made, made)).toBeGreaterThan(1e-4); // far more than the tolerance
    expect(wanted[0]).toHaveLength(READS);
    await runner.release();
  });
});
