import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { cpuBackend, type Tensors } from '../../engine/index.js';
import { architectureOf, emptyModel } from '../../models/index.js';
import { BruteForce } from '../support/brute-force.js';
import { fillRandomly, tinyConfigs } from '../support/tiny-model.js';

const backend = cpuBackend(1);
const families = ['llama', 'mistral'] as const;
type Family = (typeof families)[number];

const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4 };

function model(family: Family, rope: object) {
  const made = emptyModel(architectureOf({ ...tinyConfigs[family], ...rope }, 'config.json'), () => true);
  for (const { name, shape, pointer, count } of made.parameters.all) fillRandomly(made.parameters.heap.floats(pointer, count), name, shape);
  return made;
}

const logits = async (family: Family, rope: object): Promise<number[]> =>
  (await new BruteForce(backend, model(family, rope)).logits([2, 9, 17, 40, 5, 11, 30])).flat();

const turns = (family: Family, rope: object): Tensors =>
  architectureOf({ ...tinyConfigs[family], ...rope }, 'config.json').positionInputs(
    Int32Array.from({ length: 32 }, (_, place) => place),
    1,
    32,
  );

/** cos(p f) of a head of size 4 at the place p, for its two frequencies. */
function cosines(rope: object, place: number): number[] {
  const { positionInputs } = architectureOf({ ...tinyConfigs.llama, ...rope }, 'config.json');
  return [...(positionInputs(Int32Array.of(place), 1, 1).rotary_cosines?.data as Float32Array)].slice(0, 2);
}

describe.each(families)('%s', (family) => {
  // Each with what it means in the form of transformers 4.
  test.each<[string, object, object]>([
    ['default', { rope_parameters: { rope_type: 'default', rope_theta: 500 } }, { rope_theta: 500 }],
    ['theta alone', { rope_parameters: { rope_theta: 70 } }, { rope_theta: 70 }],
    [
      'linear',
      { rope_parameters: { rope_type: 'linear', factor: 4, rope_theta: 200 } },
      { rope_theta: 200, rope_scaling: { type: 'linear', factor: 4 } },
    ],
    [
      'llama3',
      { rope_parameters: { rope_type: 'llama3', ...llama3, original_max_position_embeddings: 16, rope_theta: 200 } },
      { rope_theta: 200, rope_scaling: { rope_type: 'llama3', ...llama3, original_max_position_embeddings: 16 } },
    ],
    [
      'llama3 with the pretrained length beside',
      { rope_parameters: { rope_type: 'llama3', ...llama3 }, original_max_position_embeddings: 16 },
      { rope_scaling: { rope_type: 'llama3', ...llama3, original_max_position_embeddings: 16 } },
    ],
    [
      'theta beside the scaling',
      { rope_theta: 200, rope_parameters: { type: 'linear', factor: 2 } },
      { rope_theta: 200, rope_scaling: { rope_type: 'linear', type: 'linear', factor: 2 } },
    ],
    [
      'the same for each type of layer',
      { rope_parameters: { full_attention: { rope_theta: 90 }, sliding_attention: { rope_theta: 90 } } },
      { rope_theta: 90 },
    ],
    [
      'both forms',
      {
        rope_parameters: { rope_type: 'linear', factor: 2, rope_theta: 200 },
        rope_theta: 200,
        rope_scaling: { type: 'linear', factor: 2 },
      },
      { rope_theta: 200, rope_scaling: { type: 'linear', factor: 2 } },
    ],
  ])('rope_parameters, %s: turns as the old form does, not as without it', (_, newer, older) => {
    const [made, wanted, plain] = [newer, older, {}].map((rope) => turns(family, rope));
    expect(made).toEqual(wanted);
    expect(made).not.toEqual(plain);
  });

  test('the logits are those of the old form', async () => {
    const scaling = { rope_type: 'linear', factor: 4 };
    const made = await logits(family, { rope_parameters: { ...scaling, rope_theta: 200 } });
    expect(made).toEqual(await logits(family, { rope_theta: 200, rope_scaling: scaling }));
    expect(made).not.toEqual(await logits(family, {}));
  });

  test.each<[object, string]>([
    [{ rope_parameters: { rope_type: 'yarn', factor: 4 } }, 'rope_parameters.rope_type: is not supported'],
    [{ rope_scaling: { type: 'yarn', factor: 4 } }, 'rope_scaling.rope_type: is not supported'],
    [{ rope_parameters: { rope_type: 'dynamic', factor: 4 } }, 'rope_parameters.rope_type: is not supported'],
    [
      { rope_parameters: { rope_type: 'longrope', short_factor: [1, 1], long_factor: [1, 1] } },
      'rope_parameters.rope_type: is not supported',
    ],
    [{ rope_parameters: { rope_type: 'proportional' } }, 'rope_parameters.rope_type: is not supported'],
    [{ rope_parameters: { rope_type: 'default', partial_rotary_factor: 0.5 } }, 'rope_parameters.partial_rotary_factor: '],
    [{ partial_rotary_factor: 0.25 }, 'partial_rotary_factor: '],
    [{ rope_parameters: { rope_type: 'linear', factor: 2, attention_factor: 2 } }, 'rope_parameters: "attention_factor"'],
    [{ rope_parameters: { rope_type: 'linear' } }, 'rope_parameters.factor: '],
    [{ rope_parameters: { rope_type: 'default', rope_theta: { __float__: 'Infinity' } } }, 'rope_parameters.rope_theta: '],
    [
      { rope_parameters: { rope_type: 'llama3', ...llama3, high_freq_factor: 1 } },
      'rope_parameters.high_freq_factor: is not above low_freq_factor',
    ],
    [
      { rope_parameters: { full_attention: { rope_theta: 90 }, sliding_attention: { rope_theta: 91 } } },
      'rope_parameters: differs between types of layers (full_attention, sliding_attention), which is not supported',
    ],
    [
      { rope_parameters: { full_attention: { rope_theta: 90 }, sliding_attention: null } },
      'rope_parameters: differs between types of layers',
    ],
    [{ rope_parameters: { full_attention: { rope_type: 'yarn', factor: 2 } } }, 'rope_parameters.rope_type: is not supported'],
    [{ rope_theta: 10000, rope_parameters: { rope_theta: 500 } }, 'rope_theta: is another in rope_parameters'],
    [{ rope_scaling: { type: 'linear', factor: 2 }, rope_parameters: { rope_theta: 500 } }, 'rope_scaling: is another in rope_parameters'],
    [
      { rope_scaling: { type: 'linear', factor: 2 }, rope_parameters: { rope_type: 'linear', factor: 4 } },
      'rope_scaling: is another in rope_parameters',
    ],
    [{ rope_scaling: { type: 'linear', rope_type: 'llama3', factor: 2 } }, 'rope_scaling: type and rope_type contradict each other'],
  ])('refuses %j', (rope, message) => {
    expect(() => architectureOf({ ...tinyConfigs[family], ...rope }, 'config.json')).toThrow(`config.json: ${message}`);
  });
});

// A head of size 4 has the frequencies 1 and theta^(-1/2).
describe('positions turn by frequencies worked out by hand', () => {
  test.each<[object, readonly [number, number]]>([
    [{}, [1, 0.01]],
    [{ rope_theta: null, rope_scaling: null, rope_parameters: null }, [1, 0.01]],
    [{ rope_parameters: { rope_theta: 500_000, rope_type: 'default' } }, [1, 0.0014142136]],
    [{ rope_parameters: { rope_theta: 400, rope_type: 'linear', factor: 5 } }, [0.2, 0.01]],
    // Wavelengths 6.28 and 628 with a pretrained length of 64: the first turns 10 times in it, above 4, the second 0.1 times, below 1.
    [{ rope_parameters: { rope_type: 'llama3', ...llama3, original_max_position_embeddings: 64 } }, [1, 0.00125]],
    // Without one, the length is max_position_embeddings, 32: 5.09 turns, and 0.05.
    [{ rope_parameters: { rope_type: 'llama3', ...llama3 } }, [1, 0.00125]],
  ])('%j', (rope, frequencies) => {
    for (const place of [1, 7, 31]) {
      const made = cosines(rope, place);
      frequencies.forEach((frequency, i) => expect(made[i]).toBeCloseTo(Math.cos(place * frequency), 6));
    }
  });
});

const cases = new URL('../../../shared/cases/rope-parameters/', import.meta.url);
(existsSync(cases) ? test : test.skip)('the shared case: both forms are one, and yarn is refused', () => {
  const shared = (name: string) => JSON.parse(readFileSync(new URL(`config-${name}.json`, cases), 'utf8')) as Record<string, unknown>;
  const turned = (name: string) => architectureOf(shared(name), name).positionInputs(Int32Array.of(300), 1, 1);
  expect(turned('v5-form')).toEqual(turned('old-form'));
  expect(turned('v5-llama3')).not.toEqual(turned('old-form'));
  expect(() => turned('v5-yarn')).toThrow('v5-yarn: rope_parameters.rope_type: is not supported');
});
