import { z } from 'zod';
import type { Format } from './data/data-set.js';
import { className, classNumber, text, withColumn } from './data/fields.js';
import { hub } from './data/hub.js';
import { readJsonl, type Row } from './data/rows.js';
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

const classOf = className(CLASSES);

/** Pairs by the hub's names of their columns, GLUE's and SetFit's. */
export const sentencePair = (label: z.ZodType<number>): z.ZodType<Inference> =>
  withColumn(
    'sentence1',
    z
      .object({ sentence1: text, sentence2: text, label })
      .transform(({ sentence1, sentence2, ...rest }) => ({ premise: sentence1, hypothesis: sentence2, ...rest })),
    withColumn(
      'text1',
      z
        .object({ text1: text, text2: text, label })
        .transform(({ text1, text2, ...rest }) => ({ premise: text1, hypothesis: text2, ...rest })),
      z.object({ premise: text, hypothesis: text, label }),
    ),
  );

/** Without gold label where annotators did not agree: such an item is left out. */
const annotated = z
  .object({ sentence1: text, sentence2: text, gold_label: z.union([classOf, z.literal('-')], 'is no label') })
  .transform(({ sentence1, sentence2, gold_label: label }) =>
    label === '-' ? [] : [{ premise: sentence1, hypothesis: sentence2, label }],
  );

/** A class by name or number; the hub has -1 where annotators did not agree. */
const onHub = sentencePair(z.union([classOf, classNumber(CLASSES.length), z.literal(-1)], 'is no label')).transform((item) =>
  item.label === -1 ? [] : [item],
);

/** SNLI and MultiNLI: as first published, as in GLUE, and the hub's, also reduced to three fields. */
export const inferenceFormats = (
  stem: string,
  dev: string,
  hubTest: string,
  readGlue: (file: string) => Row[],
): readonly Format<Inference>[] => [
  { train: `${stem}_train.jsonl`, test: `${stem}_${dev}.jsonl`, read: readJsonl, row: annotated },
  { train: 'train.tsv', test: `${dev}.tsv`, read: readGlue, row: annotated },
  ...hub(onHub, hubTest),
];

/**
 * Fields of a row of GLUE's SNLI that more annotators labelled than the first line has names for: their labels stand before the gold one,
 * which is the last.
 */
export function withFewerAnnotators(fields: readonly string[], names: readonly string[]): readonly string[] {
  const kept = names.length - 1;
  // With the first annotator's: in a row with a tab too many a sentence stands there.
  const areLabels = fields.slice(kept - 1, -1).every((label) => label === '' || label === '-' || CLASSES.some((name) => name === label));
  return fields.length > names.length && areLabels ? [...fields.slice(0, kept), ...fields.slice(-1)] : fields;
}
