import { standard, type TableDefinition } from '../build.js';
import { cross, fourSchemes, optimizers, schemes, standIns, tasks, zoBenchOptimizers } from '../lines.js';

export const harderTasks = tasks([
  ['copa', 'COPA'],
  ['winogrande', 'WinoGrande'],
]);

/** Bars of two harder tasks by scheme. Its values were not to be had. */
export const zoBenchFigure1: TableDefinition = {
  id: 'zo-bench-figure-1',
  title: 'Test accuracy on COPA and WinoGrande by optimizer and scheme',
  from: 'ZO-Bench, Figure 1',
  corner: ['Optimizer'],
  scope: standard,
  rows: () => zoBenchOptimizers,
  columns: (run) => cross(cross(standIns(run, 'opt', 'OPT-13B'), harderTasks), fourSchemes),
};

/** LoRA on the same tasks by model. Its values were not to be had. */
export const zoBenchTable3: TableDefinition = {
  id: 'zo-bench-table-3',
  title: 'Test accuracy with LoRA on COPA and WinoGrande by model',
  from: 'ZO-Bench, Table 3',
  corner: ['Model', 'Optimizer'],
  scope: standard,
  rows: (run) =>
    cross(
      [
        ...standIns(run, 'opt', 'OPT-13B'),
        ...standIns(run, 'llama', 'LLaMA2-7B'),
        ...standIns(run, 'vicuna', 'Vicuna-7B'),
        ...standIns(run, 'mistral', 'Mistral-7B'),
      ],
      optimizers([
        ['fo-sgd', 'FO-SGD'],
        ['forward-grad', 'Forward-Grad'],
        ['zo-sgd', 'ZO-SGD'],
        ['zo-sgd-cons', 'ZO-SGD-Cons'],
      ]),
    ),
  columns: () => cross(schemes([['lora', 'LoRA']]), harderTasks),
};
