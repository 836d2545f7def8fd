import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { className, single, text } from './data/fields.js';
import { hub } from './data/hub.js';
import { readJsonl } from './data/rows.js';
import { defineTask } from './define.js';

const row = z.object({
  sentence: text.refine((sentence) => sentence.split('_').length === 2, 'needs one blank, "_"'),
  option1: text,
  option2: text,
  answer: className(['1', '2']),
});

type Blank = z.infer<typeof row>;

/**
 * WinoGrande (Sakaguchi et al. 2020, arXiv:1907.10641), its medium training set: which of two fills the blank? The sentence goes on from
 * the blank with an option and its rest, which are scored together; trained on the right one's tokens. ZO-Bench's prompt.
 */
export const winogrande = defineTask<Blank>({
  id: 'winogrande',
  version: 1,
  metric: 'accuracy',
  training: 'answer',
  // ZO-Bench's.
  devSize: 100,
  read: dataSet(
    ['WinoGrande', 'winogrande_m', 'winogrande_1.1'],
    [{ train: 'train_m.jsonl', test: 'dev.jsonl', read: readJsonl, row: single(row) }, ...hub(single(row))],
  ),
  prompts: {
    causal: {
      aligned: ({ sentence, option1, option2, answer }) => {
        const [before = '', after = ''] = sentence.split('_');
        return { prompt: before, candidates: [option1 + after, option2 + after], answer };
      },
    },
  },
});
