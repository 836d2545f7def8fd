import { z } from 'zod';
import { hub, type Format } from './data/data-set.js';
import { className, classNumber, single, text } from './data/fields.js';
import { readJsonl, readTsv } from './data/rows.js';
import { askedMasked } from './task.js';

// What the tasks of natural-language inference share.

export interface Inference {
  readonly premise: string;
  readonly hypothesis: string;
  readonly label: number;
}

/** LM-BFF's prompt: the premise's last character gives way to a question mark, the hypothesis goes on in lower case. */
export const askingMasked =
  (candidates: readonly string[]) =>
  ({ premise, hypothesis, label }: Inference) => ({
    ...askedMasked(`${premise.slice(0, -1)}?`, `, ${hypothesis.slice(0, 1).toLowerCase()}${hypothesis.slice(1)}`),
    candidates,
    answer: label,
  });

const CLASSES = ['entailment', 'neutral', 'contradiction'] as const;

/** Of {@link CLASSES}. */
export const threeWay = { aligned: askingMasked([' Yes', ' Maybe', ' No']) };

/** Without gold label where annotators did not agree: such an item is left out. */
const annotated = z
  .object({ sentence1: text, sentence2: text, gold_label: z.union([className(CLASSES), z.literal('-')], 'is no label') })
  .transform(({ sentence1, sentence2, gold_label: label }) =>
    label === '-' ? [] : [{ premise: sentence1, hypothesis: sentence2, label }],
  );

const onHub = z
  .object({ premise: text, hypothesis: text, label: z.union([classNumber(CLASSES.length), z.literal(-1)], 'is no label') })
  .transform((item) => (item.label === -1 ? [] : [item]));

/** SNLI and MultiNLI: as first published, as in GLUE, reduced to three fields, and the hub's. */
export const inferenceFormats = (stem: string, dev: string, hubTest: string): readonly Format<Inference>[] => [
  { train: `${stem}_train.jsonl`, test: `${stem}_${dev}.jsonl`, read: readJsonl, row: annotated },
  { train: 'train.tsv', test: `${dev}.tsv`, read: readTsv, row: annotated },
  {
    ...{ train: 'train.jsonl', test: 'dev.jsonl', read: readJsonl },
    row: single(z.object({ premise: text, hypothesis: text, label: className(CLASSES) })),
  },
  hub(onHub, hubTest),
];
