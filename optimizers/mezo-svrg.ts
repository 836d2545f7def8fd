import { Combination, computed, HERE, operators, program, type Buffers, type Point } from '../engine/index.js';
import { count, positive } from '../options/index.js';
import { defineOptimizer } from './parts/define.js';
import { descend, twoSided } from './parts/estimator.js';

const { subtract } = operators;

/** theta-bar <- theta */
const copyTheta = program({ arrays: ['theta', 'bar'] }, ({ theta }) => ({ bar: theta }));

/** theta-bar - theta */
const towards = program({ arrays: ['theta', 'bar'] }, ({ theta, bar }) => ({ difference: subtract(bar, theta) }));

interface State {
  /** theta-bar */
  readonly anchor: Buffers;
  /** The training set's d z at the anchor. */
  g: Point;
}

/**
 * MeZO-SVRG: ZO-SGD with variance reduction, a control variate from an anchor that is estimated on the whole training set (Gautam et al. 2024,
 * arXiv:2404.08080).
 *
 *   d(theta, I, z) = (L_I(theta + epsilon z) - L_I(theta - epsilon z)) / (2 epsilon),   z ~ N(0, I)
 *   every `interval` steps:   theta-bar <- theta,   g <- d(theta, all, z) z,   theta <- theta - eta_1 g
 *   otherwise, on the batch:  theta <- theta - eta_2 ((d(theta, batch, z) - d(theta-bar, batch, z)) z + g)
 *
 * State: theta-bar; of g, its seed and d. Forward passes per step: 4 on a batch; 2 on each batch of the training set at an anchor.
 *
 * The rule is that of a third party's transcription, with one z at theta and at theta-bar: only then do the two estimates' noises cancel. Whether
 * the paper shares z is not verified. The released code (amazon-science/mezo_svrg) draws two, and keeps no copy of theta: its "anchor" is
 * the parameters as they move. It also divides the learning rates where the loss rises from epoch to epoch, which is left out. eta is
 * eta_1; the released script has eta_2 = eta_1 / 1000, which leaves little but the anchors' steps, so one learning rate for both is the
 * default here.
 */
export const mezoSvrg = defineOptimizer({
  id: 'mezo-svrg',
  order: 'zeroth',
  // MeZO's; the released script's eta_1 = 1e-3 is for training without prompts.
  defaults: { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0 },
  options: {
    interval: count(2, 'steps from anchor to anchor'),
    batchRate: positive(1, 'eta_2 / eta_1'),
  },
  create({ interval, batchRate }) {
    return {
      cost: { forwards: 4 * (1 - 1 / interval), backwards: 0, forwardsPerTrainingBatch: 2 / interval },
      stateArrays: 1,
      init: (parameters): State => ({ anchor: parameters.allocateBuffers(), g: HERE }),
      async step(context, state: State) {
        const { epsilon, learningRate, losses, parameters, trainingLosses } = context;
        const z = context.seed(0);
        if (context.step % interval === 0) {
          const { loss, derivatives } = await twoSided({ ...context, losses: trainingLosses }, [z]);
          const [d = NaN] = derivatives;
          parameters.update(copyTheta.on({ bar: state.anchor }));
          state.g = { direction: z, scale: d };
          descend(context, state.g);
          return { loss };
        }

        const { loss, derivatives } = await twoSided(context, [z]);
        const [d = NaN] = derivatives;
        const [plus = NaN, minus = NaN] = await losses(
          fromAnchor(state.anchor, { direction: z, scale: epsilon }),
          fromAnchor(state.anchor, { direction: z, scale: -epsilon }),
        );
        const dBar = (plus - minus) / (2 * epsilon);
        descend({ ...context, learningRate: batchRate * learningRate }, { direction: z, scale: d - dBar }, state.g);
        return { loss };
      },
    };
  },
});

/** theta-bar + scale z, seen from theta. */
const fromAnchor = (anchor: Buffers, z: Point): Point => ({
  direction: new Combination([{ direction: computed(towards.on({ bar: anchor })), scale: 1 }, z]),
  scale: 1,
});
