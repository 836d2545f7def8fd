import { expect, test } from '@jest/globals';
import { cpuBackend, JvpRunner } from '../../../engine/index.js';
import { familyNames, flat, gradientOf, lossOf, tinyBatch, tinyModel } from '../../support/engine-models.js';
import { dot } from '../../support/engine-numbers.js';

const DRAWS = 200;
/** Standard errors: of two models' worst components and mean squares, fresh draws would pass this once in ten thousand times. */
const BOUND = 5;

/** How far the means of d z over the draws are from `gradient`, in standard errors: Var(d z_i) = |g|^2 + g_i^2 for d = g . z. */
function scores(gradient: readonly number[], means: readonly number[], expected = gradient): number[] {
  const square = dot(gradient, gradient);
  return gradient.map((g, i) => ((means[i] ?? NaN) - (expected[i] ?? NaN)) / Math.sqrt((square + g * g) / DRAWS));
}

const meanSquare = (values: readonly number[]): number => dot(values, values) / values.length;

test.each(familyNames)('on a tiny %s the mean of derivative times direction over many seeds is the gradient', async (family) => {
  // Few parameters, so that the gradient stands out from the estimates' noise.
  const model = tinyModel(family, (name) => name.includes('norm'));
  const { parameters } = model;
  const batch = tinyBatch(model);
  const gradient = flat(model, await gradientOf(model, batch));
  const direction = parameters.allocateBuffers();
  const runner = new JvpRunner(cpuBackend(1), parameters);
  const means = gradient.map(() => 0);
  for (let seed = 0; seed < DRAWS; seed++) {
    const derivative = lossOf((await runner.run(model.stages('tokens'), batch, seed)).tangents);
    for (const parameter of parameters.trainable) {
      parameters.writeDirection(parameter, 0, parameter.count, seed, parameters.buffer(direction, parameter));
    }
    flat(model, direction).forEach((z, i) => (means[i] = (means[i] ?? NaN) + (derivative * z) / DRAWS));
  }
  await runner.release();

  const made = scores(gradient, means);
  expect(Math.max(...made.map(Math.abs))).toBeLessThan(BOUND);
  // A mean of n squares of standard normals is 1 with a standard deviation of sqrt(2 / n).
  const slack = BOUND * Math.sqrt(2 / made.length);
  expect(Math.abs(meanSquare(made) - 1)).toBeLessThan(slack);
  const zero = gradient.map(() => 0);
  expect(meanSquare(scores(gradient, means, zero)) - 1).toBeGreaterThan(slack); // a mean of zero would be told from the gradient
});
