import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { anyText, single, text } from './data/fields.js';
import { hub } from './data/hub.js';
import { readJson } from './data/rows.js';
import { defineTask } from './define.js';

interface Question {
  readonly passage: string;
  readonly question: string;
  readonly answers: readonly [string, ...string[]];
}

const part = anyText.optional();

/** A number, some spans of the passage, or a date, of which some parts may be missing. */
const answer = z
  .object({
    number: part,
    spans: z.array(text).default([]),
    date: z.object({ day: part, month: part, year: part }).default({}),
  })
  .transform(({ number, spans, date: { day, month, year } }, context): Question['answers'] => {
    const date = [day, month, year].filter(Boolean).join(' ');
    const [first, ...more] = number ? [number] : spans.length > 0 ? spans : date ? [date] : [];
    if (first !== undefined) return [first, ...more];
    context.addIssue({ code: 'custom', message: 'is neither a number nor spans nor a date' });
    return z.NEVER;
  });

/** Passages by their ids, the questions about each. */
const original = z
  .record(
    z.string(),
    z.object({ passage: text, qa_pairs: z.array(z.object({ question: text, answer }, 'a question is needed'), 'questions are needed') }),
    'passages by their ids are needed',
  )
  .transform((passages): readonly Question[] =>
    Object.values(passages).flatMap(({ passage, qa_pairs: pairs }) =>
      pairs.map((pair) => ({ passage, question: pair.question, answers: pair.answer })),
    ),
  );

const onHub = z
  .object({ passage: text, question: text, answers_spans: z.object({ spans: z.tuple([text], text) }) })
  .transform(({ passage, question, answers_spans: { spans } }): Question => ({ passage, question, answers: spans }));

/**
 * DROP (Dua et al. 2019, arXiv:1903.00161): a question about a passage whose answer asks for counting or comparing; the model writes it.
 * Trained on the first answer's tokens and the line break that ends it. Prompt and metric of MeZO: SQuAD's F1 with the best of the answers,
 * which DROP's own metric asks for all together.
 */
export const drop = defineTask<Question>({
  id: 'drop',
  version: 1,
  metric: 'f1',
  training: 'answer',
  read: dataSet(
    ['DROP', 'drop'],
    [{ train: 'drop_dataset_train.json', test: 'drop_dataset_dev.json', read: readJson, row: original }, ...hub(single(onHub))],
  ),
  prompts: {
    causal: {
      aligned: ({ passage, question, answers }) => ({
        prompt: `Passage: ${passage}\nQuestion: ${question}\nAnswer:`,
        candidates: [` ${answers[0]}\n`],
        answer: 0,
        golds: answers,
      }),
    },
  },
});
