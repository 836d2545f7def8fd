import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { text } from './data/fields.js';
import { hub } from './data/hub.js';
import { readJsonl } from './data/rows.js';
import { defineTask } from './define.js';

interface Query {
  readonly passage: string;
  /** Has @placeholder where an entity is left out. */
  readonly query: string;
  readonly entities: readonly string[];
  /** Of the entities. */
  readonly answers: readonly [string, ...string[]];
}

const query = text.refine((value) => value.includes('@placeholder'), 'needs @placeholder');
const offset = z.int('an offset is needed').nonnegative();

/** The hub's row, whose entities and answers are sets: answers in alphabetical order, as the one that is trained on is the first. */
const known = z
  .object({ passage: text, query, entities: z.array(text), answers: z.array(text) })
  .transform(({ entities, answers, ...rest }, context): Query => {
    const all = [...new Set(entities)];
    const [first, ...more] = [...new Set(answers)].filter((answer) => all.includes(answer)).sort();
    if (first !== undefined) return { ...rest, entities: all, answers: [first, ...more] };
    context.addIssue({ code: 'custom', path: ['answers'], message: 'none is an entity of the passage' });
    return z.NEVER;
  });

/** A row is a passage with its queries; an entity's span includes its end. */
const original = z
  .object({
    passage: z.object({ text, entities: z.array(z.object({ start: offset, end: offset }), 'entities are needed') }),
    qas: z.array(z.object({ query, answers: z.array(z.object({ text }), 'answers are needed') }), 'queries are needed'),
  })
  .transform(({ passage, qas }) =>
    qas.map((own) => ({
      passage: passage.text,
      query: own.query,
      entities: passage.entities.map(({ start, end }) => passage.text.slice(start, end + 1)),
      answers: own.answers.map((answer) => answer.text),
    })),
  )
  .pipe(z.array(known));

/**
 * ReCoRD (Zhang et al. 2018, arXiv:1810.12885, from SuperGLUE): which entity of the passage is left out of the query? Any gold one counts
 * as right; trained on the first one's tokens. MeZO's prompt, after GPT-3: the passage's highlights and the query as one more are a list.
 */
export const record = defineTask<Query>({
  id: 'record',
  version: 1,
  metric: 'accuracy',
  training: 'answer',
  read: dataSet(
    ['ReCoRD', 'record'],
    [{ train: 'train.jsonl', test: 'val.jsonl', read: readJsonl, row: original }, ...hub(known.transform((item) => [item]))],
  ),
  prompts: {
    causal: {
      aligned: ({ passage, query: sentence, entities, answers }) => {
        const [answer, ...alsoRight] = answers.map((one) => entities.indexOf(one));
        return {
          prompt: `${passage.replaceAll('@highlight\n', '- ')}\n-`,
          candidates: entities.map((entity) => ` ${sentence.replaceAll('@placeholder', entity)}`),
          answer: answer ?? 0,
          alsoRight,
        };
      },
    },
  },
});
