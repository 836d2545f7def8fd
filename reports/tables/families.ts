/** The model families of the papers. */
export type ModelFamily = 'roberta' | 'opt' | 'llama' | 'vicuna' | 'mistral';

/** In this order: Vicuna's names may say llama too. */
const NAMES: readonly (readonly [ModelFamily, RegExp])[] = [
  ['roberta', /roberta/i],
  ['vicuna', /vicuna/i],
  ['mistral', /mistral/i],
  ['llama', /llama/i],
  ['opt', /(^|[^a-z])opt([^a-z]|$)/i],
];

/** Told by the model's name, without its folder, for a record holds no more. */
export const familyOf = (name: string): ModelFamily | null => NAMES.find(([, pattern]) => pattern.test(name))?.[0] ?? null;
