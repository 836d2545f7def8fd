import { dataSet } from './data/data-set.js';
import { readTsv } from './data/rows.js';
import { defineTask, PAIR_TOKENS } from './define.js';
import { inferenceFormats, threeWay, type Inference } from './inference.js';

/** MultiNLI (Williams et al. 2018, arXiv:1704.05426); the matched dev set is the test set, as in LM-BFF and MeZO. For masked language models. */
export const mnli = defineTask<Inference>({
  id: 'mnli',
  version: 1,
  metric: 'accuracy',
  training: 'choice',
  maskedTokens: PAIR_TOKENS,
  read: dataSet(
    ['MNLI', 'mnli', 'multinli_1.0'],
    inferenceFormats('multinli_1.0', 'dev_matched', 'validation_matched', (file) => readTsv(file)),
  ),
  prompts: { masked: threeWay },
});
