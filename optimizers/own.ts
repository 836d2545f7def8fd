import { z } from 'zod';
import { firstIssue, UsageError } from '../engine/index.js';
import { parseName } from '../options/index.js';
import { importOwnCode, ownCodeFile } from '../own-code/index.js';
import type { Optimizer } from './optimizer.js';
import type { OptimizerDefinition } from './parts/define.js';

/**
 * The optimizer that a TypeScript or JavaScript file exports: by default, or else as any object that is one.
 * @throws UsageError where the file is missing, cannot be loaded or exports none.
 */
export async function loadOwnOptimizer(name: string): Promise<Optimizer> {
  const path = ownCodeFile(name);
  const options = name.slice(path.length);
  const all = await importOwnCode('optimizer', name);
  const definition = all.find(isDefinition);
  if (definition) return checked(path, definition.create(parseName('optimizer', definition.id + options).options));
  const meant = all.find(isOptimizer) ?? all.find((value) => typeof value === 'object' && value !== null && 'step' in value);
  if (meant === undefined) throw new UsageError(`${path} exports no optimizer: an object with ${members} (see docs/extend-optimizers.md)`);
  if (options !== '') throw new UsageError(`${path} has no options: it exports an optimizer, not defineOptimizer's result`);
  return checked(path, meant);
}

const method = z.custom<() => unknown>((value) => typeof value === 'function', 'a function is needed');
const passes = z.number('a number is needed').nonnegative('is below 0');

/** What a runner asks of an optimizer before it runs one. */
export const traitsSchema = z.object({
  id: z.string('a name is needed'),
  order: z.enum(['zeroth', 'forward-mode', 'first'], 'zeroth, forward-mode or first is needed'),
  cost: z
    .object(
      {
        forwards: passes,
        backwards: passes,
        perBlock: z.object({ forwards: passes }).optional(),
        forwardsPerTrainingBatch: passes.optional(),
      },
      'forwards and backwards are needed',
    )
    .refine(
      ({ forwards, perBlock, forwardsPerTrainingBatch = 0 }) => forwards + forwardsPerTrainingBatch > 0 || perBlock !== undefined,
      'a step without a forward pass',
    ),
  defaults: z.object(
    {
      learningRate: z.number('a number is needed').positive('is not above 0'),
      epsilon: z.number('a number is needed').positive('is not above 0').optional(),
      weightDecay: z.number('a number is needed').nonnegative('is below 0').optional(),
    },
    'learningRate is needed',
  ),
  stateArrays: z.number('a number is needed').nonnegative('is below 0'),
});
const optimizerSchema = traitsSchema.extend({ init: method, step: method });

const names = Object.keys(optimizerSchema.shape);
const members = `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

const definitionSchema = z.object({ id: z.string(), schema: z.instanceof(z.ZodObject), create: method });
const isDefinition = (value: unknown): value is OptimizerDefinition => definitionSchema.safeParse(value).success;

const isOptimizer = (value: unknown): value is Optimizer => optimizerSchema.safeParse(value).success;

/** What is meant to be an optimizer, as it is. @throws UsageError naming the first member that is not as it must be. */
function checked(path: string, meant: unknown): Optimizer {
  const { error } = optimizerSchema.safeParse(meant);
  if (error) throw new UsageError(`${path}: ${firstIssue(error)} (see docs/extend-optimizers.md)`);
  return meant as Optimizer;
}
