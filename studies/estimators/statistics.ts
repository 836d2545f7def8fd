import { mean, sampleStd } from '../../statistics/index.js';
import { type EstimatorStatistics } from '../../reports/index.js';
import type { Calibration } from './calibrate.js';
import type { Draw } from './draws.js';

/** A mean is told from 0 when it is so many standard errors away. */
const CLEAR = 2;

/**
 * What N sampled directions x_i tell about an estimator of g; all lengths are relative to |g|.
 *
 *   projection P = mean x_i . g / |g|^2, which is 1 for an unbiased estimator
 *   M = 2 / (N (N - 1)) sum_{i > j} x_i . x_j, which estimates |E x|^2 without bias
 *   variance E|x - E x|^2, estimated by mean |x_i|^2 - M
 *   squared bias |E x - g|^2, estimated by M - 2 P |g|^2 + |g|^2: the plain |mean x_i - g|^2 less the variance / N that inflates it.
 *     It may come out negative.
 *
 * An estimator of the direction alone is first multiplied by 1 / P, so that it has projection 1; without a clear direction
 * (P within two standard errors of 0) it has neither bias nor variance.
 */
export function statisticsOf(draws: readonly Draw[], gradientSquare: number, estimates: Calibration['estimates']): EstimatorStatistics {
  const cosine = meanWithError(draws.map(({ square, along }) => cosineOf(square, along, gradientSquare)));
  const ratio = meanWithError(draws.map(({ square }) => Math.sqrt(square / gradientSquare)));
  const projection = meanWithError(draws.map(({ along }) => along / gradientSquare));
  const isClear = projection.mean > CLEAR * projection.error;
  const scale = estimates === 'gradient' ? 1 : isClear ? 1 / projection.mean : null;
  return {
    cosineMean: cosine.mean,
    cosineStd: cosine.std,
    normRatioMean: ratio.mean,
    normRatioStd: ratio.std,
    projection: projection.mean,
    projectionError: projection.error,
    ...(scale === null ? NO_SIZE : sizes(draws.map(rescaled(scale, gradientSquare)))),
  };
}

const NO_SIZE = { squaredBias: null, squaredBiasError: null, variance: null, varianceError: null };

/** A step that does not move, as when a difference of losses is rounded to 0, tells nothing of the gradient. */
export const cosineOf = (square: number, along: number, gradientSquare: number): number =>
  square === 0 ? 0 : along / Math.sqrt(square * gradientSquare);

type Products = Pick<Draw, 'square' | 'along' | 'withEarlier'>;

/** The products of x_i = scale g_hat_i, in units of |g|^2. */
const rescaled =
  (scale: number, gradientSquare: number) =>
  ({ square, along, withEarlier }: Products): Products => ({
    square: (scale ** 2 * square) / gradientSquare,
    along: (scale * along) / gradientSquare,
    withEarlier: (scale ** 2 * withEarlier) / gradientSquare,
  });

function sizes(draws: readonly Products[]): Pick<EstimatorStatistics, 'squaredBias' | 'squaredBiasError' | 'variance' | 'varianceError'> {
  const projection = mean(draws.map(({ along }) => along));
  const meanSquare = draws.reduce((sum, { withEarlier }) => sum + withEarlier, 0) / pairs(draws);
  const squaredBias = meanSquare - 2 * projection + 1;
  // |x_i - P g|^2 up to a constant: its spread is that of the squared distance to the mean.
  const { error } = meanWithError(draws.map(({ square, along }) => square - 2 * projection * along));
  return {
    squaredBias,
    squaredBiasError: biasError(draws, squaredBias),
    variance: mean(draws.map(({ square }) => square)) - meanSquare,
    varianceError: error,
  };
}

const pairs = ({ length }: readonly unknown[]): number => (length * (length - 1)) / 2;

/**
 * Standard error of the squared bias, the mean over pairs of (x_i - g) . (x_j - g). A sample's part of it, its product with the sum
 * of the k earlier ones, has expectation k |bias|^2. Without bias what it deviates by has expectation 0 whatever came before, so that
 * the squares add up to the variance; with bias and variance both, the error is up to sqrt(3) times as large.
 */
function biasError(draws: readonly Products[], squaredBias: number): number {
  let square = 0;
  let earlierAlong = 0;
  draws.forEach(({ along, withEarlier }, earlier) => {
    square += (withEarlier - earlier * along - earlierAlong + earlier - earlier * squaredBias) ** 2;
    earlierAlong += along;
  });
  return Math.sqrt(square) / pairs(draws);
}

/** The standard error of a mean, and the sample standard deviation behind it; there are at least two values. */
export function meanWithError(values: readonly number[]): { mean: number; std: number; error: number } {
  const std = sampleStd(values) ?? NaN;
  return { mean: mean(values), std, error: std / Math.sqrt(values.length) };
}
