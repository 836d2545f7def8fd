import { UnfitError } from '../../engine/index.js';
import { schemeNamed } from '../../schemes/index.js';
import type { Catalog } from './catalog.js';
import { taskData, type taskDataOrUsual } from '../../cell/index.js';

/** Whether what a scheme does in place of training can be done with a task, by what `dataOf` knows of its data, and a kind of model. */
export const schemeCheckBy =
  (dataOf: typeof taskDataOrUsual): Catalog['checkScheme'] =>
  async (choice, kind) => {
    const { scheme } = choice;
    const method = schemeNamed(scheme).trainingFree?.method;
    if (method === 'in-context' && kind === 'masked') {
      throw new UnfitError(
        `scheme ${scheme}: the papers give demonstrations to models that predict the next token alone: take one of those`,
      );
    }
    if (method === 'linear-probing' && (await dataOf(choice, kind)).counts.classes.size === 0) {
      throw new UnfitError(
        `scheme ${scheme}: the items of ${choice.task} have answers of their own, not classes: take --scheme head, as MeZO does`,
      );
    }
  };

export const checkScheme = schemeCheckBy(taskData);
