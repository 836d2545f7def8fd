import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { className, classNumber, single, text } from './data/fields.js';
import { hub } from './data/hub.js';
import { readJsonl, readTsv } from './data/rows.js';
import { defineTask, PAIR_TOKENS } from './define.js';
import { askingMasked, sentencePair, type Inference } from './inference.js';

const names = className(['entailment', 'not_entailment']);

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
        train: 'train.jsonl',
        test: 'val.jsonl',
        read: readJsonl,
        row: single(z.object({ premise: text, hypothesis: text, label: names })),
      },
      {
        train: 'train.tsv',
        test: 'dev.tsv',
        read: readTsv,
        row: single(sentencePair(names)),
      },
      ...hub(single(sentencePair(classNumber(2)))),
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
