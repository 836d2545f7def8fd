import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { className, classNumber, single, text, withColumn } from './data/fields.js';
import { hub } from './data/hub.js';
import { readTsv } from './data/rows.js';
import { defineTask } from './define.js';
import { askedMasked } from './task.js';

interface Review {
  readonly sentence: string;
  readonly label: number;
}

const label = classNumber(2);
/** SetFit's column is text. */
const onHub = withColumn(
  'text',
  z.object({ text, label }).transform(({ text: sentence, ...rest }): Review => ({ sentence, ...rest })),
  z.object({ sentence: text, label }),
);

/**
 * SST-2 (Socher et al. 2013): is a film review's sentence negative (0) or positive (1)? GLUE's dev.tsv is the test set, for its test
 * labels are not public. Prompts of MeZO and ZO-Bench, masked as in LM-BFF (Gao et al. 2021, arXiv:2012.15723).
 */
export const sst2 = defineTask<Review>({
  id: 'sst2',
  version: 1,
  metric: 'accuracy',
  training: 'choice',
  read: dataSet(
    ['SST-2', 'sst2'],
    [
      { train: 'train.tsv', test: 'dev.tsv', read: readTsv, row: single(z.object({ sentence: text, label: className(['0', '1']) })) },
      ...hub(single(onHub)),
    ],
  ),
  prompts: {
    causal: { aligned: asking((sentence) => ({ prompt: `${sentence} It was` })), plain: asking((sentence) => ({ prompt: sentence })) },
    masked: { aligned: asking((sentence) => askedMasked(`${sentence} It was`, '.')) },
  },
});

function asking<Prompt>(prompt: (sentence: string) => Prompt) {
  return ({ sentence, label }: Review) => ({ ...prompt(sentence.trim()), candidates: [' terrible', ' great'], answer: label });
}
