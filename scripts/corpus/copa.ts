import { CAUSES_AND_EFFECTS, type CauseAndEffect } from './everyday-events.js';
import { drawIntroduction, drawTwins } from './items.js';
import type { Bucket } from './partition.js';
import { Random } from './random.js';
import { renderScene } from './scene.js';

const TRAIN_SIZE = 1600;
const TEST_SIZE = 1000;

/** An item of SuperGLUE's COPA: which choice is the cause, or the effect, of the premise? */
export interface CopaItem {
  readonly premise: string;
  readonly choice1: string;
  readonly choice2: string;
  readonly question: 'cause' | 'effect';
  readonly label: 0 | 1;
  readonly idx: number;
}

/** Causes and effects that both speak of {A}, so that every sentence of an item can tell its bucket. */
const PERSONAL = CAUSES_AND_EFFECTS.filter((clauses) => clauses.every((clause) => clause.includes('{A}')));

/**
 * 1,600 and 1,000 items in mirrored pairs, as in Balanced COPA (Kavumba et al. 2019): the same two choices answer two premises, so each
 * choice is right as often as it is wrong. All sentences of an item speak of {A}; what {A} is called in full decides which file they belong to.
 */
export function generateCopa(seed: number): { readonly train: readonly CopaItem[]; readonly test: readonly CopaItem[] } {
  const random = new Random(seed).split('copa');
  return { train: drawItems(random.split('train'), 'train', TRAIN_SIZE), test: drawItems(random.split('test'), 'test', TEST_SIZE) };
}

function drawItems(random: Random, bucket: Bucket, size: number): CopaItem[] {
  const key = ({ premise, choice1, choice2 }: CopaItem): string => [premise, ...[choice1, choice2].sort()].join();
  return drawTwins(size, () => mirroredPair(random, bucket), key).map((item, idx) => ({ ...item, idx }));
}

function mirroredPair(random: Random, bucket: Bucket): [CopaItem, CopaItem] {
  const [first, second] = random.sample(PERSONAL, 2);
  if (!first || !second) throw new Error('a pair of items takes two causes: add some to CAUSES_AND_EFFECTS');
  const { introduced } = drawIntroduction(random, bucket);
  const question = random.pick(['cause', 'effect'] as const);
  const say = ([cause, effect]: CauseAndEffect, what: 'cause' | 'effect'): string =>
    renderScene(introduced, what === 'cause' ? cause : effect);
  const given = question === 'cause' ? 'effect' : 'cause';
  // The task's template takes the last character off the premise, and what is left must not end with a space.
  const choices = { choice1: `${say(first, question)} .`, choice2: `${say(second, question)} .`, question };
  const items: [CopaItem, CopaItem] = [
    { premise: `${say(first, given)}.`, ...choices, label: 0, idx: 0 },
    { premise: `${say(second, given)}.`, ...choices, label: 1, idx: 0 },
  ];
  return random.chance(0.5) ? items : [items[1], items[0]];
}
