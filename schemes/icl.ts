import { count } from '../options/index.js';
import { defineTrainingFree } from './define.js';

/**
 * In-context learning (Brown et al. 2020, arXiv:2005.14165, with MeZO's 32 demonstrations): training items with their right answers come
 * before what is asked. One set of them, drawn with the run's seed, stands before all items, as in ZO-Bench; MeZO draws anew for each.
 *
 * Deviation from the released code: a context that does not hold all of them holds the last ones, whole. That code cuts the text's
 * beginning off, in the midst of a demonstration.
 */
export const icl = defineTrainingFree({
  id: 'icl',
  options: { shots: count(32, 'demonstrations, as far as the context holds them') },
  create: ({ shots }) => ({ method: 'in-context', shots }),
});
