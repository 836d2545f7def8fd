import { z } from 'zod';
import { InputScores, Largest, LargestMask, magnitudes, randomMask, UsageError } from '../../engine/index.js';
import type { Mask, Parameter, ParameterRange, Parameters } from '../../engine/index.js';
import { choice, count, share } from '../../options/index.js';
import type { StepContext } from '../optimizer.js';

export const maskOptions = {
  sparsity: share(0, 'share of the gradient that is set to 0'),
  mask: choice(
    ['random', 'magnitude', 'wanda'],
    'what is kept: a random part, the largest |theta|, or the largest |theta| times its input',
  ),
  maskScope: choice(['layer', 'global'], 'the sparsity is that of each tensor, or of all together'),
  resample: count(1, 'steps between one mask and the next'),
};

export type MaskOptions = z.output<z.ZodObject<typeof maskOptions>>;

/** Refuses masks that the next one overwrites, where directions of earlier steps are made again. */
export function requireLastingMasks({ sparsity, mask }: MaskOptions): void {
  if (sparsity === 0 || mask === 'random') return;
  throw new UsageError(
    `state=replay makes the directions of earlier steps again, whose mask=${mask} is gone by then: take mask=random or state=arrays`,
  );
}

/** First element of the path of the masks' seeds. */
const STREAM = 0x6d61736b; // "mask"

/** Makes the mask for a step, a function of the theta and the batch of the step it is made at. */
type MaskMaker = (context: StepContext) => Promise<Mask>;

/**
 * ZO-Bench's gradient sparsity (Zhang et al. 2024, arXiv:2402.11592): z, and so g, is multiplied by a mask m in {0, 1} that is 0 on the share
 * s of the elements. The mask is one for all directions of a step, both where they are probed and where they are stepped along.
 *
 *   random,    layer   m = 1 with probability 1 - s, each element for itself, from a seed: nothing is stored
 *   random,    global  the same with 1 - s_p for tensor p, s_p its share of the s smallest |theta| of all before training
 *   magnitude          m = 1 on the 1 - s largest |theta|, of each tensor (layer) or of all together (global)
 *   wanda              the same with |W_ij| times the root mean square of input feature j (Wanda: Sun et al. 2023, arXiv:2306.11695,
 *                      equation 1), in each row of a weight [outputs, inputs] (layer) or of all together (global)
 *
 * In wanda a parameter that is no linear layer's weight has its magnitude as its score, as a bias has with its input of 1. Scored masks are
 * exact counts, kept as bits (a thirty-second of theta); of equal scores the first are kept, so of LoRA's B, which starts as zeros, the
 * first rows. A Wanda mask costs one forward pass each time it is made.
 *
 * Deviations from the released code: there a random mask compares a normal number with s, which sets the share Phi(s) to 0; q > 1 and
 * ZO-SGD-Cons step without the mask that they probed with; the quantile is that of a sample; and nothing calls its Wanda. Weight decay,
 * which it has none of, is not masked.
 */
export class Masks {
  readonly #make: MaskMaker;
  #current: Mask | undefined;

  constructor(readonly options: MaskOptions) {
    const { sparsity, mask, maskScope, resample } = options;
    if (sparsity === 0 && (mask !== 'random' || maskScope !== 'layer' || resample !== 1)) {
      throw new UsageError(
        'mask, mask-scope and resample define how sparsity sets a part of the gradient to 0: give a sparsity above 0, or leave them out',
      );
    }
    this.#make = mask === 'random' ? randomMasks(options) : scoredMasks(options);
  }

  /** Forward passes of a step, on average. */
  get forwards(): number {
    const { sparsity, mask, resample } = this.options;
    return sparsity > 0 && mask === 'wanda' ? 1 / resample : 0;
  }

  /** The mask of the step, if there is one. */
  async of(context: StepContext): Promise<Mask | undefined> {
    const { sparsity, resample } = this.options;
    if (sparsity === 0) return undefined;
    if (this.#current === undefined || context.step % resample === 0) this.#current = await this.#make(context);
    return this.#current;
  }
}

function randomMasks({ sparsity, maskScope }: MaskOptions): MaskMaker {
  let densities: ReadonlyMap<string, number> | undefined;
  return ({ parameters, seed }) => {
    densities ??= maskScope === 'global' ? globalDensities(parameters, sparsity) : new Map();
    const shares = densities;
    return Promise.resolve(randomMask(seed(STREAM), ({ name }) => shares.get(name) ?? 1 - sparsity));
  };
}

/** The share of each tensor's elements that are among the largest of all. */
function globalDensities(parameters: Parameters, sparsity: number): ReadonlyMap<string, number> {
  const ranges = parameters.trainable.map(whole);
  const shares = new Largest(parameters, magnitudes).shares(ranges, kept(ranges, sparsity));
  return new Map(ranges.map(({ parameter }, k) => [parameter.name, shares[k] ?? NaN]));
}

function scoredMasks({ sparsity, mask, maskScope }: MaskOptions): MaskMaker {
  const inputs = new InputScores();
  let made: LargestMask | undefined;
  return async ({ parameters, activationNorms }) => {
    if (mask === 'wanda') inputs.set(parameters, await activationNorms());
    made ??= new LargestMask(parameters, mask === 'wanda' ? inputs.scores : magnitudes);
    const groups = maskScope === 'global' ? [parameters.trainable.map(whole)] : inputs.groups(parameters);
    for (const ranges of groups) made.choose(ranges, kept(ranges, sparsity));
    return made;
  };
}

const whole = (parameter: Parameter): ParameterRange => ({ parameter, first: 0, count: parameter.count });

function kept(ranges: readonly ParameterRange[], sparsity: number): number {
  const total = ranges.reduce((sum, range) => sum + range.count, 0);
  return total - Math.round(sparsity * total);
}
