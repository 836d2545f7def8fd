import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { classNumber, text, withColumn } from './data/fields.js';
import { hub } from './data/hub.js';
import { readLines } from './data/rows.js';
import { defineTask } from './define.js';
import { askedMasked } from './task.js';

interface Question {
  readonly question: string;
  readonly label: number;
}

/** In the hub's order, and the words that LM-BFF has for them. */
const CLASSES = { ABBR: ' Expression', ENTY: ' Entity', DESC: ' Description', HUM: ' Human', LOC: ' Location', NUM: ' Number' } as const;
const names = Object.keys(CLASSES);

/** "NUM:dist How far is it from Denver to Aspen ?" */
const line = z.string().transform((given, context): Question[] => {
  const [, name = '', question = ''] = /^([A-Z]+):\S+ (.*\S)/.exec(given) ?? [];
  const label = names.indexOf(name);
  if (label >= 0) return [{ question, label }];
  context.addIssue(`"CLASS:kind question" is needed, the class one of ${names.join(', ')}`);
  return z.NEVER;
});

const label = classNumber(names.length);
const onHub = withColumn(
  'label-coarse',
  z.object({ text, 'label-coarse': label }).transform((row) => [{ question: row.text, label: row['label-coarse'] }]),
  z.object({ text, coarse_label: label }).transform((row) => [{ question: row.text, label: row.coarse_label }]),
);

/** TREC's questions (Li and Roth 2002) by what they ask for. For masked language models, as in LM-BFF and MeZO. */
export const trec = defineTask<Question>({
  id: 'trec',
  version: 1,
  metric: 'accuracy',
  training: 'choice',
  read: dataSet(
    ['TREC', 'trec'],
    [
      { train: 'train.txt', test: 'test.txt', read: readLines, row: line },
      { train: 'train_5500.label', test: 'TREC_10.label', read: readLines, row: line },
      ...hub(onHub, 'test'),
    ],
  ),
  prompts: {
    masked: {
      aligned: ({ question, label }) => ({ ...askedMasked('', `: ${question}`), candidates: Object.values(CLASSES), answer: label }),
    },
  },
});
