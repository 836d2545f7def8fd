import { describe, expect, test } from '@jest/globals';
import { CAUSES_AND_EFFECTS, POSSESSION_STORIES, STORY_CLOSERS, STORY_OPENERS } from '../../../scripts/corpus/everyday-events.js';
import { PEOPLE } from '../../../scripts/corpus/everyday-words.js';
import { Random } from '../../../scripts/corpus/random.js';
import { drawScene, renderScene } from '../../../scripts/corpus/scene.js';
import { storySentences } from '../../../scripts/corpus/stories.js';

describe('everyday stories', () => {
  test('every template fills', () => {
    const scene = drawScene(new Random(1));
    for (const template of [CAUSES_AND_EFFECTS, POSSESSION_STORIES, STORY_OPENERS, STORY_CLOSERS].flat(2)) {
      expect(renderScene(scene, template)).not.toMatch(/[{}]/);
    }
    expect(() => renderScene(scene, '{nobody} came')).toThrow('story template "{nobody} came": unknown slot {nobody}');
  });

  test('causes and effects are one to one', () => {
    expect(new Set(CAUSES_AND_EFFECTS.map(([cause]) => cause)).size).toBe(CAUSES_AND_EFFECTS.length);
    expect(new Set(CAUSES_AND_EFFECTS.map(([, effect]) => effect)).size).toBe(CAUSES_AND_EFFECTS.length);
  });

  test('a scene has two people, and its pronouns are those of the first', () => {
    for (let seed = 0; seed < 50; seed++) {
      const scene = drawScene(new Random(seed));
      expect(scene.get('A')).not.toBe(scene.get('B'));
      expect(scene.get('he')).toBe(PEOPLE.find(({ name }) => name === scene.get('A'))?.he);
    }
  });

  test('a story has 2 to 5 sentences', () => {
    const random = new Random(1);
    const lengths = Array.from({ length: 500 }, () => storySentences(random).length);
    expect(new Set(lengths)).toEqual(new Set([2, 3, 4, 5]));
  });

  test('"a" becomes "an" before a vowel', () => {
    const scene = new Map([...drawScene(new Random(1)), ['object', 'umbrella'], ['A', 'anna']]);
    expect(renderScene(scene, '{A} lost a {object} in a shop')).toBe('anna lost an umbrella in a shop');
  });
});
