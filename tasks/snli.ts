import { dataSet } from './data/data-set.js';
import { readTsv } from './data/rows.js';
import { defineTask, PAIR_TOKENS } from './define.js';
import { inferenceFormats, threeWay, withFewerAnnotators, type Inference } from './inference.js';

/** SNLI (Bowman et al. 2015, arXiv:1508.05326); the dev set is the test set, as in LM-BFF and MeZO. For masked language models. */
export const snli = defineTask<Inference>({
  id: 'snli',
  version: 1,
  metric: 'accuracy',
  training: 'choice',
  maskedTokens: PAIR_TOKENS,
  read: dataSet(
    ['SNLI', 'snli', 'snli_1.0'],
    inferenceFormats('snli_1.0', 'dev', 'validation', (file) => readTsv(file, withFewerAnnotators)),
  ),
  prompts: { masked: threeWay },
});
