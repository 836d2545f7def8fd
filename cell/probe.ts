import { DivergedError, float32Of } from '../engine/index.js';
import { fitLogisticRegression, type LabelledFeatures, type LinearClassifier } from '../schemes/index.js';
import { promptTensors, type EncodedExample } from '../tasks/index.js';
import { type Engines, evaluationBatches, judgementOf, type Judgement } from '../training/index.js';
import type { Judged, OpenCell } from './open-cell.js';

/** How dev and test items were answered, and what is to be said of the way. */
export interface Answered extends Pick<Judged, 'demonstrations' | 'probe'> {
  readonly dev: Judgement;
  readonly test: Judgement;
  /** Numbers that were fitted to the training items. */
  readonly fitted?: number;
}

/** Inverse strengths of the L2 penalty: those of scikit-learn's LogisticRegressionCV. */
const STRENGTHS = Array.from({ length: 10 }, (_, k) => 10 ** (-4 + (8 * k) / 9));

/** A strength of the penalty, and what a fit with it does on dev. */
interface Trial {
  readonly c: number;
  readonly fit: LinearClassifier;
  readonly dev: Judgement;
}

/**
 * Linear probing: the classifier of the training items' features that does best on dev, of equals the one with the strongest penalty,
 * judged on test. Throws DivergedError where the features are not numbers.
 */
export async function probe({ items, engines, padId, model }: OpenCell): Promise<Answered> {
  const features = (examples: readonly EncodedExample[]): Promise<Float32Array> => featuresOf(engines, examples, padId);
  const { shape, bias } = model.architecture.head;
  const train = { features: await features(items.train), width: shape[1], classes: items.train.map(({ answer }) => answer) };
  const classCount = items.train[0]?.branches.length ?? 0;
  const trials = tryStrengths(train, { classCount, intercept: bias !== undefined }, items.dev, await features(items.dev));
  const best = trials.reduce((leader, trial) => (trial.dev.evaluation.score > leader.dev.evaluation.score ? trial : leader));
  return {
    dev: best.dev,
    test: judged(best.fit, items.test, await features(items.test)),
    probe: {
      c: best.c,
      tried: trials.map(({ c, fit, dev }) => ({ c, devScore: dev.evaluation.score, converged: fit.converged })),
    },
    fitted: best.fit.weights.length,
  };
}

/** From the strongest penalty on, each fit begins where the one before it ended. */
function tryStrengths(
  train: LabelledFeatures,
  options: { readonly classCount: number; readonly intercept: boolean },
  dev: readonly EncodedExample[],
  devFeatures: Float32Array,
): Trial[] {
  const trials: Trial[] = [];
  for (const c of STRENGTHS) {
    const fit = fitLogisticRegression(train, { ...options, c, start: trials.at(-1)?.fit.weights });
    trials.push({ c, fit, dev: judged(fit, dev, devFeatures) });
  }
  return trials;
}

function judged(fit: LinearClassifier, examples: readonly EncodedExample[], features: Float32Array): Judgement {
  const chosen = fit.classify(features);
  return judgementOf(examples.map(({ answer, alsoRight = [] }, index) => [answer, ...alsoRight].includes(chosen[index] ?? NaN)));
}

/** What the output embedding gets where each example's answer is predicted: [examples, width]. */
async function featuresOf(engines: Engines, examples: readonly EncodedExample[], padId: number): Promise<Float32Array> {
  const { head, stages } = engines.model.architecture;
  const all = new Float32Array(examples.length * head.shape[1]);
  let filled = 0;
  for (const group of evaluationBatches(examples, ({ trunk }) => trunk.length)) {
    const [made = {}] = await engines.staged.run(stages, promptTensors(engines.model, group, padId));
    const features = float32Of(made, 'features');
    all.set(features, filled);
    filled += features.length;
  }
  if (!all.every(Number.isFinite)) throw new DivergedError('the features are not numbers');
  return all;
}
