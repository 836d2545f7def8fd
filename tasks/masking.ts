/** A text of which a masked language model is to predict some tokens. */
export interface MaskedText {
  /** What the model reads. */
  readonly tokens: readonly number[];
  /** What stood at some places, in their order. */
  readonly targets: readonly { readonly place: number; readonly token: number }[];
}

/** Draws a text's masks from uniform numbers in [0, 1). */
export type TokenMasker = (text: readonly number[], uniform: () => number) => MaskedText;

/** Shares of BERT (Devlin et al. 2018, section 3.1): of the tokens; of those chosen. */
const CHOSEN = 0.15;
const MASKED = 0.8;
const REPLACED = 0.1;
/** Of salient tokens: in the spirit of salient span masking (Guu et al. 2020, section 3.4); the share is ours. */
const SALIENT_CHOSEN = 0.9;

/**
 * Masks as of RoBERTa (Liu et al. 2019, section 3.1), drawn anew whenever a text is used: each token is to be predicted with a
 * probability of 15 %, a salient one of 90 %; of these 80 % read as the mask, 10 % as a random token, 10 % as they are. Special tokens
 * are neither chosen nor drawn.
 * @param words ids of the ordinary tokens.
 * @param salient those of them that are asked for more often.
 */
export function tokenMasker(maskId: number, words: readonly number[], salient: readonly number[] = []): TokenMasker {
  const chances = new Map(words.map((id) => [id, salient.includes(id) ? SALIENT_CHOSEN : CHOSEN]));
  const replacement = (token: number, uniform: () => number): number => {
    const share = uniform();
    if (share < MASKED) return maskId;
    return share < MASKED + REPLACED ? (words[Math.floor(uniform() * words.length)] ?? maskId) : token;
  };
  return (text, uniform) => {
    const chosen = (token: number): boolean => uniform() < (chances.get(token) ?? 0);
    const targets = text.flatMap((token, place) => (chances.has(token) && chosen(token) ? [{ place, token }] : []));
    const tokens = [...text];
    for (const { place, token } of targets) tokens[place] = replacement(token, uniform);
    return { tokens, targets };
  };
}
