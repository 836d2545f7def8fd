import { triedOptimizer } from '../../benchmarks/plan/index.js';
import { UsageError } from '../../engine/index.js';
import { type Optimizer } from '../../optimizers/index.js';

/** An optimizer with one number of directions per step. */
export interface Member {
  readonly optimizer: Optimizer;
  /** null where it does not leave them to choose. */
  readonly queries: number | null;
}

/** An optimizer under the name it was asked for, and as it is measured: once, or with each number of directions. */
export interface OptimizerFamily {
  readonly optimizer: Optimizer;
  readonly members: readonly Member[];
}

/**
 * The optimizers of these names. One that takes an option q, and was not given it, is measured with each of `queries`.
 * What several names come to is measured once.
 * @throws UsageError for a name that is none.
 */
export async function familiesOf(names: readonly string[], queries: readonly number[]): Promise<OptimizerFamily[]> {
  const families: OptimizerFamily[] = [];
  for (const name of names) {
    const family = { optimizer: await triedOptimizer(name), members: await membersOf(name, queries) };
    const known = new Set(families.flatMap(({ members }) => members).map(({ optimizer }) => optimizer.id));
    const members = family.members.filter(({ optimizer }) => !known.has(optimizer.id));
    if (members.length > 0) families.push({ ...family, members });
  }
  return families;
}

async function membersOf(name: string, queries: readonly number[]): Promise<Member[]> {
  const [, own] = /:q=(\d+)/.exec(name) ?? [];
  if (own !== undefined) return [{ optimizer: await triedOptimizer(name), queries: Number(own) }];
  const members: Member[] = [];
  for (const count of queries) {
    const optimizer = await resolvedOrNone(`${name}:q=${count}`);
    if (optimizer) members.push({ optimizer, queries: count });
  }
  return members.length > 0 ? members : [{ optimizer: await triedOptimizer(name), queries: null }];
}

/** An optimizer refuses options that it does not have, or that it cannot combine with the others. */
async function resolvedOrNone(name: string): Promise<Optimizer | undefined> {
  try {
    return await triedOptimizer(name);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
