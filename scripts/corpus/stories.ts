import { CAUSES_AND_EFFECTS, COMPARISONS, POSSESSION_STORIES, STORY_CLOSERS, STORY_OPENERS } from './everyday-events.js';
import {
  ANIMALS,
  CITIES,
  COLORS,
  CONTAINERS,
  DAYTIMES,
  JOBS,
  LARGE_OBJECTS,
  NUMBERS,
  OBJECTS,
  PEOPLE,
  PLACES,
  WEATHERS,
} from './everyday-words.js';
import type { Random } from './random.js';
import { fill } from './template.js';

const OPENER_SHARE = 0.6;
const CLOSER_SHARE = 0.4;

/** The people, things and places of one story, by slot name: every mention of a slot in a story means the same one. */
export type Scene = ReadonlyMap<string, string>;

export function drawScene(random: Random): Scene {
  const [a, b] = random.sample(PEOPLE, 2);
  if (!a || !b) throw new Error('a scene takes two people: add some to PEOPLE');
  return new Map([
    ['A', a.name],
    ['B', b.name],
    ['he', a.he],
    ['his', a.his],
    ['sibling', a.he === 'he' ? 'brother' : 'sister'],
    ...pair(random, 'object', OBJECTS),
    ...pair(random, 'container', CONTAINERS),
    ...pair(random, 'color', COLORS),
    ['large', random.pick(LARGE_OBJECTS)],
    ['animal', random.pick(ANIMALS)],
    ['city', random.pick(CITIES)],
    ['place', random.pick(PLACES)],
    ['job', random.pick(JOBS)],
    ['number', random.pick(NUMBERS)],
    ['weather', random.pick(WEATHERS)],
    ['daytime', random.pick(DAYTIMES)],
  ]);
}

/** A template of everyday-events.ts in words. @throws on an unknown slot. */
export function renderScene(scene: Scene, template: string): string {
  return fill(template, (slot) => {
    const word = scene.get(slot);
    if (word === undefined)
      throw new Error(`story template "${template}": unknown slot {${slot}}; use one of ${[...scene.keys()].join(', ')}`);
    return word;
  });
}

/** A story of 2 to 5 sentences about two people, each sentence ending with " .". */
export function storySentences(random: Random): string[] {
  const scene = drawScene(random);
  const events = drawEvent(random);
  const opener = events.length === 1 || random.chance(OPENER_SHARE) ? [random.pick(STORY_OPENERS)] : [];
  const closer = random.chance(CLOSER_SHARE) ? [random.pick(STORY_CLOSERS)] : [];
  return [...opener, ...events, ...closer].map((template) => `${renderScene(scene, template)} .`);
}

function drawEvent(random: Random): readonly string[] {
  const kind = random.weighted({ cause: 5, possession: 3, comparison: 2 });
  if (kind === 'possession') return random.pick(POSSESSION_STORIES);
  if (kind === 'comparison') return [random.pick(COMPARISONS)];
  const [cause, effect] = random.pick(CAUSES_AND_EFFECTS);
  return random.pick([
    [`${effect} because ${cause}`],
    [`${cause} , so ${effect}`],
    [cause, `so ${effect}`],
    [cause, `as a result , ${effect}`],
  ]);
}

function pair(random: Random, slot: string, words: readonly string[]): [string, string][] {
  const [first, second] = random.sample(words, 2);
  if (first === undefined || second === undefined) throw new Error(`a scene takes two words for {${slot}}: add some`);
  return [
    [slot, first],
    [`${slot}2`, second],
  ];
}
