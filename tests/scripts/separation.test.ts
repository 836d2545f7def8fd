import { describe, expect, test } from '@jest/globals';
import { corpusDocuments } from '../../scripts/corpus/documents.js';
import { dialogueDocuments } from '../../scripts/corpus/dialogues.js';
import { CITIES } from '../../scripts/corpus/everyday-words.js';
import { bucketOf } from '../../scripts/corpus/partition.js';
import type { CopaItem } from '../../scripts/corpus/copa.js';
import type { SquadFile } from '../../scripts/corpus/squad.js';
import type { WinoGrandeItem } from '../../scripts/corpus/winogrande.js';
import { copa, otherChoice, paragraphsOf, rightChoice, rightOption, sentencesIn, spelled, squad, winogrande } from './bundled.js';

/** Premise and choices by themselves, and the premise with its right choice as the task and the corpus put them together. */
function copaSentences(item: CopaItem): string[] {
  const premise = item.premise.replace(/\.$/, '');
  const links = item.question === 'cause' ? [' because '] : [' so ', ' , so '];
  return [item.premise, rightChoice(item), otherChoice(item), ...links.map((link) => premise + link + rightChoice(item))];
}

const winograndeSentences = (item: WinoGrandeItem): string[] => [item.sentence.replace('_', rightOption(item))];
const squadSentences = (file: SquadFile): string[] => paragraphsOf(file).flatMap(({ context }) => sentencesIn(context));

const sets = {
  copa: { train: copa.train.flatMap(copaSentences), test: copa.test.flatMap(copaSentences) },
  winogrande: { train: winogrande.train.flatMap(winograndeSentences), test: winogrande.test.flatMap(winograndeSentences) },
  squad: { train: squadSentences(squad.train), test: squadSentences(squad.test) },
};

const corpus = new Set(
  [...corpusDocuments({ seed: 1, count: 5000, reviewShare: 0 }), ...dialogueDocuments({ count: 500 })].flatMap(sentencesIn),
);

describe.each(Object.entries(sets))('%s', (_, { train, test: tested }) => {
  test('train and test share no sentence', () => {
    const known = new Set(train.map(spelled));
    expect(tested.map(spelled).filter((sentence) => known.has(sentence))).toEqual([]);
  });

  test('shares no sentence with 5,500 documents of the corpora', () => {
    expect(corpus.size).toBeGreaterThan(5000);
    expect([...train, ...tested].map(spelled).filter((sentence) => corpus.has(sentence))).toEqual([]);
  });
});

const IN_FULL = new RegExp(`\\w+ from (?:${CITIES.join('|')})`, 'g');
/** "anna from paris". */
const fullNames = (text: string): string[] => text.match(IN_FULL) ?? [];

describe('by construction no longer corpus can share a sentence either', () => {
  test.each(['train', 'test'] as const)(
    'every sentence of %s on causes and comparisons names somebody in full who is of that bucket',
    (bucket) => {
      const sentences = [...copa[bucket].flatMap((item) => [item.premise, item.choice1, item.choice2]), ...sets.winogrande[bucket]];
      expect(sentences.filter((sentence) => !fullNames(sentence).some((name) => bucketOf(name) === bucket))).toEqual([]);
    },
  );

  test.each(['train', 'test'] as const)('every sentence of the contexts of %s is of that bucket', (bucket) => {
    const told = sets.squad[bucket].map((sentence) => sentence.replace(/ ?\.$/, ' .'));
    expect(told.filter((sentence) => bucketOf(sentence) !== bucket)).toEqual([]);
  });
});
