import { describe, expect, test } from '@jest/globals';
import { schemeNamed } from '../../schemes/index.js';
import { tinyConfigs, tinyModel } from '../support/tiny-model.js';

const total = (parameters: readonly { readonly count: number }[]): number => parameters.reduce((sum, { count }) => sum + count, 0);

describe('full', () => {
  test('trains every parameter of a model with a tied head, which counts once', () => {
    const { vocab_size: vocabulary, hidden_size: width, ffn_dim: inner, max_position_embeddings: positions } = tinyConfigs.opt;
    const { parameters } = tinyModel('opt', schemeNamed('full').adaptation(0));
    const norm = 2 * width;
    const block = 4 * (width * width + width) + (inner * width + inner) + (width * inner + width) + 2 * norm;
    expect(total(parameters.trainable)).toBe(vocabulary * width + (positions + 2) * width + 2 * block + norm);
    expect(parameters.trainable).toEqual(parameters.all);
  });

  test('trains every parameter of a model with a head of its own', () => {
    const { vocab_size: vocabulary, hidden_size: width, intermediate_size: inner } = tinyConfigs.llama;
    const { parameters } = tinyModel('llama', schemeNamed('full').adaptation(0));
    // Two of the four query heads' width for keys and for values: they are shared in pairs.
    const block = 2 * width * width + 2 * (width / 2) * width + 3 * inner * width + 2 * width;
    expect(total(parameters.trainable)).toBe(2 * vocabulary * width + 2 * block + width);
    expect(parameters.trainable).toEqual(parameters.all);
  });
});
