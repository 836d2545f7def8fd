import { expect, test } from '@jest/globals';
import { hearsaySentences } from '../../../scripts/corpus/hearsay.js';
import { bucketOf } from '../../../scripts/corpus/partition.js';
import { Random } from '../../../scripts/corpus/random.js';

test('hearsay tells one fact three times, and who is told then knows', () => {
  for (let seed = 0; seed < 50; seed++) {
    const [heard = '', told = '', known = ''] = hearsaySentences(new Random(seed));
    const news = heard.split(' heard that ')[1];
    expect(news).toMatch(/\w .* \.$/);
    expect(bucketOf(news ?? '')).toBe('corpus');
    expect(told.split(' that ')[1]).toBe(news);
    expect(known.split(' knew that ')[1]).toBe(news);
    expect(known.split(' ')[1]).toBe(told.split(' ')[2]);
  }
});
