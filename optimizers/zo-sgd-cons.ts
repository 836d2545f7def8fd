import { Combination, HERE, type Direction } from '../engine/index.js';
import { flag } from '../options/index.js';
import type { StepContext } from './optimizer.js';
import { adamWUpdate, MOMENTS, type Moments } from './parts/adam.js';
import { defineOptimizer } from './parts/define.js';
import { Estimator, estimatorOptions } from './parts/estimator.js';
import { sumsInArrays } from './parts/history.js';

interface State {
  readonly estimator: Estimator;
  /** Of the released code alone. */
  readonly moments?: Moments;
}

/**
 * ZO-SGD-Cons: a step of ZO-SGD, forth or back, is taken only where the batch says that it helps (ZO-Bench: Zhang et al. 2024, arXiv:2402.11592).
 *
 *   g = 1/q sum_i d_i z_i, as for ZO-SGD
 *   theta1 = theta - eta g,   theta2 = theta + eta g
 *   theta <- argmin of L over {theta, theta1, theta2}, on the batch of g
 *
 * Ties go as in the released code: theta2 before theta1 before theta. Forward passes per step: 2 q + 3.
 * State: none. theta1 and theta2 are probed, not moved to.
 * `released`: as its sweeps run it, where the Trainer's default AdamW makes the trial moves. It keeps m and v, and neither mirrors a step of -2
 * nor undoes one, so "theta" and "theta1" are where a third move leads.
 */
export const zoSgdCons = defineOptimizer({
  id: 'zo-sgd-cons',
  order: 'zeroth',
  // MeZO's learning rate for full fine-tuning of OPT, which is in ZO-Bench's grid, as is epsilon.
  defaults: { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0 },
  options: { released: flag('as the released code runs: AdamW makes the trial moves'), ...estimatorOptions },
  create({ released, ...options }) {
    const { forwards } = new Estimator(options).cost;
    return {
      cost: { forwards: forwards + 3, backwards: 0 },
      stateArrays: released ? 2 : 0,
      init: (parameters): State => ({
        estimator: new Estimator(options),
        ...(released ? { moments: sumsInArrays(parameters, MOMENTS) } : {}),
      }),
      async step(context, { estimator, moments }: State) {
        const { g } = await estimator.estimate(moments ? { ...context, weightDecay: 0 } : context);
        const loss0 = await lossHere(context);
        if (moments) await moveAsReleased(context, g, moments, loss0);
        else await moveToBest(context, g, loss0);
        return { loss: loss0 };
      },
    };
  },
});

async function lossHere({ losses }: StepContext): Promise<number> {
  const [loss = NaN] = await losses(HERE);
  return loss;
}

function best(loss0: number, loss1: number, loss2: number): 'theta' | 'theta1' | 'theta2' {
  if (loss0 < loss1 && loss0 < loss2) return 'theta';
  return loss1 < loss2 ? 'theta1' : 'theta2';
}

async function moveToBest({ parameters, losses, learningRate: eta }: StepContext, g: Direction, loss0: number): Promise<void> {
  const [loss1 = NaN, loss2 = NaN] = await losses({ direction: g, scale: -eta }, { direction: g, scale: eta });
  const chosen = best(loss0, loss1, loss2);
  if (chosen !== 'theta') parameters.move(g, chosen === 'theta1' ? -eta : eta);
}

/** Moves by AdamW with gradients g and -2 g, and then with the one that would lead to the best if these moves undid each other. */
async function moveAsReleased(context: StepContext, g: Direction, moments: Moments, loss0: number): Promise<void> {
  const move = (scale: number): void => adamWUpdate(context, new Combination([{ direction: g, scale }]), moments);
  move(1);
  const loss1 = await lossHere(context);
  move(-2);
  const loss2 = await lossHere(context);
  const chosen = best(loss0, loss1, loss2);
  if (chosen !== 'theta2') move(chosen === 'theta' ? 1 : 2);
}
