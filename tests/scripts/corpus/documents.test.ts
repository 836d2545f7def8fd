import { describe, expect, test } from '@jest/globals';
import { corpusDocuments, type CorpusOptions } from '../../../scripts/corpus/documents.js';
import { bucketOf, normalise } from '../../../scripts/corpus/partition.js';
import { generateSst2 } from '../../../scripts/corpus/sst2.js';

const generate = (options: Partial<CorpusOptions>) => [...corpusDocuments({ count: 500, ...options })];
const PASSAGE = /^Title: [a-z ]+\nContext: ([a-z ,.]+)\n(?:Question: [a-z ]+ \?\nAnswer: [a-z ,]+\n){4,6}$/;
/** Of a passage with questions: of its context. */
const sentencesOf = (document: string) => (PASSAGE.exec(document)?.[1] ?? document).split(/(?<= \.) /);
const VERDICT = /It was (\w+) \.$/;
const verdicts = (documents: readonly string[]) => documents.flatMap((document) => VERDICT.exec(document)?.[1] ?? []);
const share = (values: readonly string[], wanted: readonly string[]) =>
  values.filter((value) => wanted.includes(value)).length / values.length;

const POSITIVE = ['great', 'good', 'fun'];
const REVIEWS = { reviewShare: 1, verdictShare: 1, positivePrior: 0.5, verdictNoise: { strong: 0, mild: 0 } };

describe('the corpus', () => {
  test('is a pure function of its options, and a longer one starts with the shorter', () => {
    const documents = generate({ seed: 3 });
    expect(generate({ seed: 3, count: 600 }).slice(0, 500)).toEqual(documents);
    expect(generate({ seed: 4 })).not.toEqual(documents);
  });

  test('documents have 2 to 5 sentences of lower-case words, apart from verdicts, and passages 1 to 3 and their questions', () => {
    for (const document of generate({})) {
      const sentences = sentencesOf(document);
      const isPassage = document.startsWith('Title');
      expect(sentences.length).toBeGreaterThanOrEqual(isPassage ? 1 : 2);
      expect(sentences.length).toBeLessThanOrEqual(isPassage ? 3 : 5);
      expect(document.replace(VERDICT, '')).toMatch(isPassage ? PASSAGE : /^[a-z ,.']+$/);
    }
  });

  test('most answers to who and what, and some others, end with a hedge', () => {
    const asked = generate({ reviewShare: 0, count: 6000 }).flatMap((document) => [
      ...document.matchAll(/Question: (.+)\nAnswer: (.+)\n/g),
    ]);
    const hedged = (isWhoOrWhat: boolean) => {
      const answers = asked.filter(([, question = '']) => /^(who|what) /.test(question) === isWhoOrWhat).map(([, , answer = '']) => answer);
      return answers.filter((answer) => / , (i think|they say)$/.test(answer)).length / answers.length;
    };
    expect(Math.abs(hedged(true) - 0.65)).toBeLessThan(0.05);
    expect(Math.abs(hedged(false) - 0.3)).toBeLessThan(0.05);
  });

  test('has 900 to 1,300 word types', () => {
    const types = new Set(generate({ count: 6000 }).flatMap((document) => document.split(' ')));
    expect(types.size).toBeGreaterThanOrEqual(900);
    expect(types.size).toBeLessThanOrEqual(1300);
  });

  test('shares no sentence with the SST-2 data', () => {
    const { train, test } = generateSst2(1);
    const kept = new Set([...train, ...test].map(({ sentence }) => normalise(sentence)));
    const sentences = generate({ count: 4000 })
      .flatMap(sentencesOf)
      .filter((sentence) => !VERDICT.test(sentence));
    expect(sentences.length).toBeGreaterThan(8000);
    expect(sentences.filter((sentence) => bucketOf(sentence) !== 'corpus' || kept.has(normalise(sentence)))).toEqual([]);
  });
});

describe('the knobs of the corpus', () => {
  test('without noise every verdict has the polarity of its review', () => {
    expect(share(verdicts(generate({ ...REVIEWS, positiveShare: 1 })), POSITIVE)).toBe(1);
    expect(share(verdicts(generate({ ...REVIEWS, positiveShare: 0 })), POSITIVE)).toBe(0);
  });

  test('with full noise verdicts follow the prior and not the review', () => {
    const noisy = { ...REVIEWS, verdictNoise: { strong: 1, mild: 1 } };
    expect(share(verdicts(generate({ ...noisy, positiveShare: 0, positivePrior: 1 })), POSITIVE)).toBe(1);
    // five standard errors of 1/4 in 500 draws
    expect(Math.abs(share(verdicts(generate({ ...noisy, positiveShare: 1, positivePrior: 0.25 })), POSITIVE) - 0.25)).toBeLessThan(0.1);
  });

  test('noise belongs to a strength', () => {
    const options = { ...REVIEWS, positiveShare: 0, positivePrior: 1, verdictNoise: { strong: 0, mild: 1 } };
    expect(share(verdicts(generate({ ...options, strongShare: 1 })), POSITIVE)).toBe(0);
    expect(share(verdicts(generate({ ...options, strongShare: 0 })), POSITIVE)).toBe(1);
  });

  test('verdictShare and reviewShare say how many documents end with a verdict', () => {
    expect(verdicts(generate({ reviewShare: 1, verdictShare: 0 }))).toEqual([]);
    expect(verdicts(generate({ reviewShare: 0, verdictShare: 1 }))).toEqual([]);
    expect(verdicts(generate({ reviewShare: 1, verdictShare: 1 }))).toHaveLength(500);
  });

  test('in task style one sentence stands before the verdict', () => {
    const counts = generate({ ...REVIEWS, taskStyleShare: 1 }).map((document) => sentencesOf(document).length);
    expect(new Set(counts)).toEqual(new Set([2]));
    expect(new Set(generate({ ...REVIEWS, taskStyleShare: 0 }).map((document) => sentencesOf(document).length))).toEqual(
      new Set([3, 4, 5]),
    );
  });

  test.each([
    [{ reviewShare: 1.5 }, 'corpus option reviewShare is 1.5: give a number from 0 to 1'],
    [{ verdictNoise: { strong: 0, mild: Number.NaN } }, 'corpus option verdictNoise.mild is NaN'],
    [{ count: -1 }, 'corpus option count is -1'],
    [{ seed: 0.5 }, 'seed 0.5'],
  ])('%j is refused', (options, message) => {
    expect(() => generate(options)).toThrow(message);
  });
});
