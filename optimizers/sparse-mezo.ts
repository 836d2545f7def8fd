import { Largest, magnitudes, masked, smallWeights, type Parameter } from '../engine/index.js';
import { share } from '../options/index.js';
import { defineOptimizer } from './parts/define.js';
import { descend, twoSided } from './parts/estimator.js';

/** h, by the parameter's name */
type Thresholds = ReadonlyMap<string, number>;

/**
 * Sparse-MeZO: ZO-SGD on the small weights alone (Liu et al. 2024, arXiv:2402.15751, the algorithms Sparse-MeZO, PerturbParameters and GetMask).
 *
 *   h_i = the (1 - s) quantile of |theta_i| before training, for each parameter i
 *   m = 1 where |theta| <= h, else 0
 *   z ~ N(0, I)
 *   d = (L(theta + epsilon m z) - L(theta - epsilon m z)) / (2 epsilon)
 *   theta <- theta - eta d m z
 *
 * h is fixed and m is taken from theta at every step, so a weight that grows beyond h stays where it is from then on.
 * State: one number per parameter; m is made again wherever z is. Forward passes per step: 2.
 *
 * The paper speaks of a threshold "of each layer": here every tensor has its own, biases and norms too. Its printed mask compares theta
 * itself, its text the magnitude. Where the quantile is 0 (LoRA's B starts as zeros) magnitudes say nothing, and the tensor stays
 * unmasked. Weight decay, which the rule has none of, shrinks all matrices. Not verified: the authors' code, and what it counts as a layer.
 */
export const sparseMezo = defineOptimizer({
  id: 'sparse-mezo',
  order: 'zeroth',
  // The paper's example of a rate that is too large for MeZO; its own rates are not known.
  defaults: { learningRate: 2e-6, epsilon: 1e-3, weightDecay: 0 },
  options: { sparsity: share(0.8, "s, the share of weights left alone; best on most tasks of the paper's comparison") },
  create({ sparsity }) {
    return {
      cost: { forwards: 2, backwards: 0 },
      stateArrays: 0,
      init(parameters): Thresholds {
        const largest = new Largest(parameters, magnitudes);
        return new Map(parameters.trainable.map((parameter) => [parameter.name, threshold(largest, parameter, 1 - sparsity)]));
      },
      async step(context, h: Thresholds) {
        const mz = masked(
          context.seed(0),
          smallWeights(({ name }) => h.get(name) ?? NaN),
        );
        const { loss, derivatives } = await twoSided(context, [mz]);
        const [d = NaN] = derivatives;
        descend(context, { direction: mz, scale: d });
        return { loss };
      },
    };
  },
});

/** The largest of the smallest magnitudes that make up that share, of at least one. */
function threshold(largest: Largest, parameter: Parameter, share: number): number {
  const kept = Math.max(1, Math.round(share * parameter.count));
  const h = largest.least([{ parameter, first: 0, count: parameter.count }], parameter.count - kept + 1);
  return h === 0 ? Infinity : h;
}
