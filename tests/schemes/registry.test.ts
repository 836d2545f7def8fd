import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../engine/index.js';
import { schemeIds, schemeNamed, schemeOptions } from '../../schemes/index.js';
import { tinyModel, type TinyFamily } from '../support/tiny-model.js';

test('an unknown scheme is refused with the nearest known one and all of them', () => {
  expect(() => schemeNamed('lorra')).toThrow(
    new UsageError(`unknown scheme lorra: did you mean lora? (there are: ${schemeIds.join(', ')})`),
  );
});

test.each(schemeIds)('%s: every option says what it means, and its default written out is the scheme itself', (id) => {
  expect(schemeNamed(id).id).toBe(id);
  const options = schemeOptions(id);
  for (const { description } of options) expect(description).not.toBe('');
  const written = options.flatMap(({ name, default: by }) => (by === '' ? [] : [`${name}=${by}`]));
  expect(schemeNamed([id, ...written].join(':')).id).toBe(id);
});

test.each([
  ['lora:alpha=16:rank=4', 'lora:rank=4'],
  ['lora:modules=v_proj+q_proj', 'lora'],
  ['lora:modules=query+value', 'lora'],
  ['lora:modules=v_proj+fc1+v_proj:rank=2', 'lora:rank=2:modules=fc1+v_proj'],
  ['prefix:init=activations:length=7', 'prefix:length=7'],
  ['prefix:reparam', 'prefix:reparam'],
  ['prompt:init=random:length=10', 'prompt:init=random'],
])('%s is stored as %s', (given, stored) => {
  expect(schemeNamed(given).id).toBe(stored);
});

describe('one clear line for', () => {
  test.each([
    ['full:rank=4', 'scheme full has no options: leave out rank'],
    ['lora:rnak=4', 'unknown option of lora rnak: did you mean rank? (there are: rank, alpha, modules)'],
    ['lora:rank=0', /^scheme lora: option rank=0: /],
    ['lora:modules', 'scheme lora: option modules needs a value: modules=...'],
    ['lora:rank=4:rank=8', 'scheme lora:rank=4:rank=8 is given rank twice'],
    ['prefix:init=none', /^scheme prefix: option init=none: /],
    ['prefix:init=random:reparam', 'scheme prefix: reparam always begins at random: leave out init'],
  ])('%s', (name, message) => {
    expect(() => schemeNamed(name)).toThrow(UsageError);
    expect(() => schemeNamed(name)).toThrow(message);
  });

  test.each<[string, TinyFamily, string]>([
    [
      'lora:modules=q_proj+fc3',
      'opt',
      'unknown linear layer fc3: did you mean fc1? (there are: q_proj, k_proj, v_proj, out_proj, fc1, fc2)',
    ],
    ['lora:modules=fc1', 'llama', 'unknown linear layer fc1 (there are: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj)'],
    [
      'lora:modules=proj',
      'roberta',
      'unknown linear layer proj (there are: query, key, value, attention.output.dense, intermediate.dense, output.dense, dense)',
    ],
    ['prompt:length=32', 'opt', '32 virtual tokens leave no room for a text: the model takes 32 tokens'],
  ])('%s on %s', (name, family, message) => {
    expect(() => tinyModel(family, schemeNamed(name).adaptation(1))).toThrow(new UsageError(message));
  });
});
