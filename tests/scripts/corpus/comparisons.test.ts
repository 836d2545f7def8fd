import { describe, expect, test } from '@jest/globals';
import { COMPARISONS, comparisonSentence, comparisonSentences, tellComparison } from '../../../scripts/corpus/comparisons.js';
import { CONTAINERS, LARGE_OBJECTS } from '../../../scripts/corpus/everyday-words.js';
import { Random } from '../../../scripts/corpus/random.js';
import { drawScene } from '../../../scripts/corpus/scene.js';

describe('comparisons', () => {
  test('an ending changes whom it is about with the opening, and an opening with the ending', () => {
    const scene = new Map([...drawScene(new Random(1)), ['A', 'anna'], ['job', 'nurse']]);
    const money = COMPARISONS.find(({ endings }) => endings.includes('was rich'));
    if (!money) throw new Error('no comparison is about money');
    const told = ([opening, ending]: readonly [0 | 1, 0 | 1]) => comparisonSentence(tellComparison(money, [opening, ending], scene));
    expect(told([0, 0])).toBe('the nurse lent money to anna because the nurse was rich .');
    expect(told([0, 1])).toBe('the nurse lent money to anna because anna was poor .');
    expect(told([1, 0])).toBe('the nurse owed money to anna because anna was rich .');
    expect(told([1, 1])).toBe('the nurse owed money to anna because the nurse was poor .');
  });

  test('every opening and every ending occurs in one comparison only, and openings name both who are compared', () => {
    const said = COMPARISONS.flatMap(({ openings, endings }) => [...openings, ...endings]);
    expect(new Set(said).size).toBe(said.length);
    for (const { between, openings } of COMPARISONS) {
      for (const opening of openings) for (const slots of between) expect(opening).toContain(slots);
    }
  });

  test('a document compares in different ways', () => {
    const sentences = comparisonSentences(new Random(3), 5);
    expect(new Set(sentences).size).toBe(5);
    for (const sentence of sentences) expect(sentence).toMatch(/ (because|, so) .* \.$/);
  });

  test('asides stand behind the first of two alone; every second comparison is always right, the others at times wrong', () => {
    const random = new Random(5);
    const read = Array.from({ length: 400 }, () => comparisonSentences(random, 5)).flatMap((sentences) => sentences.map(readSentence));
    const share = (of: readonly Reading[], is: (one: Reading) => boolean) => of.filter(is).length / of.length;
    const [certain, doubtful] = [read.filter(({ index }) => index % 2 === 0), read.filter(({ index }) => index % 2 === 1)];
    expect(share(certain, ({ isRight }) => isRight)).toBe(1);
    expect(Math.abs(share(doubtful, ({ isRight }) => isRight) - 0.7)).toBeLessThan(0.06);
    const [first, second] = [read.filter(({ isFirst }) => isFirst), read.filter(({ isFirst }) => !isFirst)];
    expect(Math.abs(share(first, ({ hasAside }) => hasAside) - 0.75)).toBeLessThan(0.06);
    expect(share(second, ({ hasAside }) => hasAside)).toBe(0);
  });
});

interface Reading {
  readonly index: number;
  /** Whether the ending is said of the first of `between`. */
  readonly isFirst: boolean;
  readonly isRight: boolean;
  readonly hasAside: boolean;
}

const THINGS: Readonly<Record<string, readonly string[]>> = { large: LARGE_OBJECTS, container: CONTAINERS };

function readSentence(sentence: string): Reading {
  for (const [index, { between, openings, link, endings }] of COMPARISONS.entries()) {
    for (const [opening, template] of openings.entries()) {
      const clause = template.replaceAll(/\{(\w+)\}/g, (_, slot: string) => `(?<${slot}>${THINGS[slot]?.join('|') ?? '\\w+'})`);
      const rest = `${link} (?<named>.+?)(?<aside> , (?:they say|i think) ,)? (?<ending>${endings.join('|')})`;
      const found = new RegExp(`^${clause} ${rest} \\.$`).exec(sentence)?.groups;
      if (!found) continue;
      const isFirst = found.named === between[0].replaceAll(/\{(\w+)\}/g, (_, slot: string) => found[slot] ?? '');
      return { index, isFirst, isRight: isFirst === (endings[opening] === found.ending), hasAside: found.aside !== undefined };
    }
  }
  throw new Error(`no comparison reads: ${sentence}`);
}
