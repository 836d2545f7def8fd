import { DivergedError, type Point, type ForwardRunner } from '../engine/index.js';
import { Decoder } from './decoder.js';
import type { LanguageModel } from './model.js';

export interface Limits {
  /** At least 1. */
  readonly maxNewTokens: number;
  /** Tokens that end a text; they are not part of it. */
  readonly stopIds: readonly number[];
}

/**
 * What the model continues each prompt with at `point`, or at theta where there is none: always the likeliest token, the first of equals.
 * @throws DivergedError where logits are not numbers; as {@link Decoder}'s constructor does.
 */
export async function generateGreedily(
  runner: ForwardRunner,
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  { maxNewTokens, stopIds }: Limits,
  point?: Point,
): Promise<number[][]> {
  const texts: number[][] = prompts.map(() => []);
  const ended = prompts.map(() => false);
  // The last token is only predicted, never read.
  const capacity = Math.max(...prompts.map((prompt) => prompt.length)) + maxNewTokens - 1;
  const decoder = new Decoder(runner, model, prompts.length, capacity, point);
  let unread = prompts;
  for (let count = 0; count < maxNewTokens && ended.includes(false); count++) {
    const likeliest = (await decoder.read(unread)).map(argmax);
    likeliest.forEach((token, row) => {
      ended[row] ||= stopIds.includes(token);
      if (!ended[row]) texts[row]?.push(token);
    });
    unread = likeliest.map((token) => [token]);
  }
  return texts;
}

function argmax(logits: Float32Array): number {
  let best = 0;
  logits.forEach((logit, token) => {
    if (!Number.isFinite(logit)) throw new DivergedError('the logits are not numbers');
    if (logit > (logits[best] ?? NaN)) best = token;
  });
  return best;
}
