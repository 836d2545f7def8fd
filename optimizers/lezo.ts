import { permutation, restricted, type Parameters, type Seed } from '../engine/index.js';
import { share } from '../options/index.js';
import { isEqualBlock } from './parts/blocks.js';
import { defineOptimizer } from './parts/define.js';
import { descend, twoSided } from './parts/estimator.js';

/** First element of the seed's path: z has 0. */
const BLOCKS = 1;

/**
 * LeZO: ZO-SGD on a random subset of the blocks, another one at each step (Wang et al. 2024, arXiv:2410.09823).
 *
 *   m = 0 on round(rho N) of the N blocks, drawn at each step, else 1
 *   z ~ N(0, I)
 *   d = (L(theta + epsilon m z) - L(theta - epsilon m z)) / (2 epsilon)
 *   theta <- theta - eta d m z
 *
 * A dropped block costs neither noise nor an update, which is the time that it saves; all blocks run in the forward passes. Weight decay,
 * which the rule has none of, shrinks all matrices.
 * State: none. Forward passes per step: 2.
 *
 * The rule is that of a third party's transcription and of the paper's abstract; no code is released. Known from memory only: that embedding,
 * final norm and head are always kept, that blocks are drawn without replacement, and both defaults. Here at least one block is kept.
 */
export const lezo = defineOptimizer({
  id: 'lezo',
  order: 'zeroth',
  // As far as known the paper's for OPT-13B: 30 of 40 blocks dropped, ten times MeZO's learning rate there.
  defaults: { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0 },
  options: { drop: share(0.75, 'rho, the share of blocks that a step leaves alone') },
  create({ drop }) {
    return {
      cost: { forwards: 2, backwards: 0 },
      stateArrays: 0,
      init: () => undefined,
      async step(context) {
        const dropped = droppedBlocks(context.parameters, drop, context.seed(BLOCKS));
        const mz = restricted(context.seed(0), ({ stage }) => !dropped.has(stage));
        const { loss, derivatives } = await twoSided(context, [mz]);
        const [d = NaN] = derivatives;
        descend(context, { direction: mz, scale: d });
        return { loss };
      },
    };
  },
});

/** The stages that a step leaves alone. */
function droppedBlocks({ trainable }: Parameters, drop: number, seed: Seed): ReadonlySet<string> {
  const stages = new Set(trainable.map(({ stage }) => stage));
  const blocks = [...stages].filter(isEqualBlock);
  const count = Math.min(Math.round(drop * blocks.length), Math.max(0, blocks.length - 1));
  const chosen = new Set(permutation(blocks.length, seed).slice(0, count));
  return new Set(blocks.filter((_, block) => chosen.has(block)));
}
