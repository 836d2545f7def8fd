import { z } from 'zod';
import { scaled, UsageError, type Direction, type Parameter, type Parameters } from '../../engine/index.js';
import { choice, optionalCount } from '../../options/index.js';
import type { StepContext } from '../optimizer.js';

export const scalingOptions = {
  scaling: choice(
    ['none', 'variance', 'expectation'],
    'probe along z / c, c the norm of the weights of the stage; step along c z (variance-modified) or z (expectation-modified)',
  ),
  scalingInterval: optionalCount('steps between measurements of c; default: once for the whole run'),
};

/** A random direction z as it is probed and as it is stepped along. */
export interface Modification {
  probe(z: Direction): Direction;
  step(z: Direction): Direction;
}

const unmodified: Modification = { probe: (z) => z, step: (z) => z };

/**
 * MeZO's modified SPSA (Malladi et al. 2023, arXiv:2305.17333, appendix B, Definitions 6 and 7), with one constant c for each group of
 * parameters, its norm:
 *
 *   d = (L(theta + epsilon z / c) - L(theta - epsilon z / c)) / (2 epsilon)
 *   g = d c z   changes the variance alone: E[g] = grad L
 *   g = d z     changes the expectation too: E[g] = grad L / c
 *
 * A group is a stage: the embedding, each block, the readout, an untied head; one of zeros has c = 1. The paper has results for the
 * variance-modified form with the parameters' and the gradient's norm (Tables 8 and 9), for the expectation-modified with the gradient's
 * alone (Table 10); the parameters' is what is measured here. Deviations from the released code (medium_models/src/trainer.py, `zo_variant`
 * param_norm): there a norm outside all layers has c = 1, and without a torch optimizer the variance-modified step is taken along z.
 */
export class Scaling {
  #norms: ReadonlyMap<string, number> | undefined;

  constructor(readonly options: z.output<z.ZodObject<typeof scalingOptions>>) {
    if (options.scaling === 'none' && options.scalingInterval !== undefined) {
      throw new UsageError(
        'scaling-interval sets when scaling=variance or scaling=expectation measures c again: give one of them, or leave it out',
      );
    }
  }

  /** Measures c where it is time to. */
  modification({ parameters, step }: Pick<StepContext, 'parameters' | 'step'>): Modification {
    const { scaling, scalingInterval = Infinity } = this.options;
    if (scaling === 'none') return unmodified;
    if (this.#norms === undefined || step % scalingInterval === 0) this.#norms = stageNorms(parameters);
    const norms = this.#norms;
    const c = ({ stage }: Parameter): number => norms.get(stage) ?? 1;
    return {
      probe: (z) => scaled(z, (parameter) => 1 / c(parameter)),
      step: scaling === 'variance' ? (z) => scaled(z, c) : (z) => z,
    };
  }
}

/** The norm of each stage's trainable parameters; none for those that are all zero. */
function stageNorms(parameters: Parameters): ReadonlyMap<string, number> {
  const squares = new Map<string, number>();
  for (const parameter of parameters.trainable) {
    squares.set(parameter.stage, (squares.get(parameter.stage) ?? 0) + parameters.square(parameter));
  }
  return new Map([...squares].filter(([, square]) => square > 0).map(([stage, square]) => [stage, Math.sqrt(square)]));
}
