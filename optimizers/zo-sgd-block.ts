import { Combination, restricted, type Direction, type Parameter } from '../engine/index.js';
import { choice } from '../options/index.js';
import { blocksOf, type ParameterBlock } from './parts/blocks.js';
import { defineOptimizer } from './parts/define.js';
import { twoSided, withDecay } from './parts/estimator.js';
import type { StepContext } from './optimizer.js';

/**
 * Block-wise ZO-SGD: every block of the model has a directional derivative of its own (ZO-Bench: Zhang et al. 2024, arXiv:2402.11592, block-wise
 * ZO fine-tuning; released code: --module_wise_perturbation). For each block b, z_b ~ N(0, I) on the block and 0 elsewhere:
 *
 *   d_b = (L(theta + epsilon z_b) - L(theta - epsilon z_b)) / (2 epsilon)
 *   gauss-seidel  theta <- theta - eta d_b z_b, before the next block is probed
 *   jacobi        theta <- theta - eta sum_b d_b z_b, after the last
 *
 * The fair comparison is zo-sgd with q = number of blocks. State: none. Forward passes per step: 2 for each block; what comes before the
 * block is computed once for both.
 *
 * Deviations from the released code: a direction of its own for each block, where that draws all blocks of one step from one seed and so
 * gives equal blocks the same z; any model, not OPT alone; blocks in the order of use, so that the final norm comes last, not third; LoRA's
 * factors of one linear layer are one block at level linear.
 */
export const zoSgdBlock = defineOptimizer({
  id: 'zo-sgd-block',
  order: 'zeroth',
  // As for ZO-SGD.
  defaults: { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0 },
  options: {
    level: choice(
      ['block', 'module', 'linear'],
      'what a block is: one of the equal blocks; an attention, a feed-forward layer, a norm; a linear layer',
    ),
    sweep: choice(['gauss-seidel', 'jacobi'], 'each block moves before the next is probed, or all at the end'),
  },
  create({ level, sweep }) {
    return {
      cost: { forwards: 0, backwards: 0, perBlock: { forwards: 2, blocks: (trained) => blocksOf(trained, level).length } },
      stateArrays: 0,
      init: ({ trainable }) => blocksOf(trainable, level),
      step: (context, blocks: readonly ParameterBlock[]) => (sweep === 'jacobi' ? jacobi(context, blocks) : gaussSeidel(context, blocks)),
    };
  },
});

async function gaussSeidel(context: StepContext, blocks: readonly ParameterBlock[]): Promise<{ loss: number }> {
  const losses: number[] = [];
  for (const [b, block] of blocks.entries()) {
    const { loss, g } = await estimate(context, block, b);
    move(context, block, g);
    losses.push(loss);
  }
  return { loss: losses[0] ?? NaN }; // the others are not at the theta of the step
}

async function jacobi(context: StepContext, blocks: readonly ParameterBlock[]): Promise<{ loss: number }> {
  const estimates: { block: ParameterBlock; loss: number; g: Direction }[] = [];
  for (const [b, block] of blocks.entries()) estimates.push({ block, ...(await estimate(context, block, b)) });
  for (const { block, g } of estimates) move(context, block, g);
  return { loss: estimates.reduce((sum, { loss }) => sum + loss / blocks.length, 0) };
}

/** One block of theta <- theta - eta g */
function move(context: StepContext, block: ParameterBlock, g: Direction): void {
  context.parameters.move(withDecay(context, g, within(block)), -context.learningRate);
}

/** d_b z_b */
async function estimate(context: StepContext, block: ParameterBlock, b: number): Promise<{ loss: number; g: Direction }> {
  const z = restricted(context.seed(b), within(block));
  const { loss, derivatives } = await twoSided(context, [z]);
  const [d = NaN] = derivatives;
  return { loss, g: new Combination([{ direction: z, scale: d }]) };
}

const within =
  ({ parameters }: ParameterBlock) =>
  (parameter: Parameter): boolean =>
    parameters.has(parameter);
