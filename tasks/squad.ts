import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { anyText, single, text } from './data/fields.js';
import { hub } from './data/hub.js';
import { heldOutBy } from './data/held-out.js';
import { readJson } from './data/rows.js';
import { defineTask } from './define.js';

interface Question {
  readonly title: string;
  readonly context: string;
  readonly question: string;
  /** As different people gave them. */
  readonly answers: readonly string[];
}

const answers = z.array(z.object({ text }), 'answers are needed').min(1, 'there is no answer');
const title = anyText;

/** Articles, their paragraphs, the questions about each. */
const original = z
  .object({
    data: z.array(
      z.object({
        title,
        paragraphs: z.array(
          z.object({ context: text, qas: z.array(z.object({ question: text, answers }), 'questions are needed') }),
          'paragraphs are needed',
        ),
      }),
      'articles are needed',
    ),
  })
  .transform(({ data }): readonly Question[] =>
    data.flatMap((article) =>
      article.paragraphs.flatMap(({ context, qas }) =>
        qas.map((asked) => ({ title: article.title, context, question: asked.question, answers: asked.answers.map((one) => one.text) })),
      ),
    ),
  );

const onHub = z
  .object({ title, context: text, question: text, answers: z.object({ text: z.array(text).min(1, 'there is no answer') }) })
  .transform((item): Question => ({ ...item, answers: item.answers.text }));

/**
 * SQuAD 1.1 (Rajpurkar et al. 2016, arXiv:1606.05250): a question whose answer is a span of the passage, which the model writes; judged by
 * the F1 of its words. Trained on the first answer's tokens and the line break that ends it. MeZO's prompt, after GPT-3.
 *
 * XQuAD's English part (Artetxe et al. 2020, arXiv:1910.11856) is a part of SQuAD's dev set; of it alone, a fifth of the passages are
 * the test set.
 */
export const squad = defineTask<Question>({
  id: 'squad',
  version: 1,
  metric: 'f1',
  training: 'answer',
  read: dataSet(
    ['SQuAD', 'squad'],
    [
      { train: 'train-v1.1.json', test: 'dev-v1.1.json', read: readJson, row: original },
      ...hub(single(onHub)),
      { train: 'xquad.en.json', test: heldOutBy(({ context }: Question) => context), read: readJson, row: original },
    ],
  ),
  prompts: {
    causal: {
      aligned: ({ title: about, context, question, answers: golds }) => ({
        prompt: `Title: ${about}\nContext: ${context}\nQuestion: ${question}\nAnswer:`,
        candidates: [` ${golds[0] ?? ''}\n`],
        answer: 0,
        golds,
      }),
    },
  },
});
