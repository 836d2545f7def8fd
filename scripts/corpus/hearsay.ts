import { FACTS } from './facts.js';
import { drawInBucket } from './partition.js';
import type { Random } from './random.js';
import { drawScene, renderScene } from './scene.js';

/** How a piece of news goes round; slots as in Scene. */
const REPORTS = ['{A} heard that', '{A} told {B} that', 'so {B} knew that'];

/** The same fact of the corpus told three times, each sentence ending with " .": what a language model learns to copy from. */
export function hearsaySentences(random: Random): string[] {
  const news = drawInBucket('corpus', random, () => `${renderScene(drawScene(random), random.pick(FACTS).sentence)} .`);
  const scene = drawScene(random);
  return REPORTS.map((report) => `${renderScene(scene, report)} ${news}`);
}
