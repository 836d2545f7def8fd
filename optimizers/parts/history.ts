import { Temporary, UsageError, type Application, type Binding, type Direction, type Parameters } from '../../engine/index.js';
import { choice } from '../../options/index.js';
import type { StepContext } from '../optimizer.js';

// Running sums over all gradients of a run, momentum or Adam's moments: kept in arrays, or made again at every step.

export const stateOption = choice(
  ['arrays', 'replay'],
  'replay: no array, but the log of every direction and its d, out of which each step makes the sums again (t directions in step t)',
);

type Sums<Name extends string> = Readonly<Record<Name, Binding>>;

/** Sums that start at zero and take one gradient after another. */
export interface RunningSums<Name extends string> {
  /** Gradients taken so far. */
  readonly taken: number;
  /** Takes g: `accumulate` brings the sums from before g to after it, then `apply` moves theta by them. */
  update(
    context: Pick<StepContext, 'parameters' | 'weightDecay'>,
    g: Direction,
    accumulate: (arrays: Sums<Name | 'g'>) => Application<Binding>,
    apply: (arrays: Sums<Name>) => Application<Binding>,
  ): void;
}

/** Sums in one array each. */
export function sumsInArrays<Name extends string>(parameters: Parameters, names: readonly Name[]): RunningSums<Name> {
  const arrays = forEach(names, () => parameters.allocateBuffers());
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    update({ parameters }, g, accumulate, apply) {
      taken += 1;
      parameters.update(accumulate({ ...arrays, g }), apply(arrays));
    },
  };
}

/**
 * Sums that no array keeps (MeZO: Malladi et al. 2023, arXiv:2305.17333, appendix B.2). A gradient estimate is known from its seeds and
 * scalars, so the log of all of them is enough to make the sums of a chunk again, by the same arithmetic in the same order: bit for bit
 * those of arrays. `window`: only so many gradients are kept, the newest.
 */
export function sumsByReplay<Name extends string>(names: readonly Name[], window = Infinity): RunningSums<Name> {
  const log: Direction[] = [];
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    update({ parameters, weightDecay }, g, accumulate, apply) {
      if (weightDecay !== 0)
        throw new UsageError('state=replay cannot decay weights: that gradient is of a theta long gone; take state=arrays');
      taken += 1;
      const sums = forEach(names, () => new Temporary());
      parameters.update(...[...log, g].map((each) => accumulate({ ...sums, g: each })), apply(sums));
      log.push(g);
      if (log.length >= window) log.shift();
    },
  };
}

const forEach = <Name extends string, Value>(names: readonly Name[], make: () => Value): Readonly<Record<Name, Value>> =>
  Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, Value>;
