import type { z } from 'zod';
import type { Adaptation } from '../models/index.js';
import { optionSet, type OptionSet } from '../options/index.js';
import type { Scheme } from './scheme.js';

/** A scheme with options: named after the id on the command line, `lora:rank=4`. */
export interface SchemeDefinition extends Pick<OptionSet, 'schema'> {
  readonly id: string;
  /** @throws UsageError in one line for options that cannot be. */
  create(options: Readonly<Record<string, unknown>>): Scheme;
}

/** Makes the definition of a scheme out of its options (zod, in camel case, each with a default or optional) and its adaptation. */
export function defineScheme<Shape extends z.ZodRawShape>(given: {
  readonly id: string;
  readonly options: Shape;
  adaptation(options: z.output<z.ZodObject<Shape>>, seed: number): Adaptation;
}): SchemeDefinition {
  const { schema, resolve } = optionSet('scheme', given.id, given.options);
  return {
    id: given.id,
    schema,
    create(options) {
      const { id, values } = resolve(options);
      return { id, adaptation: (seed) => given.adaptation(values, seed) };
    },
  };
}
