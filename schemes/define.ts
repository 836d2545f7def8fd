import type { z } from 'zod';
import { unadapted } from '../models/index.js';
import { optionSet, type OptionSet } from '../options/index.js';
import type { Scheme, TrainingFree } from './scheme.js';

/** A scheme with options: named after the id on the command line, `lora:rank=4`. */
export interface SchemeDefinition extends Pick<OptionSet, 'schema'> {
  readonly id: string;
  /** @throws UsageError in one line for options that cannot be. */
  create(options: Readonly<Record<string, unknown>>): Scheme;
}

interface Given<Shape extends z.ZodRawShape, Made> {
  readonly id: string;
  readonly options: Shape;
  readonly epsilon?: number;
  /** Throws UsageError for options that do not go together. */
  create(options: z.output<z.ZodObject<Shape>>): Made;
}

/**
 * Makes the definition of a scheme out of its options (zod, in camel case, each with a default or optional) and what it changes in a
 * model for one run, given a seed.
 */
export const defineScheme = <Shape extends z.ZodRawShape>(given: Given<Shape, Scheme['adaptation']>): SchemeDefinition =>
  define(given, (adaptation) => ({ adaptation, ...(given.epsilon !== undefined && { epsilon: given.epsilon }) }));

/** The same for a scheme that leaves the model as it is. */
export const defineTrainingFree = <Shape extends z.ZodRawShape>(given: Given<Shape, TrainingFree>): SchemeDefinition =>
  define(given, (trainingFree) => ({ adaptation: () => ({ ...unadapted, trains: () => false }), trainingFree }));

function define<Shape extends z.ZodRawShape, Made>(
  given: Given<Shape, Made>,
  schemeOf: (made: Made) => Omit<Scheme, 'id'>,
): SchemeDefinition {
  const { schema, resolve } = optionSet('scheme', given.id, given.options);
  return {
    id: given.id,
    schema,
    create(options) {
      const { id, values } = resolve(options);
      return { id, ...schemeOf(given.create(values)) };
    },
  };
}
