import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { anyText, classNumber, single, text } from './data/fields.js';
import { hub } from './data/hub.js';
import { readJsonl } from './data/rows.js';
import { defineTask } from './define.js';

interface Answer {
  readonly paragraph: string;
  readonly question: string;
  readonly answer: string;
  readonly label: number;
}

/** Two answers of the original are empty. */
const answers = z.array(z.object({ text: anyText, label: classNumber(2) }), 'answers are needed');
/** A row is a paragraph with its questions, and each of those with its answers. */
const original = z
  .object({ passage: z.object({ text, questions: z.array(z.object({ question: text, answers }), 'questions are needed') }) })
  .transform(({ passage: { text: paragraph, questions } }) =>
    questions.flatMap(({ question, answers: own }) => own.map(({ text: answer, label }) => ({ paragraph, question, answer, label }))),
  );

/**
 * MultiRC (Khashabi et al. 2018, from SuperGLUE): is this answer to a question about the paragraph right? As in MeZO, every answer is
 * an item, and the metric their accuracy, not SuperGLUE's F1.
 */
export const multirc = defineTask<Answer>({
  id: 'multirc',
  version: 1,
  metric: 'accuracy',
  training: 'choice',
  read: dataSet(
    ['MultiRC', 'multirc'],
    [
      { train: 'train.jsonl', test: 'val.jsonl', read: readJsonl, row: original },
      ...hub(single(z.object({ paragraph: text, question: text, answer: anyText, label: classNumber(2) }))),
    ],
  ),
  prompts: {
    causal: {
      aligned: ({ paragraph, question, answer, label }) => ({
        prompt: `${paragraph}\nQuestion: ${question}\nI found this answer "${answer}". Is that correct? Yes or No?\n`,
        candidates: ['No', 'Yes'],
        answer: label,
      }),
    },
  },
});
