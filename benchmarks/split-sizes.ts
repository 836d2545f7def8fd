import { countItems, openTask, splitSizes, type ItemCounts, type Sizes } from '../tasks/index.js';
import type { Catalog } from './cells.js';

interface Counted {
  readonly counts: ItemCounts;
  readonly devSize: number;
}

/** What data sets have, by choice: many cells share one. */
const counted = new Map<string, Promise<Counted>>();

/** How many items a cell draws. The data are read, so that what is wrong with them is said before anything runs. */
export const cellSizes: Catalog['splitSizes'] = async (choice, kind, asked, grid): Promise<Sizes> => {
  const { counts, devSize } = await countedItems(choice, kind);
  return splitSizes(counts, asked, { ...grid, devSize: Math.min(grid.devSize, devSize) });
};

/** What a data set has to train on, and its usual dev set. Throws as `cellSizes` does. */
export function countedItems(...choice: Parameters<typeof openTask>): Promise<Counted> {
  const key = JSON.stringify(choice);
  const known = counted.get(key) ?? count(...choice);
  counted.set(key, known);
  return known;
}

async function count(...choice: Parameters<typeof openTask>): Promise<Counted> {
  const { task, source } = await openTask(...choice);
  return { counts: countItems(source), devSize: task.devSize };
}
