import { bucketOf, type Bucket } from './partition.js';
import type { Random } from './random.js';
import { drawScene, renderScene, type Scene } from './scene.js';

/** A scene, and the same one with {A} called in full, as the corpus never does: "anna from paris". That name belongs to the bucket. */
export function drawIntroduction(random: Random, bucket: Bucket): { readonly scene: Scene; readonly introduced: Scene } {
  for (;;) {
    const scene = drawScene(random);
    const inFull = renderScene(scene, '{A} from {city}');
    if (bucketOf(inFull) === bucket) return { scene, introduced: new Map([...scene, ['A', inFull]]) };
  }
}

/** Draws pairs of items until there are `size` of them, no two pairs with the same key. */
export function drawTwins<T>(size: number, draw: () => readonly [T, T], key: (item: T) => string): T[] {
  const seen = new Set<string>();
  const items: T[] = [];
  while (items.length < size) {
    const twins = draw();
    if (twins.some((item) => seen.has(key(item)))) continue;
    twins.forEach((item) => seen.add(key(item)));
    items.push(...twins);
  }
  return items;
}

/** A file of one JSON object a line. */
export function toJsonLines(items: readonly unknown[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}
