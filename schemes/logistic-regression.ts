import { minimise } from './lbfgs.js';

/** Items as rows of numbers. */
export interface LabelledFeatures {
  /** [items, width] */
  readonly features: Float32Array;
  readonly width: number;
  /** Of each item, from 0. */
  readonly classes: readonly number[];
}

/** Tells classes apart by linear functions of the features. */
export interface LinearClassifier {
  /** [classes, width], behind them [classes] where there are intercepts. */
  readonly weights: Float64Array;
  /** Whether the fit reached its tolerance. */
  readonly converged: boolean;
  /** The likeliest class of each row of features [items, width]. */
  classify(features: Float32Array): number[];
}

export interface FitOptions {
  readonly classCount: number;
  readonly intercept: boolean;
  /** Inverse strength of the L2 penalty. */
  readonly c: number;
  /** Weights to start from; the minimum is the same. */
  readonly start?: Float64Array | undefined;
}

/** Of the gradient's largest part; scikit-learn's default is 1e-4. */
const TOLERANCE = 1e-6;
/** MeZO's. */
const MOST_ITERATIONS = 5000;

/**
 * Multinomial logistic regression as scikit-learn's LogisticRegression(multi_class='multinomial') has it: the minimum over W [classes,
 * width] and b [classes] of mean(- log softmax(W x + b)[class]) + |W|^2 / (2 C items). Intercepts are not penalised.
 */
export function fitLogisticRegression(items: LabelledFeatures, { classCount, intercept, c, start }: FitOptions): LinearClassifier {
  const { width } = items;
  const weightCount = classCount * width;
  const shape = { width, classCount, weightCount };
  const from = start ?? new Float64Array(weightCount + (intercept ? classCount : 0));
  const { at, converged } = minimise(
    (weights, gradient) =>
      crossEntropy(items, weights, gradient, shape) + penalty(weights, gradient, weightCount, c * items.classes.length),
    from,
    TOLERANCE,
    MOST_ITERATIONS,
  );
  const classify = (features: Float32Array): number[] =>
    Array.from({ length: features.length / width }, (_, item) => indexOfLargest(logits(features, item, at, shape)));
  return { weights: at, converged, classify };
}

interface Shape {
  readonly width: number;
  readonly classCount: number;
  readonly weightCount: number;
}

/** Mean over the items; overwrites the gradient. */
function crossEntropy({ features, classes }: LabelledFeatures, weights: Float64Array, gradient: Float64Array, shape: Shape): number {
  const { width, classCount, weightCount } = shape;
  const hasIntercepts = weights.length > weightCount;
  gradient.fill(0);
  let loss = 0;
  classes.forEach((own, item) => {
    const scores = logits(features, item, weights, shape);
    const logNormaliser = logSumExp(scores);
    loss += (logNormaliser - (scores[own] ?? NaN)) / classes.length;
    for (let k = 0; k < classCount; k++) {
      const residual = (Math.exp((scores[k] ?? NaN) - logNormaliser) - (k === own ? 1 : 0)) / classes.length;
      for (let i = 0; i < width; i++)
        gradient[k * width + i] = (gradient[k * width + i] ?? 0) + residual * (features[item * width + i] ?? 0);
      if (hasIntercepts) gradient[weightCount + k] = (gradient[weightCount + k] ?? 0) + residual;
    }
  });
  return loss;
}

/** |W|^2 / (2 strength); adds to the gradient. */
function penalty(weights: Float64Array, gradient: Float64Array, weightCount: number, strength: number): number {
  let squares = 0;
  for (let i = 0; i < weightCount; i++) {
    const weight = weights[i] ?? 0;
    squares += weight * weight;
    gradient[i] = (gradient[i] ?? 0) + weight / strength;
  }
  return squares / (2 * strength);
}

/** Of one item: [classes]. */
function logits(features: Float32Array, item: number, weights: Float64Array, { width, classCount, weightCount }: Shape): Float64Array {
  const scores = new Float64Array(classCount);
  for (let k = 0; k < classCount; k++) {
    let score = weights[weightCount + k] ?? 0;
    for (let i = 0; i < width; i++) score += (weights[k * width + i] ?? 0) * (features[item * width + i] ?? 0);
    scores[k] = score;
  }
  return scores;
}

function logSumExp(values: Float64Array): number {
  const most = Math.max(...values);
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
}

/** The first of the largest. */
const indexOfLargest = (values: Float64Array): number => values.indexOf(Math.max(...values));
