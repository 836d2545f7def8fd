/** A text of which a masked language model is to predict some tokens. */
export interface MaskedText {
  /** What the model reads. */
  readonly tokens: readonly number[];
  /** What stood at some places, in their order. */
  readonly targets: readonly { readonly place: number; readonly token: number }[];
}

/** Draws a text's masks from uniform numbers in [0, 1). */
export type TokenMasker = (text: readonly number[], uniform: () => number) => MaskedText;

/** Shares of BERT (Devlin et al. 2018, section 3.1): of a text's tokens; of those chosen. */
const CHOSEN = 0.15;
const MASKED = 0.8;
const REPLACED = 0.1;

/**
 * Masks as of RoBERTa (Liu et al. 2019, section 3.1), drawn anew whenever a text is used: 15 % of a text's tokens are to be predicted;
 * of these 80 % read as the mask, 10 % as a random token, 10 % as they are. 15 % of n tokens is rounded up or down at random, so that
 * the mean is exact in short texts too. Special tokens are neither chosen nor drawn.
 * @param words ids of the ordinary tokens.
 */
export function tokenMasker(maskId: number, words: readonly number[]): TokenMasker {
  const ordinary = new Set(words);
  const replacement = (token: number, uniform: () => number): number => {
    const share = uniform();
    if (share < MASKED) return maskId;
    return share < MASKED + REPLACED ? (words[below(words.length, uniform)] ?? maskId) : token;
  };
  return (text, uniform) => {
    const places = text.flatMap((token, place) => (ordinary.has(token) ? [place] : []));
    const chosen = sample(places, Math.floor(CHOSEN * places.length + uniform()), uniform);
    const tokens = [...text];
    for (const place of chosen) tokens[place] = replacement(text[place] ?? maskId, uniform);
    return { tokens, targets: chosen.map((place) => ({ place, token: text[place] ?? maskId })) };
  };
}

/** `count` different items in ascending order. */
function sample(items: readonly number[], count: number, uniform: () => number): number[] {
  const rest = [...items];
  const drawn = Array.from({ length: count }, () => rest.splice(below(rest.length, uniform), 1)).flat();
  return drawn.sort((a, b) => a - b);
}

const below = (limit: number, uniform: () => number): number => Math.floor(uniform() * limit);
