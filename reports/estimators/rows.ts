/** What a number of sampled directions tell about an estimator; lengths are relative to the gradient's. */
export interface EstimatorStatistics {
  readonly cosineMean: number;
  readonly cosineStd: number;
  /** |g_hat| / |g| */
  readonly normRatioMean: number;
  readonly normRatioStd: number;
  /** mean g_hat . g / |g|^2; errors are standard errors. */
  readonly projection: number;
  readonly projectionError: number;
  /** |E g_hat - g|^2 / |g|^2, corrected for the samples' variance: may be negative. Its error is up to sqrt(3) times as large where there are both bias and variance. */
  readonly squaredBias: number | null;
  readonly squaredBiasError: number | null;
  /** E|g_hat - E g_hat|^2 / |g|^2 */
  readonly variance: number | null;
  readonly varianceError: number | null;
}

/** One optimizer with one number of directions. */
export interface EstimatorRow extends EstimatorStatistics {
  readonly optimizer: string;
  /** The optimizer whatever its number of directions: one line of a plot. */
  readonly family: string;
  /** Directions per step, of an optimizer that leaves them to choose. */
  readonly queries: number | null;
  /** null for an optimizer without one. */
  readonly epsilon: number | null;
  readonly samples: number;
  /** Passes of a step, mean over the samples. */
  readonly forwards: number;
  readonly backwards: number;
  /** `direction`: the step does not scale with the loss; bias and variance are those of the multiple that has projection 1. */
  readonly estimates: 'gradient' | 'direction';
  /** Variance and mean cosine of as many independent Gaussian directions with exact derivatives. */
  readonly gaussianVariance: number | null;
  readonly gaussianCosine: number | null;
  /** At which the step was measured. */
  readonly learningRate: number;
  /** Relative difference between the directions of a long and a short step: above 0.001, the step does not scale with eta. */
  readonly rateDependence: number;
}

/** One optimizer at one epsilon. */
export interface EpsilonRow {
  readonly optimizer: string;
  /** null for an optimizer without one. */
  readonly epsilon: number | null;
  readonly samples: number;
  /** Root mean square of |g_hat - g_0| / root mean square of |g_0|, g_0 being the same step's direction with exact derivatives. */
  readonly relativeError: number;
  readonly cosineMean: number;
  readonly cosineStd: number;
  readonly projection: number;
  readonly projectionError: number;
}

/** What the estimators were measured on. */
export interface StudySubject {
  readonly model: string;
  readonly task: string;
  readonly scheme: string;
  readonly data: string;
  readonly batchSize: number;
  readonly seed: number;
  /** Trainable parameters. */
  readonly dimensions: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly generatedData: boolean;
  readonly bundledModel: boolean;
}

/** A report on estimators. */
export interface EstimatorStudy {
  readonly subject: StudySubject;
  readonly estimators: readonly EstimatorRow[];
  readonly epsilons: readonly EpsilonRow[];
}
