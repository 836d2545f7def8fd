import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { className, classNumber, single, text } from './data/fields.js';
import { hub } from './data/hub.js';
import { readJsonl } from './data/rows.js';
import { defineTask } from './define.js';
import type { Inference } from './inference.js';

/** CommitmentBank (de Marneffe et al. 2019, from SuperGLUE): is the hypothesis entailed (0), contradicted (1) or neither (2)? */
export const cb = defineTask<Inference>({
  id: 'cb',
  version: 1,
  metric: 'accuracy',
  training: 'choice',
  // Of 250 items; MeZO's.
  devSize: 100,
  read: dataSet(
    ['CB', 'cb'],
    [
      {
        train: 'train.jsonl',
        test: 'val.jsonl',
        read: readJsonl,
        row: single(z.object({ premise: text, hypothesis: text, label: className(['entailment', 'contradiction', 'neutral']) })),
      },
      ...hub(single(z.object({ premise: text, hypothesis: text, label: classNumber(3) }))),
    ],
  ),
  prompts: {
    causal: {
      aligned: ({ premise, hypothesis, label }) => ({
        prompt: `Suppose ${premise} Can we infer that "${hypothesis}"? Yes, No, or Maybe?\n`,
        candidates: ['Yes', 'No', 'Maybe'],
        answer: label,
      }),
    },
  },
});
