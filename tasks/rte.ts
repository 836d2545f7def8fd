import { z } from 'zod';
import { dataSet, hub } from './data/data-set.js';
import { className, classNumber, single, text } from './data/fields.js';
import { readJsonl, readTsv } from './data/rows.js';
import { defineTask, PAIR_TOKENS } from './define.js';
import { askingMasked, type Inference } from './inference.js';

const names = className(['entailment', 'not_entailment']);
const glue = z.object({ sentence1: text, sentence2: text, label: names });

/**
 * RTE (Dagan et al. 2005 and after, from SuperGLUE or GLUE): does the premise entail (0) the hypothesis or not (1)? Prompts of MeZO
 * and ZO-Bench, masked as in LM-BFF.
 */
export const rte = defineTask<Inference>({
  id: 'rte',
  version: 1,
  metric: 'accuracy',
  training: 'choice',
  maskedTokens: PAIR_TOKENS,
  read: dataSet(
    ['RTE', 'rte'],
    [
      {
        ...{ train: 'train.jsonl', test: 'val.jsonl', read: readJsonl },
        row: single(z.object({ premise: text, hypothesis: text, label: names })),
      },
      {
        ...{ train: 'train.tsv', test: 'dev.tsv', read: readTsv },
        row: glue.transform(({ sentence1, sentence2, label }) => [{ premise: sentence1, hypothesis: sentence2, label }]),
      },
      hub(single(z.object({ premise: text, hypothesis: text, label: classNumber(2) }))),
    ],
  ),
  prompts: {
    causal: {
      aligned: asking((premise, hypothesis) => `${premise}\nDoes this mean that "${hypothesis}" is true? Yes or No?\n`),
      plain: asking((premise, hypothesis) => `${premise}\n"${hypothesis}"\n`),
    },
    masked: { aligned: askingMasked([' Yes', ' No']) },
  },
});

function asking(prompt: (premise: string, hypothesis: string) => string) {
  return ({ premise, hypothesis, label }: Inference) => ({
    prompt: prompt(premise, hypothesis),
    candidates: ['Yes', 'No'],
    answer: label,
  });
}
