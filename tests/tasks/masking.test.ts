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

// 15 % of 20 is 3, and 0.5 rounds no further up. The places left are 1..20, then 1..19, then 2..19: floor(0.99 * 20), 0 and floor(0.5 * 18)
// are the places 20, 1 and 11. In the order of the places: 1 is masked (0.79), 11 becomes word floor(0.45 * 10) (0.89), 20 stays (0.9).
test('by hand: which tokens are chosen, and what the model reads in their place', () => {
  const { tokens, targets } = mask(text, scripted(0.5, 0.99, 0, 0.5, 0.79, 0.89, 0.45, 0.9));
  expect(targets).toEqual([
    { place: 1, token: 10 },
    { place: 11, token: 10 },
    { place: 20, token: 19 },
  ]);
  const wanted = [...text];
  wanted[1] = MASK_ID;
  wanted[11] = 14;
  expect(tokens).toEqual(wanted);
});

test('15 % of n tokens is rounded up as often as its fraction says', () => {
  const short = [0, 10, 11, 12, 13, 2]; // 15 % of 4 is 0.6
  expect(mask(short, scripted(0.39)).targets).toEqual([]);
  expect(mask(short, scripted(0.41, 0, 0)).targets).toHaveLength(1);
});

test('of many texts, the shares are those of BERT, every place is as likely as another, and the rest is left alone', () => {
  const many = maskings(4000);
  const chosen = many.flatMap(({ tokens, targets }) => targets.map(({ place }) => ({ place, read: tokens[place] })));
  const share = (count: number, of: number): number => count / of;
  // Four standard deviations of 12,000 draws: 4 * sqrt(0.1 * 0.9 / 12000) = 0.011, 4 * sqrt(0.8 * 0.2 / 12000) = 0.015.
  expect(chosen).toHaveLength(4000 * 3);
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
