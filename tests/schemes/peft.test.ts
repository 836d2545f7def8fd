import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { cpuBackend } from '../../engine/index.js';
import { readSafetensorsHeader } from '../../models/safetensors.js';
import { schemeNamed } from '../../schemes/index.js';
import { BruteForce } from '../support/brute-force.js';
import { valuesOfTensor } from '../support/tensor-values.js';
import { tinyModel, type TinyFamily } from '../support/tiny-model.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const backend = cpuBackend(1);
const text = [2, 9, 17, 40, 5, 11, 30];

interface AdapterConfig {
  readonly r: number;
  readonly lora_alpha: number;
  readonly target_modules: readonly string[];
}

const cases: readonly { family: TinyFamily; scheme: string; modules: readonly string[]; task: string | null; factors: number }[] = [
  { family: 'opt', scheme: 'lora', modules: ['q_proj', 'v_proj'], task: 'CAUSAL_LM', factors: 8 },
  {
    family: 'llama',
    scheme: 'lora:rank=3:alpha=2:modules=down_proj+k_proj',
    modules: ['down_proj', 'k_proj'],
    task: 'CAUSAL_LM',
    factors: 8,
  },
  { family: 'mistral', scheme: 'lora:rank=4', modules: ['q_proj', 'v_proj'], task: 'CAUSAL_LM', factors: 8 },
  { family: 'roberta', scheme: 'lora', modules: ['query', 'value'], task: null, factors: 8 },
  // Three layers of a block end with it, and one of the head: as PEFT reads it.
  { family: 'roberta', scheme: 'lora:modules=dense', modules: ['dense'], task: null, factors: 2 * (2 * 3 + 1) },
];

describe.each(cases)('$scheme on $family as a PEFT adapter', ({ family, scheme, modules, task, factors }) => {
  test('has the configuration and the tensors by the names that PEFT gives them, and says what the model computes', async () => {
    const adaptation = schemeNamed(scheme).adaptation(2);
    const model = tinyModel(family, adaptation);
    model.parameters.move(9, 0.2); // as if trained
    const out = join(folder, `${family} ${scheme}`);
    adaptation.save?.(out, model, 'somebody/a-model');
    expect(readdirSync(out).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
    const config = JSON.parse(readFileSync(join(out, 'adapter_config.json'), 'utf8')) as AdapterConfig;
    expect(config).toMatchObject({
      peft_type: 'LORA',
      task_type: task,
      base_model_name_or_path: 'somebody/a-model',
      bias: 'none',
      fan_in_fan_out: false,
      inference_mode: true,
      target_modules: modules,
    });

    const tensors = new Map(
      readSafetensorsHeader(join(out, 'adapter_model.safetensors')).map((info) => [
        info.name,
        { shape: info.shape, values: valuesOfTensor(info) },
      ]),
    );
    expect(tensors.size).toBe(factors);
    // W + (alpha / r) B A in the plain model, from the files alone: the modules that PEFT would find, by the end of their names.
    const merged = tinyModel(family);
    let used = 0;
    for (const parameter of merged.parameters.all) {
      const layer = parameter.name.replace(/\.weight$/, '');
      if (layer === parameter.name || !config.target_modules.some((module) => layer.endsWith(`.${module}`))) continue;
      const [a, b] = ['A', 'B'].map((factor) => tensors.get(`base_model.model.${layer}.lora_${factor}.weight`));
      if (!a || !b) throw new Error(`the adapter lacks ${layer}`);
      const [outputs = 0, inputs = 0] = parameter.shape;
      expect([a.shape, b.shape]).toEqual([
        [config.r, inputs],
        [outputs, config.r],
      ]);
      const weight = merged.parameters.values(parameter);
      for (let i = 0; i < weight.length; i++) {
        let product = 0;
        for (let r = 0; r < config.r; r++) {
          product += (b.values[Math.floor(i / inputs) * config.r + r] ?? NaN) * (a.values[r * inputs + (i % inputs)] ?? NaN);
        }
        weight[i] = (weight[i] ?? NaN) + (config.lora_alpha / config.r) * product;
      }
      used += 2;
    }
    expect(used).toBe(factors);
    const [made, wanted] = await Promise.all([model, merged].map((each) => new BruteForce(backend, each).logits(text)));
    const plain = (await new BruteForce(backend, tinyModel(family)).logits(text)).flat();
    const difference = (of: readonly number[]): number =>
      Math.max(...(made?.flat() ?? []).map((logit, i) => Math.abs(logit - (of[i] ?? NaN))));
    // Logits of some units in float32, from products in another order.
    expect(difference(wanted?.flat() ?? [])).toBeLessThan(5e-5);
    expect(difference(plain)).toBeGreaterThan(0.1);
  });
});

test.each(['opt', 'roberta', 'mistral'] as const)(
  'a prefix on %s, which PEFT would place otherwise, is written alone, by its names here',
  (family) => {
    const adaptation = schemeNamed('prefix').adaptation(2);
    const model = tinyModel(family, adaptation);
    const out = join(folder, `prefix ${family}`);
    adaptation.save?.(out, model, 'somebody/a-model');
    expect(readdirSync(out)).toEqual(['model.safetensors']);
    const written = new Map(readSafetensorsHeader(join(out, 'model.safetensors')).map((info) => [info.name, [...valuesOfTensor(info)]]));
    expect(written).toEqual(
      new Map(model.parameters.trainable.map((parameter) => [parameter.name, [...model.parameters.values(parameter)]])),
    );
  },
);
