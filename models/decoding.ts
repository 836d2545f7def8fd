import { operators, type Stage } from '../engine/index.js';
import type { Hooks } from './family.js';

const { concat } = operators;

/** Names of a decoding block's inputs beside those of any block, and of what it puts out beside `hidden`. */
export const PAST = { keys: 'past_keys', values: 'past_values', bias: 'past_bias' } as const;
export const OWN = { keys: 'own_keys', values: 'own_values' } as const;

/**
 * Hooks by which the tokens of a batch see, before one another, those that were run earlier: their keys and values come in as `past_keys`
 * and `past_values` [batch, keyHeads, past, headSize], what counts of them as `past_bias` [batch, 1, sequence, past], and the batch's own
 * go out as `own_keys` and `own_values` [batch, keyHeads, sequence, headSize]. What the given hooks put before it all stays in front.
 */
export const seeingThePast = (hooks: Hooks): Hooks => ({
  ...hooks,
  attention(scope, layer, { keys, values, bias }) {
    const cached = (name: string) => scope.input(name, 'real', ['batch', layer.keyHeads, 'past', layer.headSize]);
    scope.output(OWN.keys, keys);
    scope.output(OWN.values, values);
    const seen = {
      keys: concat([cached(PAST.keys), keys], 2),
      values: concat([cached(PAST.values), values], 2),
      bias: concat([scope.input(PAST.bias, 'real', ['batch', 1, 'sequence', 'past']), bias], 3),
    };
    return hooks.attention ? hooks.attention(scope, layer, seen) : seen;
  },
});

/** Stages built with {@link seeingThePast}: graphs of their own beside those without a past. */
export const decodingStages = (stages: readonly Stage[]): readonly Stage[] =>
  stages.map((stage) => ({ ...stage, kind: `${stage.kind}-decoding` }));
