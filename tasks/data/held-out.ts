import { createHash } from 'node:crypto';

/** A fifth of all values, by their content: the same ones in every run, and equal ones together. */
export const isHeldOut = (value: unknown): boolean => (createHash('sha256').update(JSON.stringify(value)).digest()[0] ?? 0) % 5 === 0;

/** A test set that is split off: a fifth of what items are told apart by, with all of its items. */
export interface HeldOut<Item> {
  readonly by: (item: Item) => unknown;
}

export const heldOutBy = <Item>(by: HeldOut<Item>['by']): HeldOut<Item> => ({ by });
