import { CAUSES_AND_EFFECTS, POSSESSION_STORIES, STORY_CLOSERS, STORY_OPENERS } from './everyday-events.js';
import type { Random } from './random.js';
import { drawScene, renderScene } from './scene.js';

const OPENER_SHARE = 0.6;
const CLOSER_SHARE = 0.4;
const POSSESSION_SHARE = 0.4;

/** A story of 2 to 5 sentences about two people, each sentence ending with " .". */
export function storySentences(random: Random): string[] {
  const scene = drawScene(random);
  const events = drawEvent(random);
  const opener = events.length === 1 || random.chance(OPENER_SHARE) ? [random.pick(STORY_OPENERS)] : [];
  const closer = random.chance(CLOSER_SHARE) ? [random.pick(STORY_CLOSERS)] : [];
  return [...opener, ...events, ...closer].map((template) => `${renderScene(scene, template)} .`);
}

function drawEvent(random: Random): readonly string[] {
  if (random.chance(POSSESSION_SHARE)) return random.pick(POSSESSION_STORIES);
  const [cause, effect] = random.pick(CAUSES_AND_EFFECTS);
  return random.pick([
    [`${effect} because ${cause}`],
    [`${cause} , so ${effect}`],
    [cause, `so ${effect}`],
    [cause, `as a result , ${effect}`],
  ]);
}
