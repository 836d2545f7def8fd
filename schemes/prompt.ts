import { float32Of } from '../engine/index.js';
import { embedVirtual, type Hooks, type LoadedModel } from '../models/index.js';
import { choice, count } from '../options/index.js';
import { defineScheme } from './define.js';
import { savePrompt } from './peft.js';
import { fillNormal, randomTokens } from './random.js';
import { readThrough } from './read-through.js';

const PROMPT = 'prompt.weight';
const WORDS = 'words';

/**
 * Prompt tuning (Lester et al. 2021, arXiv:2104.08691; ZO-Bench's settings): embeddings of `length` virtual tokens come before every
 * text, its first special token included, and they alone move. They take up positions.
 *
 * Deviation from the released code: in RoBERTa, too, they stand for word embeddings. That code puts whole input embeddings, with
 * positions and normalised, in the words' place, which then get both once more.
 */
export const prompt = defineScheme({
  id: 'prompt',
  epsilon: 0.01, // the largest of ZO-Bench's grid
  options: {
    length: count(10, 'virtual tokens'),
    init: choice(['tokens', 'random'], "the embeddings begin as those of random tokens, as in ZO-Bench's sweeps, or as N(0, 1)"),
  },
  create:
    ({ length, init }) =>
    (seed) => ({
      hooks: {
        embedding: (scope, words) => embedVirtual(scope, words, scope.parameter(PROMPT, [length, Number(words.shape.at(-1))])),
        virtualTokens: length,
      },
      trains: isPrompt,
      adds: isPrompt,
      initialise: (name, _, values) => fillNormal(values, seed, name),
      save(folder, model, base) {
        const [prompt] = model.parameters.trainable;
        if (!prompt) throw new Error('a model without its prompt');
        const [tokens = NaN, width = NaN] = prompt.shape;
        savePrompt(folder, model, base, { tokens, width, values: model.parameters.values(prompt) });
      },
      ...(init === 'tokens' && { initialiseFrom: (model) => beginAsTokens(model, length, seed) }),
    }),
});

const isPrompt = (parameter: string): boolean => parameter.endsWith(PROMPT);

async function beginAsTokens(model: LoadedModel, length: number, seed: number): Promise<void> {
  const { vocabularySize } = model.seenThrough({}).dimensions;
  const observed: Hooks = {
    embedding(scope, words) {
      scope.output(WORDS, words);
      return words;
    },
  };
  for await (const { made } of readThrough(model, observed, randomTokens(length, seed, vocabularySize))) {
    const [prompt] = model.parameters.all.filter(({ name }) => isPrompt(name));
    if (prompt) model.parameters.values(prompt).set(float32Of(made, WORDS));
    return; // the embedding is the first stage
  }
}
