/**
 * The definition of every random number of a run: z(seed, parameter, element) is a pure function, so noise is never stored,
 * and the same seed gives the same direction whatever the order, the threads or the backend. `kernels/noise.ts` computes
 * the same function four lanes at a time.
 *
 * Counter-based: a counter and a 64-bit key go through rounds of x -> rot16(x (2x + 1)) + key, which need only wrap-around
 * multiplication and addition; two words per counter give two normals by the Box-Muller transform.
 */

/** Names a direction; made by {@link deriveSeed}, a non-negative integer below 2^53. */
export type Seed = number;

export interface NoiseKey {
  readonly k0: number;
  readonly k1: number;
}

const ROUNDS = [0x2545f491, 0x5851f42d, 0x6c078965] as const;
const ANGLE_ROUND = 0x61c88647;

const quadratic = (x: number): number => Math.imul(x, (x << 1) | 1);
const rotate16 = (x: number): number => (x << 16) | (x >>> 16);

/** The two words of the counter that an element shares with another. */
function counterWords(key: NoiseKey, element: number): { radiusWord: number; angleWord: number } {
  let x = (Math.imul(Math.floor(element / 8), 4) + (element % 4) + key.k0) | 0;
  for (const constant of ROUNDS) x = (rotate16(quadratic(x)) + key.k1 + constant) | 0;
  const radiusWord = quadratic(x);
  return { radiusWord, angleWord: quadratic((rotate16(radiusWord) + key.k1 + ANGLE_ROUND) | 0) };
}

/** A random integer from 0 to 2^32 - 1 of one element. */
export function uniformWord(key: NoiseKey, element: number): number {
  const { radiusWord, angleWord } = counterWords(key, element);
  return (element % 8 < 4 ? radiusWord : angleWord) >>> 0;
}

/** The standard normal of one element, computed in float64. */
export function standardNormal(key: NoiseKey, element: number): number {
  const lane = element % 8;
  const { radiusWord, angleWord } = counterWords(key, element);

  const u = ((radiusWord >>> 8) + 1) * 2 ** -24; // (0, 1]
  const radius = Math.sqrt(-2 * Math.log(u));
  const angle = (angleWord << 3) * 2 ** -31 * (Math.PI / 4);
  const swapped = angleWord < 0;
  const firstBranch = lane < 4;
  const branch = firstBranch === swapped ? Math.sin(angle) : Math.cos(angle);
  const negative = angleWord << (firstBranch ? 1 : 2) < 0;
  return (negative ? -radius : radius) * branch;
}

/** The key of one parameter's noise under a seed. Depends on the name alone, so freezing other parameters changes nothing. */
export function noiseKey(seed: Seed, parameter: string): NoiseKey {
  if (parameter !== latest.parameter || latest.keys.size === REMEMBERED) latest = { parameter, keys: new Map() };
  let key = latest.keys.get(seed);
  if (!key) {
    const words = [...seedWords(seed), ...Buffer.from(parameter, 'utf8')];
    key = { k0: hash(words, 0x9e3779b9), k1: hash(words, 0x7f4a7c15) };
    latest.keys.set(seed, key);
  }
  return key;
}

/** Chunk after chunk of a parameter asks for the same keys: one for each seed of a sum, and a mask's. */
let latest: { readonly parameter?: string; readonly keys: Map<Seed, NoiseKey> } = { keys: new Map() };
const REMEMBERED = 256;

/** A seed for a purpose: `deriveSeed(runSeed, step, query)`. Different paths give unrelated seeds. */
export function deriveSeed(seed: Seed, ...path: readonly number[]): Seed {
  const words = [...seedWords(seed), ...path];
  return (hash(words, 0x85ebca6b) >>> 11) * 2 ** 32 + (hash(words, 0xc2b2ae35) >>> 0);
}

/** Uniform numbers in [0, 1) from a seed, for shuffling and sampling. */
export function uniforms(seed: Seed): () => number {
  let counter = 0;
  return () => (hash([...seedWords(seed), counter++], 0x27d4eb2f) >>> 0) * 2 ** -32;
}

/** The numbers 0 .. count - 1 in an order drawn from the seed (Fisher and Yates). */
export function permutation(count: number, seed: Seed): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  const uniform = uniforms(seed);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order;
}

function seedWords(seed: Seed): number[] {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed ${seed} is not an integer from 0 to 2^53 - 1`);
  return [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
}

/** MurmurHash3 (32 bit) over words. */
function hash(words: readonly number[], start: number): number {
  let h = start | 0;
  for (const word of words) {
    let k = Math.imul(word | 0, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    h ^= k;
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  h ^= words.length * 4;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
