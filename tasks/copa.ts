import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { classNumber, single, text } from './data/fields.js';
import { hub } from './data/hub.js';
import { readJsonl } from './data/rows.js';
import { defineTask } from './define.js';

const row = z.object({
  premise: text,
  choice1: text,
  choice2: text,
  question: z.enum(['cause', 'effect'], 'cause or effect is needed'),
  label: classNumber(2),
});

type Alternatives = z.infer<typeof row>;

/**
 * COPA (Roemmele et al. 2011, from SuperGLUE): which of two is the premise's cause, or its effect? The sentence goes on with a choice;
 * trained on the right one's tokens. Prompts of MeZO; the plain one of ZO-Bench, in which nothing says what is asked for.
 */
export const copa = defineTask<Alternatives>({
  id: 'copa',
  version: 1,
  metric: 'accuracy',
  training: 'answer',
  // Of 400 items; MeZO's.
  devSize: 100,
  read: dataSet(['COPA', 'copa'], [{ train: 'train.jsonl', test: 'val.jsonl', read: readJsonl, row: single(row) }, ...hub(single(row))]),
  prompts: {
    causal: { aligned: asking({ cause: ' because ', effect: ' so ' }), plain: asking({ cause: ' ', effect: ' ' }) },
  },
});

function asking(conjunctions: Readonly<Record<Alternatives['question'], string>>) {
  return ({ premise, choice1, choice2, question, label }: Alternatives) => ({
    prompt: premise.trimEnd().replace(/\.$/, '') + conjunctions[question],
    candidates: [choice1, choice2].map(continuing),
    answer: label,
  });
}

/** In lower case up to the first space, but for "I". */
const continuing = (choice: string): string => choice.replace(/^[^ ]*/, (word) => (word === 'I' ? word : word.toLowerCase()));
