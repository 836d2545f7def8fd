import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { classNumber, single, text, truth } from './data/fields.js';
import { hub } from './data/hub.js';
import { readJsonl } from './data/rows.js';
import { defineTask } from './define.js';

interface WordPair {
  readonly word: string;
  readonly sentence1: string;
  readonly sentence2: string;
  readonly label: number;
}

/** Words in context (Pilehvar and Camacho-Collados 2019, arXiv:1808.09121, from SuperGLUE): does a word mean the same in both sentences? */
export const wic = defineTask<WordPair>({
  id: 'wic',
  version: 1,
  metric: 'accuracy',
  training: 'choice',
  read: dataSet(
    ['WiC', 'wic'],
    [
      {
        train: 'train.jsonl',
        test: 'val.jsonl',
        read: readJsonl,
        row: single(z.object({ word: text, sentence1: text, sentence2: text, label: truth })),
      },
      ...hub(single(z.object({ word: text, sentence1: text, sentence2: text, label: classNumber(2) }))),
    ],
  ),
  prompts: {
    causal: {
      aligned: ({ word, sentence1, sentence2, label }) => ({
        prompt: `Does the word "${word}" have the same meaning in these two sentences? Yes, No?\n${sentence1}\n${sentence2}\n`,
        candidates: ['No', 'Yes'],
        answer: label,
      }),
    },
  },
});
