import { permutation, type Seed } from '../engine/index.js';
import type { Tokenizer } from '../models/index.js';
import { fits } from './encode.js';
import type { Example } from './task.js';

/** MeZO's, between demonstrations and before what is asked. */
const SEPARATOR = '\n\n';

/** An item with demonstrations before its prompt. */
export interface Demonstrated {
  readonly example: Example;
  /** How many. */
  readonly shots: number;
}

/** Training items drawn at random, at most `shots`, each with its right answer as one text without spaces around it. */
export function drawDemonstrations(train: readonly Example[], shots: number, seed: Seed): string[] {
  return permutation(train.length, seed)
    .slice(0, shots)
    .flatMap((index) => train[index] ?? [])
    .map(({ prompt, candidates, answer }) => (prompt + (candidates[answer] ?? '')).trim());
}

/** The item after as many whole demonstrations, the last ones, as its candidates or its answer leave room for. */
export function demonstrate(tokenizer: Tokenizer, demonstrations: readonly string[], example: Example, maxLength: number): Demonstrated {
  const after = (shots: number): Example => ({
    ...example,
    prompt: [...demonstrations.slice(demonstrations.length - shots), example.prompt].join(SEPARATOR),
  });
  const shots = largest(demonstrations.length, (count) => fits(tokenizer, after(count), maxLength));
  return { example: after(shots), shots };
}

/** The largest count up to `most` that holds, or 0, where with a count all smaller ones hold. Most often all do. */
function largest(most: number, holds: (count: number) => boolean): number {
  let [held, next] = [0, most];
  for (let least = most + 1; held + 1 < least; next = Math.floor((held + least) / 2)) {
    if (holds(next)) held = next;
    else least = next;
  }
  return held;
}
