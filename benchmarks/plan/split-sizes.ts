import { UnfitError } from '../../engine/index.js';
import { splitSizes, type Sizes } from '../../tasks/index.js';
import type { Catalog } from './catalog.js';
import { taskData, type taskDataOrUsual } from '../../cell/index.js';

/** How many items a cell draws, by what `dataOf` knows of a task's data. */
export const sizesBy =
  (dataOf: typeof taskDataOrUsual): Catalog['splitSizes'] =>
  async (choice, kind, asked, grid): Promise<Sizes> => {
    const { counts, task } = await dataOf(choice, kind);
    if (asked.perClass !== undefined && counts.classes.size === 0) {
      throw new UnfitError(`--per-class: the items of ${choice.task} have answers of their own, not classes`);
    }
    return splitSizes(counts, asked, { ...grid, devSize: Math.min(grid.devSize, task.devSize) });
  };

/** The data are read, so that what is wrong with them is said before anything runs. */
export const cellSizes = sizesBy(taskData);
