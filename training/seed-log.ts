import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InputError, type Parameters } from '../engine/index.js';
import type { Optimizer, StepContext } from '../optimizers/index.js';
import { cellSettingsSchema, placesSchema, versionsSchema, type CellSettings } from '../records/index.js';
import { noiseSeed, stepSeeds } from './run-seeds.js';
import { hyperparametersOf } from './train.js';

/*
 * A zeroth-order step is a function of theta, of seeds and of the losses it is told. The losses alone, a few kilobytes, therefore
 * bring the trained parameters back from the base checkpoint (MeZO: Malladi et al. 2023, arXiv:2305.17333, section 2.1), and since
 * the forward passes are what differs between machines and numbers of threads, to the last bit.
 */

export const SEED_LOG_VERSION = 1;

const arrays = { float32: Float32Array, float64: Float64Array } as const;

/** Numbers as the bytes of an array, little-endian; in float32 where that holds every one of them exactly. */
export const scalarsSchema = z
  .object({ type: z.enum(['float32', 'float64']), count: z.int().nonnegative(), base64: z.base64() })
  .refine(({ type, count, base64 }) => Buffer.from(base64, 'base64').length === count * arrays[type].BYTES_PER_ELEMENT, {
    error: 'not as many bytes as the numbers take',
  });

export const seedLogSchema = z.object({
  seedLogVersion: z.literal(SEED_LOG_VERSION),
  cell: z.string(),
  /** Logs of earlier versions say `embedded` for the bundled data. */
  settings: cellSettingsSchema.extend({ data: z.string().transform((data) => (data === 'embedded' ? 'bundled' : data)) }),
  /** As the record has them; logs of earlier versions have paths in their settings. */
  places: placesSchema.default({}),
  versions: versionsSchema,
  checkpoint: z.object({ source: z.string(), sha256: z.string() }),
  /** Steps done when the parameters were best on dev: where the log ends. */
  step: z.int().nonnegative(),
  /** Everything that those steps were told by `losses`, `trainingLosses` and `directionalDerivative` (loss, derivative), in order. */
  scalars: scalarsSchema,
  /** Of the trainable parameters after those steps. */
  parametersSha256: z.string(),
});

/** What the process of a cell adds to the log. */
export const loggedStepsSchema = seedLogSchema.pick({ checkpoint: true, step: true, scalars: true, parametersSha256: true });

export type SeedLog = z.infer<typeof seedLogSchema>;
export type Scalars = z.infer<typeof scalarsSchema>;

/** What the cell knows of its log. */
export type LoggedSteps = z.infer<typeof loggedStepsSchema>;

/** Writes down what an optimizer's steps are told. */
export class SeedRecorder {
  readonly #scalars: number[] = [];
  #marked = 0;
  #isWhole = true;

  /** The optimizer, overheard. */
  recorded(optimizer: Optimizer): Pick<Optimizer, 'init' | 'step'> {
    return {
      init: (parameters) => optimizer.init(parameters),
      step: (context, state) => optimizer.step(this.#recording(context), state),
    };
  }

  /** The log may end here. */
  mark(): void {
    this.#marked = this.#scalars.length;
  }

  /** What was told up to the last mark; null where that is not all that the optimizer knows. */
  scalars(): Scalars | null {
    return this.#isWhole ? encodeScalars(this.#scalars.slice(0, this.#marked)) : null;
  }

  /** What was told until now; null in the same case. */
  scalarsUntilNow(): Scalars | null {
    return this.#isWhole ? encodeScalars(this.#scalars) : null;
  }

  /** Its members are named one by one: of a new one it must be decided here whether a log can hold what it tells. */
  #recording({ parameters, step, steps, seed, learningRate, epsilon, weightDecay, ...inner }: StepContext): StepContext {
    return {
      parameters,
      step,
      steps,
      seed,
      learningRate,
      epsilon,
      weightDecay,
      losses: async (...points) => this.#keep(await inner.losses(...points)),
      trainingLosses: async (...points) => this.#keep(await inner.trainingLosses(...points)),
      directionalDerivative: async (direction) => {
        const result = await inner.directionalDerivative(direction);
        this.#keep([result.loss, result.derivative]);
        return result;
      },
      gradient: (into) => this.#beyond(inner.gradient(into)),
      activationNorms: () => this.#beyond(inner.activationNorms()),
    };
  }

  #keep(losses: readonly number[]): readonly number[] {
    this.#scalars.push(...losses);
    return losses;
  }

  #beyond<T>(value: T): T {
    this.#isWhole = false;
    return value;
  }
}

/** Tells steps what a log holds, in place of a model. */
export class SeedPlayer {
  readonly #scalars: ArrayLike<number>;
  #next = 0;

  constructor(
    readonly settings: CellSettings,
    scalars: Scalars,
  ) {
    this.#scalars = decodeScalars(scalars);
  }

  /** Whether everything has been told. */
  get isAtEnd(): boolean {
    return this.#next === this.#scalars.length;
  }

  /** What the run's optimizer saw of that step, counted from 0. Its members throw InputError where the log does not have it. */
  context(parameters: Parameters, step: number): StepContext {
    const losses: StepContext['losses'] = (...points) => Promise.resolve(points.map(() => this.#tell(step)));
    return {
      ...hyperparametersOf(this.settings, step),
      parameters,
      step,
      seed: stepSeeds(noiseSeed(this.settings.seed), step),
      losses,
      trainingLosses: losses,
      directionalDerivative: () => Promise.resolve({ loss: this.#tell(step), derivative: this.#tell(step) }),
      gradient: () => Promise.reject(otherVersion(`step ${step + 1} asks for a gradient`)),
      activationNorms: () => Promise.reject(otherVersion(`step ${step + 1} asks for activations`)),
    };
  }

  #tell(step: number): number {
    const scalar = this.#scalars[this.#next++];
    if (scalar === undefined) throw otherVersion(`the log ends before step ${step + 1} does`);
    return scalar;
  }
}

/** The log and the optimizer do not belong together. */
export function otherVersion(evidence: string): InputError {
  return new InputError(`${evidence}: the run was made by another version of zobench or of the optimizer`);
}

export function encodeScalars(values: readonly number[]): Scalars {
  const type = values.every((value) => Math.fround(value) === value) ? 'float32' : 'float64';
  const array = arrays[type].from(values);
  return { type, count: values.length, base64: Buffer.from(array.buffer).toString('base64') };
}

export function decodeScalars({ type, base64 }: Scalars): Float32Array | Float64Array {
  return new arrays[type](Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
}

/** SHA-256 over the values of the trainable parameters, one after another, in float32. */
export function parametersSha256(parameters: Parameters): string {
  const hash = createHash('sha256');
  for (const parameter of parameters.trainable) hash.update(parameters.values(parameter));
  return hash.digest('hex');
}
