import { z } from 'zod';
import { dataSet } from './data/data-set.js';
import { classNumber, single, text } from './data/fields.js';
import { hub } from './data/hub.js';
import { defineTask } from './define.js';
import { askedMasked } from './task.js';

interface Review {
  readonly text: string;
  readonly label: number;
}

/**
 * SST-5 (Socher et al. 2013): SST-2's sentences with five classes, from very negative (0) to very positive (4), and with a test set of
 * its own; the hub's SetFit/sst5. For masked language models, as in LM-BFF and MeZO.
 */
export const sst5 = defineTask<Review>({
  id: 'sst5',
  version: 1,
  metric: 'accuracy',
  training: 'choice',
  read: dataSet(['SST-5', 'sst5'], hub(single(z.object({ text, label: classNumber(5) })), 'test')),
  prompts: {
    masked: {
      aligned: ({ text: sentence, label }) => ({
        ...askedMasked(`${sentence.trim()} It was`, '.'),
        candidates: [' terrible', ' bad', ' okay', ' good', ' great'],
        answer: label,
      }),
    },
  },
});
