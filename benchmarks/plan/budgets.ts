import { UnfitError, UsageError } from '../../engine/errors.js';
import type { CellSettings } from '../../records/index.js';
import type { Options } from './arguments.js';
import type { Cell } from './cell.js';
import type { OptimizerTraits } from '../../optimizers/index.js';
import { forwardsPerStep, type ModelSize } from './estimate.js';
import type { Grid } from './grids.js';

// How long a cell trains, and on how many items a step: what is given, what the grid says, and what cannot be.

/**
 * Steps of an optimizer. First-order ones take `--steps`; the others as many as `--forwards` pays for, or where that is not given `--steps`
 * too. What a grid gives pays for one step at least.
 * @throws UnfitError where the `--forwards` that are given do not.
 */
export function stepsOf(
  { id, order, cost }: OptimizerTraits,
  { trained }: Pick<ModelSize, 'trained'>,
  batches: Pick<CellSettings, 'trainSize' | 'batchSize'>,
  { steps, forwards }: Pick<Options, 'steps' | 'forwards'>,
  grid: Pick<Grid, 'forwards' | 'firstOrderSteps'>,
): number {
  if (order === 'first') return steps ?? grid.firstOrderSteps;
  if (steps !== undefined && forwards === undefined) return steps;
  const perStep = forwardsPerStep(cost, trained, batches);
  if (forwards !== undefined && forwards < perStep) throw new UnfitError(`--forwards ${forwards}: a step of ${id} takes ${perStep}`);
  return Math.max(1, Math.floor((forwards ?? grid.forwards) / perStep));
}

/** What the only budget that is given means for the optimizers that it is not for; nothing where all of them are of one kind. */
export async function budgetNote(
  { steps, forwards }: Pick<Options, 'steps' | 'forwards'>,
  cells: readonly Cell[],
  orderOf: (optimizer: string) => Promise<OptimizerTraits['order']>,
): Promise<string | undefined> {
  if ((steps === undefined) === (forwards === undefined)) return undefined;
  const first = new Map<string, Set<number>>();
  const others = new Set<string>();
  for (const { settings, places } of cells.filter(({ settings: { learningRate } }) => learningRate !== null)) {
    const { optimizer, steps: taken } = settings;
    if ((await orderOf(places.optimizer ?? optimizer)) !== 'first') others.add(optimizer);
    else first.set(optimizer, (first.get(optimizer) ?? new Set()).add(taken));
  }
  if (first.size === 0 || others.size === 0) return undefined;
  if (steps !== undefined) {
    return `--steps ${steps} is taken by every optimizer, whatever a step costs; for equal forward passes of those without backpropagation add --forwards`;
  }
  const taken = [...new Set([...first.values()].flatMap((counts) => [...counts]))].join(' or ');
  return `--forwards ${String(forwards)} is for optimizers without backpropagation; ${[...first.keys()].join(', ')}: ${taken} steps, or what --steps says`;
}

/** @throws UnfitError for more examples per step than training items, UsageError for more micro-batches than examples. */
export function checkBatches({ batchSize, accumulate }: Pick<CellSettings, 'batchSize' | 'accumulate'>, trainSize: number): void {
  if (batchSize > trainSize) {
    throw new UnfitError(`--batch-size ${batchSize}: there are ${trainSize} training items; give a smaller one, or more with --train-size`);
  }
  if (accumulate <= batchSize) return;
  throw new UsageError(`--accumulate ${accumulate}: a step has ${batchSize} examples, no more micro-batches can be made of them`);
}
