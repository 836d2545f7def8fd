import type { Adaptation } from '../models/index.js';

/** A fine-tuning scheme: which parameters a run trains, and which it adds to the model for that. */
export interface Scheme {
  /** Its name everywhere, with the options that are not at their defaults: `lora:rank=4`. */
  readonly id: string;
  /** The scheme for one run; `seed` draws what is initialised at random. */
  adaptation(seed: number): Adaptation;
  /** Scale of the perturbations that its papers use in place of the optimizers' own. */
  readonly epsilon?: number;
  /** What is done in place of training, where no optimizer takes part. */
  readonly trainingFree?: TrainingFree;
}

/** How a model does a task as it is: asked at once, asked after so many demonstrations, or read out by a regression. */
export type TrainingFree =
  { readonly method: 'zero-shot' } | { readonly method: 'in-context'; readonly shots: number } | { readonly method: 'linear-probing' };
