import { z } from 'zod';
import { firstIssue, InputError } from '../engine/index.js';

/** Checks a config.json against what a family needs. Throws InputError naming the file and the field. */
export function parseConfig<T extends z.ZodType>(schema: T, config: unknown, file: string): z.infer<T> {
  const result = schema.safeParse(config);
  if (result.success) return result.data;
  throw new InputError(`${file}: ${firstIssue(result.error)}`);
}

/** Sizes are bounded so that a hostile file cannot ask for absurd amounts of memory. */
export const size = z.int().positive().max(1_000_000);
