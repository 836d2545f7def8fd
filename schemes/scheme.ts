import type { Adaptation } from '../models/index.js';

/** A fine-tuning scheme: which parameters a run trains, and which it adds to the model for that. */
export interface Scheme {
  /** Its name everywhere, with the options that are not at their defaults: `lora:rank=4`. */
  readonly id: string;
  /** The scheme for one run; `seed` draws what is initialised at random. */
  adaptation(seed: number): Adaptation;
}
