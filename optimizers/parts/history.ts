import { UsageError, type Buffers, type UpdateChunk, type Direction, type Parameters, type Pointer } from '../../engine/index.js';
import { choice } from '../../options/index.js';
import type { StepContext } from '../optimizer.js';

// Running sums over all gradients of a run, momentum or Adam's moments: kept in arrays, or made again at every step.

export const stateOption = choice(
  ['arrays', 'replay'],
  'replay: no array, but the log of every direction and its d, out of which each step makes the sums again (t directions in step t)',
);

/** A chunk of theta with the same chunk of the next gradient and of every sum. */
export type SumsChunk<Name extends string> = UpdateChunk & Readonly<Record<Name, Pointer>>;

/** Sums that start at zero and take one gradient after another. */
export interface RunningSums<Name extends string> {
  /** Gradients taken so far. */
  readonly taken: number;
  /** Takes g: `accumulate` brings each chunk of the sums from before g to after it, then `apply` moves theta by them. */
  update(
    context: Pick<StepContext, 'parameters' | 'weightDecay'>,
    g: Direction,
    accumulate: (chunk: SumsChunk<Name>) => void,
    apply: (chunk: SumsChunk<Name>) => void,
  ): void;
}

/** Sums in one array each. */
export function sumsInArrays<Name extends string>(parameters: Parameters, names: readonly Name[]): RunningSums<Name> {
  const arrays = Object.fromEntries(names.map((name) => [name, parameters.allocateBuffers()])) as Record<Name, Buffers>;
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    update(context, g, accumulate, apply) {
      taken += 1;
      context.parameters.update(g, arrays, (chunk) => {
        accumulate(chunk);
        apply(chunk);
      });
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
      parameters.update(g, {}, (chunk) => {
        withBuffers(parameters, names, (sums) => {
          for (const name of names) parameters.heap.kernels.fill(sums[name], chunk.count, 0);
          parameters.withBuffer((past) => {
            for (const earlier of log) {
              parameters.writeDirection(chunk.parameter, chunk.first, chunk.count, earlier, past);
              accumulate({ ...chunk, ...sums, g: past });
            }
          });
          accumulate({ ...chunk, ...sums });
          apply({ ...chunk, ...sums });
        });
      });
      log.push(g);
      if (log.length >= window) log.shift();
    },
  };
}

/** Hands `use` a buffer for each of the names. */
function withBuffers<Name extends string>(
  parameters: Parameters,
  [name, ...others]: readonly Name[],
  use: (buffers: Readonly<Record<Name, Pointer>>) => void,
): void {
  parameters.withBuffer((buffer) => {
    if (name === undefined) use({} as Record<Name, Pointer>);
    else withBuffers(parameters, others, (buffers) => use({ ...buffers, [name]: buffer }));
  });
}
