import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { classNumber, single, text, truth, withColumn } from './data/fields.js';
import { hub } from './data/hub.js';
import { readJsonl } from './data/rows.js';
import { defineTask } from './define.js';

interface Question {
  readonly passage: string;
  readonly question: string;
  /** 1 is yes. */
  readonly label: number;
}

/** In a repository of its own, and as first published, its label is called answer. */
const onHub = withColumn(
  'answer',
  z.object({ passage: text, question: text, answer: truth }).transform(({ answer, ...rest }): Question => ({ ...rest, label: answer })),
  z.object({ passage: text, question: text, label: classNumber(2) }),
);

/**
 * BoolQ (Clark et al. 2019, arXiv:1905.10044, from SuperGLUE): is the answer to a question about the passage yes? MeZO's prompt, the
 * last of its three (ZO-Bench's runs had the first, without the line break).
 */
export const boolq = defineTask<Question>({
  id: 'boolq',
  version: 1,
  metric: 'accuracy',
  training: 'choice',
  read: dataSet(
    ['BoolQ', 'boolq'],
    [
      {
        train: 'train.jsonl',
        test: 'val.jsonl',
        read: readJsonl,
        row: single(z.object({ passage: text, question: text, label: truth })),
      },
      ...hub(single(onHub)),
    ],
  ),
  prompts: {
    causal: {
      aligned: ({ passage, question, label }) => ({
        prompt: `${passage} ${asSentence(question)}\n`,
        candidates: ['Yes', 'No'],
        answer: 1 - label,
      }),
    },
  },
});

const asSentence = (question: string): string =>
  question.slice(0, 1).toUpperCase() + question.slice(1) + (question.endsWith('?') ? '' : '?');
