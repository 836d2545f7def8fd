import type { z } from 'zod';
import { optionSet, type OptionSet } from '../options/index.js';
import type { Scheme } from './scheme.js';

/** A scheme with options: named after the id on the command line, `lora:rank=4`. */
export interface SchemeDefinition extends Pick<OptionSet, 'schema'> {
  readonly id: string;
  /** @throws UsageError in one line for options that cannot be. */
  create(options: Readonly<Record<string, unknown>>): Scheme;
}

/** Makes the definition of a scheme out of its options (zod, in camel case, each with a default or optional) and what it changes in a model. */
export function defineScheme<Shape extends z.ZodRawShape>(given: {
  readonly id: string;
  readonly options: Shape;
  /** The scheme for one run, given a seed; throws UsageError for options that do not go together. */
  create(options: z.output<z.ZodObject<Shape>>): Scheme['adaptation'];
}): SchemeDefinition {
  const { schema, resolve } = optionSet('scheme', given.id, given.options);
  return {
    id: given.id,
    schema,
    create(options) {
      const { id, values } = resolve(options);
      return { id, adaptation: given.create(values) };
    },
  };
}
