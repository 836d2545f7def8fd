import { UsageError } from '../../engine/errors.js';
import type { Optimizer } from '../optimizer.js';

/** Settings of a run that only some optimizers use. */
export type OptionalSettings = Partial<Readonly<Record<'epsilon' | 'weightDecay', number | undefined>>>;

const COMMAND_LINE = { epsilon: '--epsilon', weightDecay: '--weight-decay' } as const;

/** @throws UsageError where a setting is given that the optimizer does not use, for it has no default of it. */
export function requireUsed({ id, defaults }: Pick<Optimizer, 'id' | 'defaults'>, given: OptionalSettings): void {
  for (const name of ['epsilon', 'weightDecay'] as const) {
    if ((given[name] ?? 0) === 0 || defaults[name] !== undefined) continue;
    throw new UsageError(`optimizer ${id} does not use ${COMMAND_LINE[name]}: leave it out (what an optimizer uses has a default in it)`);
  }
}
