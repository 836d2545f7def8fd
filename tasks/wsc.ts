import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { classNumber, single, text, truth } from './data/fields.js';
import { hub } from './data/hub.js';
import { readJsonl } from './data/rows.js';
import { defineTask } from './define.js';

interface Pronoun {
  readonly text: string;
  readonly span1_text: string;
  /** The pronoun. */
  readonly span2_text: string;
  readonly label: number;
}

const place = z.int('a word number is needed').nonnegative();
const original = z
  .object({ text, target: z.object({ span1_text: text, span1_index: place, span2_text: text }), label: truth })
  .transform(({ text: sentence, target, label }) => [
    { text: sentence, span1_text: inText(sentence, target.span1_text, target.span1_index), span2_text: target.span2_text, label },
  ]);

/** The hub's `wsc` has the spans as they were. */
const onHub = z
  .object({ text, span1_text: text, span1_index: place.optional(), span2_text: text, label: classNumber(2) })
  .transform(({ span1_index: index, ...row }): Pronoun =>
    index === undefined ? row : { ...row, span1_text: inText(row.text, row.span1_text, index) },
  );

/**
 * The Winograd Schema Challenge (Levesque et al. 2012, from SuperGLUE): does the pronoun refer to the noun? Spans are corrected as in
 * the hub's wsc.fixed, which MeZO uses.
 */
export const wsc = defineTask<Pronoun>({
  id: 'wsc',
  version: 1,
  metric: 'accuracy',
  training: 'choice',
  // Of 554 items: MeZO's 500 leave 54 to train on, 100 as for CB and COPA leave 454.
  devSize: 100,
  read: dataSet(
    ['WSC', 'wsc.fixed', 'wsc'],
    [{ train: 'train.jsonl', test: 'val.jsonl', read: readJsonl, row: original }, ...hub(single(onHub))],
  ),
  prompts: {
    causal: {
      aligned: ({ text: sentence, span1_text: noun, span2_text: pronoun, label }) => ({
        prompt: `${sentence}\nIn the previous sentence, does the pronoun "${pronoun.toLowerCase()}" refer to ${noun}? Yes or No?\n`,
        candidates: ['No', 'Yes'],
        answer: label,
      }),
    },
  },
});

/** A span that the text does not have as it is: with its first letter as the text has it there, without line break and full stop. */
function inText(sentence: string, span: string, index: number): string {
  if (sentence.includes(span)) return span;
  const word = sentence.split(/\s+/)[index] ?? '';
  const isLower = /^\p{Ll}/u.test(word);
  const first = isLower ? span.slice(0, 1).toLowerCase() : span.slice(0, 1).toUpperCase();
  return (first + span.slice(1)).replace(/\.+$/, '').replaceAll('\n', ' ');
}
