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
  PERIODS,
  PLACES,
  WEATHERS,
} from './everyday-words.js';
import type { Random } from './random.js';
import { fill } from './template.js';

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
    ['period', random.pick(PERIODS)],
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

function pair(random: Random, slot: string, words: readonly string[]): [string, string][] {
  const [first, second] = random.sample(words, 2);
  if (first === undefined || second === undefined) throw new Error(`a scene takes two words for {${slot}}: add some`);
  return [
    [slot, first],
    [`${slot}2`, second],
  ];
}
