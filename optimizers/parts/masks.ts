import { z } from 'zod';
import {
  noiseKey,
  UsageError,
  type Mask,
  type Parameter,
  type Parameters,
  type Pointer,
  type DirectionChunk,
  type Seed,
} from '../../engine/index.js';
import { choice, count, share } from '../../options/index.js';
import type { StepContext } from '../optimizer.js';
import { Largest, type Scores, type ParameterRange } from './largest.js';

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

const WORDS = 2 ** 32;
const BITS = 32;

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
    return Promise.resolve(randomMask(seed(STREAM), densities, 1 - sparsity));
  };
}

function randomMask(seed: Seed, densities: ReadonlyMap<string, number>, otherwise: number): Mask {
  return ({ parameters, parameter, first, count: n }, out) => {
    const threshold = Math.round(WORDS * (densities.get(parameter.name) ?? otherwise));
    if (threshold >= WORDS) return;
    const { k0, k1 } = noiseKey(seed, parameter.name);
    parameters.heap.kernels.keepRandom(out, n, first, threshold, k0, k1);
  };
}

/** The share of each tensor's elements that are among the largest of all. */
function globalDensities(parameters: Parameters, sparsity: number): ReadonlyMap<string, number> {
  const ranges = parameters.trainable.map(whole);
  const shares = new Largest(parameters, magnitudes).shares(ranges, kept(ranges, sparsity));
  return new Map(ranges.map(({ parameter }, k) => [parameter.name, shares[k] ?? NaN]));
}

function scoredMasks({ sparsity, mask, maskScope }: MaskOptions): MaskMaker {
  const features = new FeatureNorms();
  let made: { marks: ReadonlyMap<string, Pointer>; largest: Largest } | undefined;
  return async ({ parameters, activationNorms }) => {
    if (mask === 'wanda') features.set(parameters, await activationNorms());
    made ??= {
      marks: new Map(parameters.trainable.map(({ name, count: n }) => [name, parameters.heap.allocate(Math.ceil(n / BITS))])),
      largest: new Largest(parameters, mask === 'wanda' ? features.scores : magnitudes),
    };
    const { marks, largest } = made;
    const marksOf = ({ name }: Parameter): Pointer => marks.get(name) ?? NaN;
    const groups = maskScope === 'global' ? [parameters.trainable.map(whole)] : features.groups(parameters);
    for (const ranges of groups) largest.mark(ranges, kept(ranges, sparsity), marksOf);
    return ({ parameter, first, count: n }, out) => parameters.heap.kernels.keepMarked(out, n, first, marksOf(parameter));
  };
}

const whole = (parameter: Parameter): ParameterRange => ({ parameter, first: 0, count: parameter.count });

function kept(ranges: readonly ParameterRange[], sparsity: number): number {
  const total = ranges.reduce((sum, range) => sum + range.count, 0);
  return total - Math.round(sparsity * total);
}

export const magnitudes: Scores = ({ parameter, first }) => parameter.pointer + 4 * first;

/** ||x_j|| of every linear layer, of the batch last seen; none before there is one. */
class FeatureNorms {
  readonly #norms = new Map<string, Pointer>();

  set({ trainable, heap }: Parameters, norms: ReadonlyMap<string, Float32Array>): void {
    for (const { name } of trainable) {
      const features = norms.get(name);
      if (!features) continue;
      if (!this.#norms.has(name)) this.#norms.set(name, heap.allocate(features.length));
      heap.floats(this.#norms.get(name) ?? NaN, features.length).set(features);
    }
  }

  /** S_ij = |W_ij| ||x_j|| */
  readonly scores: Scores = (chunk, buffer) => {
    const norms = this.#norms.get(chunk.parameter.name);
    const theta = magnitudes(chunk, buffer);
    if (norms === undefined) return theta;
    const inputs = inputsOf(chunk);
    const { kernels } = chunk.parameters.heap;
    for (let done = 0; done < chunk.count;) {
      const column = (chunk.first + done) % inputs;
      const n = Math.min(inputs - column, chunk.count - done);
      kernels.multiply(buffer + 4 * done, theta + 4 * done, norms + 4 * column, n);
      done += n;
    }
    return buffer;
  };

  /** What is compared within a layer: the rows of linear layers' weights, other tensors whole. */
  *groups({ trainable }: Parameters): Generator<readonly ParameterRange[]> {
    for (const parameter of trainable) {
      const size = this.#norms.has(parameter.name) ? inputsOf({ parameter }) : parameter.count;
      for (let first = 0; first < parameter.count; first += size) yield [{ parameter, first, count: size }];
    }
  }
}

const inputsOf = ({ parameter: { shape } }: Pick<DirectionChunk, 'parameter'>): number => shape[1] ?? 1;
