import { standard } from '../build.js';
import { measured } from '../lines.js';
import { accuracy, memoryAboveRuntime } from '../measures.js';
import { along, type Sweep } from '../sweep.js';

/** Accuracy against the number of directions of a step. Its values were not to be had. */
export const zoBenchQueries: Sweep = {
  id: 'zo-bench-query-budget',
  title: 'Test accuracy by directions per step',
  from: 'ZO-Bench, the study of the query budget',
  axis: 'directions per step, q',
  doubles: true,
  scope: standard,
  series: [
    { label: 'Forward-Grad', valueOf: along('forward-grad', 'q', 1) },
    { label: 'ZO-SGD', valueOf: along('zo-sgd', 'q', 1) },
  ],
  notes: ['A run holds the forward passes equal, so that more directions mean fewer steps.'],
};

/** Accuracy and memory against the number of blocks that are zeroth-order. Its values were not to be had. */
export const zoBenchHybrid: Sweep = {
  id: 'zo-bench-hybrid',
  title: 'Hybrid ZO-FO: test accuracy and memory by zeroth-order blocks',
  from: 'ZO-Bench, the study of hybrid fine-tuning',
  axis: 'zeroth-order blocks, k',
  scope: standard,
  series: [{ label: 'ZO-FO-SGD', valueOf: along('zo-fo-sgd', 'k', 1) }],
  measures: [measured('accuracy', 'accuracy (%)', accuracy), measured('memory', 'memory (MiB)', memoryAboveRuntime)],
};

/** Accuracy against the share of the estimate that is set to 0. Its values were not to be had. */
export const zoBenchSparsity: Sweep = {
  id: 'zo-bench-sparsity',
  title: 'Test accuracy by sparsity of the estimate',
  from: 'ZO-Bench, the study of gradient pruning',
  axis: 'sparsity',
  scope: standard,
  series: ['random', 'magnitude', 'wanda'].map((mask) => ({
    label: `ZO-SGD, ${mask} mask`,
    valueOf: along('zo-sgd', 'sparsity', 0, mask === 'random' ? {} : { mask }),
  })),
  notes: ["The sparsity is the true one; the released code's axis is not (its masks keep another share than asked for)."],
};
