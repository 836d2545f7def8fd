import type { z } from 'zod';
import { optionSet, type OptionSet } from '../../options/index.js';
import type { Optimizer } from '../optimizer.js';

/** What an optimizer's options leave to decide; its defaults too, where some options make a setting useless. */
type Rule<State> = Pick<Optimizer<State>, 'cost' | 'stateArrays' | 'init' | 'step'> & Partial<Pick<Optimizer, 'defaults'>>;

/** An optimizer with options: named after the id on the command line, `zo-sgd:q=4:sides=one`. */
export interface OptimizerDefinition extends Pick<OptionSet, 'schema'> {
  readonly id: string;
  /** @throws UsageError in one line for options that cannot be. */
  create(options: Readonly<Record<string, unknown>>): Optimizer;
}

/** Makes the definition of an optimizer out of its options (zod, in camel case, each with a default or optional) and its rule. */
export function defineOptimizer<Shape extends z.ZodRawShape, State>(
  given: Pick<Optimizer, 'id' | 'order' | 'defaults'> & {
    readonly options: Shape;
    create(options: z.output<z.ZodObject<Shape>>): Rule<State>;
  },
): OptimizerDefinition {
  const { id, order, defaults } = given;
  const { schema, resolve } = optionSet('optimizer', id, given.options);
  return {
    id,
    schema,
    create(options) {
      const { id: canonical, values } = resolve(options);
      return { id: canonical, order, defaults, ...given.create(values) };
    },
  };
}
