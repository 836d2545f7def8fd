import { deriveSeed, type Seed } from '../engine/index.js';
import type { StepContext } from '../optimizers/index.js';

// What a run draws at random while it trains, each from a stream of its own.

/** Of the order of the training examples. */
export const dataSeed = (seed: number): Seed => deriveSeed(seed, 1);
/** Of the directions. */
export const noiseSeed = (seed: number): Seed => deriveSeed(seed, 2);
/** Of the parameters that a scheme adds. */
export const schemeSeed = (seed: number): Seed => deriveSeed(seed, 3);

/** Of the training items that are shown as demonstrations. */
export const demonstrationSeed = (seed: number): Seed => deriveSeed(seed, 4);

/** The seeds of one step, from the noise's. */
export const stepSeeds =
  (noise: Seed, step: number): StepContext['seed'] =>
  (...path) =>
    deriveSeed(noise, step, ...path);
