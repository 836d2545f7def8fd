import { describe, expect, test } from '@jest/globals';
import { fitLogisticRegression, type LabelledFeatures } from '../../schemes/index.js';

/*
 * The fits of scikit-learn 1.2.1:
 *
 * X = np.array([[np.float32(((7*i*i + 3*j*i + 5*j) % 11) / 4 - 1) for j in range(3)] for i in range(24)])
 * two, three = [int((i*i) % 5 > 1) for i in range(24)], [(i + i//3) % 3 for i in range(24)]
 * LogisticRegression(multi_class='multinomial', C=c, fit_intercept=intercept, tol=1e-12, max_iter=100000).fit(X, y)
 */
const features = Float32Array.from({ length: 72 }, (_, at) => {
  const [i, j] = [Math.floor(at / 3), at % 3];
  return ((7 * i * i + 3 * j * i + 5 * j) % 11) / 4 - 1;
});
const items = Array.from({ length: 24 }, (_, i) => i);
const two: LabelledFeatures = { features, width: 3, classes: items.map((i) => Number((i * i) % 5 > 1)) };
const three: LabelledFeatures = { features, width: 3, classes: items.map((i) => (i + Math.floor(i / 3)) % 3) };

/** Parts of the gradient below 1e-6 leave the weights this near the minimum, where the penalty is weakest. */
const DIGITS = 4;

function expectClose(values: ArrayLike<number>, wanted: readonly number[]): void {
  expect(values).toHaveLength(wanted.length);
  wanted.forEach((value, index) => expect(values[index]).toBeCloseTo(value, DIGITS));
}

describe('multinomial logistic regression is that of scikit-learn', () => {
  test.each([
    [0.01, [-0.01186914, -0.02501868, 0.01454363], '100100010001001000100010'],
    [1, [-0.06248001, -0.44707868, 0.19748491], '100100110001001001100010'],
    [10000, [-0.05250699, -0.56203959, 0.25329327], '100100110001001001100010'],
  ])('for two classes without intercepts, C = %d', (c, coefficients, predicted) => {
    const fit = fitLogisticRegression(two, { classCount: 2, intercept: false, c });
    expectClose(fit.weights, [...coefficients.map((value) => -value), ...coefficients]);
    expect(fit.classify(features).join('')).toBe(predicted);
    expect(fit.converged).toBe(true);
  });

  test.each([
    [
      0.01,
      [-0.0016229, 0.00521327, 0.03987178, 0.03472905, -0.01259184, -0.06207877, -0.03310614, 0.00737857, 0.022207],
      [-0.00080546, -0.01223151, 0.01303697],
      '210120121112101201211121',
    ],
    [
      1,
      [0.28453033, -0.01831728, 1.06170204, 0.38797905, 0.0154304, -1.31947212, -0.67250938, 0.00288688, 0.25777008],
      [0.03776115, -0.5805194, 0.54275824],
      '210120101212101201012121',
    ],
    [
      10000,
      [0.5982294, -0.12771266, 2.37287327, 0.35717369, 0.09818076, -3.22295812, -0.95540309, 0.0295319, 0.85008485],
      [0.28019021, -1.54006995, 1.25987974],
      '210020101212100201012121',
    ],
  ])('for three classes with intercepts, C = %d', (c, coefficients, intercepts, predicted) => {
    const fit = fitLogisticRegression(three, { classCount: 3, intercept: true, c });
    expectClose(fit.weights, [...coefficients, ...intercepts]);
    expect(fit.classify(features).join('')).toBe(predicted);
  });

  test('wherever the fit starts', () => {
    const start = Float64Array.from({ length: 9 }, (_, k) => Math.sin(k) * 5);
    const options = { classCount: 3, intercept: false, c: 1 };
    expectClose(fitLogisticRegression(three, { ...options, start }).weights, [...fitLogisticRegression(three, options).weights]);
  });
});
