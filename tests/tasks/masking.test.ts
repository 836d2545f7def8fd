import { expect, test } from '@jest/globals';
import { uniforms } from '../../engine/index.js';
import { tokenMasker, type MaskedText } from '../../tasks/index.js';

const MASK_ID = 3;
const WORDS = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
const mask = tokenMasker(MASK_ID, WORDS);

/** <s> w10 .. w19 w10 .. w19 </s>: 20 ordinary tokens at the places 1 to 20. */
const text = [0, ...WORDS, ...WORDS, 2];

/** Gives these numbers in order. */
function scripted(...numbers: number[]): () => number {
  return () => numbers.shift() ?? NaN;
}

function maskings(count: number): MaskedText[] {
  const uniform = uniforms(7);
  return Array.from({ length: count }, () => mask(text, uniform));
}

// A place a number: the first is chosen, the second is not (0.15), the third is, the last too. Then one or two numbers per place chosen:
// 0.79 masks, 0.89 replaces by word floor(0.45 * 10), 0.9 keeps.
test('by hand: which tokens are chosen, and what the model reads in their place', () => {
  const { tokens, targets } = mask([0, 10, 11, 12, 13, 2], scripted(0.14, 0.15, 0.0, 0.1, 0.79, 0.89, 0.45, 0.9));
  expect(targets).toEqual([
    { place: 1, token: 10 },
    { place: 3, token: 12 },
    { place: 4, token: 13 },
  ]);
  expect(tokens).toEqual([0, MASK_ID, 11, 14, 13, 2]);
});

test('a salient token is chosen at 90 %, another at 15 %', () => {
  const withSalient = tokenMasker(MASK_ID, WORDS, [11]);
  expect(withSalient([0, 10, 11, 2], scripted(0.16, 0.89, 0.95)).targets).toEqual([{ place: 2, token: 11 }]);
  expect(withSalient([0, 10, 11, 2], scripted(0.16, 0.9)).targets).toEqual([]);
});

test('of many texts, the shares are those of BERT, every place is as likely as another, and the rest is left alone', () => {
  const many = maskings(4000);
  const chosen = many.flatMap(({ tokens, targets }) => targets.map(({ place }) => ({ place, read: tokens[place] })));
  const share = (count: number, of: number): number => count / of;
  // Four standard deviations of 80,000 draws: 4 * sqrt(0.15 * 0.85 * 80000) = 404.
  expect(Math.abs(chosen.length - 12_000)).toBeLessThan(404);
  // Of 12,000 draws: 4 * sqrt(0.1 * 0.9 / 12000) = 0.011, 4 * sqrt(0.8 * 0.2 / 12000) = 0.015.
  const masked = share(chosen.filter(({ read }) => read === MASK_ID).length, chosen.length);
  expect(Math.abs(masked - 0.8)).toBeLessThan(0.015);
  // A random token is by chance the same one in a tenth of the cases: 0.1 + 0.1 / 10 stay.
  const kept = share(chosen.filter(({ place, read }) => read === text[place]).length, chosen.length);
  expect(Math.abs(kept - 0.11)).toBeLessThan(0.012);
  for (let place = 1; place <= 20; place++) {
    const times = chosen.filter((one) => one.place === place).length;
    expect(Math.abs(times - 600)).toBeLessThan(100); // 4 * sqrt(4000 * 0.15 * 0.85) = 90
  }
  const differing = many.flatMap(({ tokens, targets }) =>
    tokens.flatMap((token, place) => (token === text[place] || targets.some((target) => target.place === place) ? [] : [place])),
  );
  expect(differing).toEqual([]);
});

test('what is to be predicted is what stood there; special tokens are neither chosen nor drawn', () => {
  for (const { tokens, targets } of maskings(200)) {
    for (const { place, token } of targets) {
      expect(token).toBe(text[place]);
      expect([MASK_ID, ...WORDS]).toContain(tokens[place]);
    }
    expect([tokens[0], tokens.at(-1)]).toEqual([0, 2]);
  }
});

test('a seed gives the same masks again, and each use of a text other ones', () => {
  expect(maskings(20)).toEqual(maskings(20));
  expect(new Set(maskings(20).map(({ targets }) => JSON.stringify(targets))).size).toBeGreaterThan(15);
});
