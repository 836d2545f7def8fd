const GOLDEN = 0x9e3779b9;

/** A bijective mix of 32 bits (lowbias32), so that neighbouring keys give unrelated streams. */
function mix32(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** A 32-bit hash of a text: FNV-1a over UTF-16 units, mixed. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix32(hash);
}

/** A splittable counter-based generator: draw n of a stream is a pure function of (key, n), a child stream one of (key, label). */
export class Random {
  readonly #key: number;
  #drawn = 0;

  /** @throws if the seed is not an integer from 0 to 2^32 - 1. */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new Error(`seed ${seed}: give an integer from 0 to 4294967295`);
    }
    this.#key = mix32(seed);
  }

  /** An independent stream; it does not depend on how much was drawn from this one. */
  split(label: string | number): Random {
    return new Random(mix32(this.#key ^ hash32(String(label))));
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#drawn++;
    return mix32(this.#key ^ mix32(Math.imul(this.#drawn, GOLDEN))) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  bit(): 0 | 1 {
    return this.chance(0.5) ? 1 : 0;
  }

  /** Uniform integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** @throws on an empty list. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('cannot draw from an empty list');
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** Different items, in random order. @throws if there are fewer than `count`. */
  sample<T>(items: readonly T[], count: number): T[] {
    if (items.length < count) throw new Error(`cannot draw ${count} of ${items.length} items`);
    const pool = [...items];
    for (let i = 0; i < count; i++) {
      const j = this.integer(i, pool.length - 1);
      [pool[i], pool[j]] = [pool[j] as T, pool[i] as T];
    }
    return pool.slice(0, count);
  }

  /** A key of `weights`, drawn in proportion to its value. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const keys = Object.keys(weights) as K[];
    let rest = this.next() * keys.reduce((sum, key) => sum + weights[key], 0);
    for (const key of keys) {
      rest -= weights[key];
      if (rest < 0) return key;
    }
    throw new Error(`weights of ${keys.join(', ')}: give at least one above 0`);
  }
}
