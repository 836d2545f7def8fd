import { standard, type TableDefinition } from '../build.js';
import { cross, standIns, tasks, type Line } from '../lines.js';
import { published } from '../published.js';
import { mezoMethods } from './mezo-table-1.js';

const { zeroShot, linearProbing, mezo, mezoLora, mezoPrefix, mezoAdam, ft, ftLora, ftPrefix } = mezoMethods;
const shots = (perClass: number): Line => ({
  key: `k${perClass}`,
  labels: [`k = ${perClass}`],
  matches: (settings) => settings.perClass === perClass,
});
const any: Line = { key: 'none', labels: ['none'], matches: () => true };
const trained: readonly Line[] = [linearProbing, mezo, mezoLora, mezoPrefix, mezoAdam, ft, ftLora, ftPrefix];

/** RoBERTa-large with few items of each class; the numbers of the paper's Figure 2. */
export const mezoTable18: TableDefinition = {
  id: 'mezo-table-18',
  title: 'Test accuracy of RoBERTa with k items of each class',
  from: 'MeZO, Table 18',
  corner: ['Items', 'Model', 'Method'],
  scope: standard,
  rows: (run) => {
    const models = standIns(run, 'roberta', 'RoBERTa-large');
    return [...cross(cross([any], models), [zeroShot]), ...cross(cross([shots(16), shots(512)], models), trained)];
  },
  columns: () =>
    tasks([
      ['sst2', 'SST-2'],
      ['sst5', 'SST-5'],
      ['snli', 'SNLI'],
      ['mnli', 'MNLI'],
      ['rte', 'RTE'],
      ['trec', 'TREC'],
    ]),
  published: published('mezo', ['sst2', 'sst5', 'snli', 'mnli', 'rte', 'trec'], {
    'none/roberta/zero-shot': [79.0, 35.5, 50.2, 48.8, 51.4, 32.0],
    'k16/roberta/lp': [
      [76.0, 2.8],
      [40.3, 1.9],
      [66.0, 2.7],
      [56.5, 2.5],
      [59.4, 5.3],
      [51.3, 5.5],
    ],
    'k16/roberta/mezo': [
      [90.5, 1.2],
      [45.5, 2.0],
      [68.5, 3.9],
      [58.7, 2.5],
      [64.0, 3.3],
      [76.9, 2.7],
    ],
    'k16/roberta/mezo-lora': [
      [91.4, 0.9],
      [43.0, 1.6],
      [69.7, 6.0],
      [64.0, 2.5],
      [64.9, 3.6],
      [73.1, 6.5],
    ],
    'k16/roberta/mezo-prefix': [
      [90.8, 1.7],
      [45.8, 2.0],
      [71.6, 2.5],
      [63.4, 1.8],
      [65.4, 3.9],
      [80.3, 3.6],
    ],
    'k16/roberta/mezo-adam': [
      [90.4, 1.4],
      [45.4, 1.5],
      [74.1, 2.7],
      [64.3, 0.8],
      [59.2, 11.1],
      [78.3, 1.4],
    ],
    'k16/roberta/ft': [
      [91.9, 1.8],
      [47.5, 1.9],
      [77.5, 2.6],
      [70.0, 2.3],
      [66.4, 7.2],
      [85.0, 2.5],
    ],
    'k16/roberta/ft-lora': [
      [91.4, 1.7],
      [46.7, 1.1],
      [74.9, 4.3],
      [67.7, 1.4],
      [66.1, 3.5],
      [82.7, 4.1],
    ],
    'k16/roberta/ft-prefix': [
      [91.9, 1.0],
      [47.7, 1.1],
      [77.2, 1.3],
      [66.5, 2.5],
      [66.6, 2.0],
      [85.7, 1.3],
    ],
    'k512/roberta/lp': [
      [91.3, 0.5],
      [51.7, 0.5],
      [80.9, 1.0],
      [71.5, 1.1],
      [73.1, 1.5],
      [89.4, 0.5],
    ],
    'k512/roberta/mezo': [
      [93.3, 0.7],
      [53.2, 1.4],
      [83.0, 1.0],
      [78.3, 0.5],
      [78.6, 2.0],
      [94.3, 1.3],
    ],
    'k512/roberta/mezo-lora': [
      [93.4, 0.4],
      [52.4, 0.8],
      [84.0, 0.8],
      [77.9, 0.6],
      [77.6, 1.3],
      [95.0, 0.7],
    ],
    'k512/roberta/mezo-prefix': [
      [93.3, 0.1],
      [53.6, 0.5],
      [84.8, 1.1],
      [79.8, 1.2],
      [77.2, 0.8],
      [94.4, 0.7],
    ],
    'k512/roberta/mezo-adam': [
      [93.3, 0.6],
      [53.9, 0.8],
      [85.3, 0.8],
      [79.6, 0.4],
      [79.2, 1.2],
      [95.1, 0.3],
    ],
    'k512/roberta/ft': [
      [93.9, 0.7],
      [55.9, 0.9],
      [88.7, 0.8],
      [84.4, 0.8],
      [82.7, 1.4],
      [97.3, 0.2],
    ],
    'k512/roberta/ft-lora': [
      [94.2, 0.2],
      [55.3, 0.7],
      [88.3, 0.5],
      [83.9, 0.6],
      [83.2, 1.3],
      [97.0, 0.3],
    ],
    'k512/roberta/ft-prefix': [
      [93.7, 0.3],
      [54.6, 0.7],
      [88.3, 0.7],
      [83.3, 0.5],
      [82.5, 0.8],
      [97.4, 0.2],
    ],
  }),
};
