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
  const key = JSON.stringify([choice, kind]);
  const known = counted.get(key) ?? count(choice, kind);
  counted.set(key, known);
  const { counts, devSize } = await known;
  return splitSizes(counts, asked, { ...grid, devSize: Math.min(grid.devSize, devSize) });
};

async function count(...choice: Parameters<typeof openTask>): Promise<Counted> {
  const { task, source } = await openTask(...choice);
  return { counts: countItems(source), devSize: task.devSize };
}
