import { expect, test } from '@jest/globals';
import { cpuBackend, float32Of, ForwardRunner } from '../../engine/index.js';
import { promptTensors } from '../../tasks/index.js';
import { BruteForce } from '../support/brute-force.js';
import { maskedExamples, oneTokenExamples, PAD_ID, raggedExamples, tinyFamilies, tinyModel } from '../support/tiny-model.js';

const backend = cpuBackend(1);

/** Of a logit: float32 sums of a few units, added up in another order. */
const TOLERANCE = 1e-4;

test.each([...tinyFamilies, 'roberta' as const])(
  'the features of %s are what its head makes logits of where the answer is predicted, each text by itself',
  async (family) => {
    const model = tinyModel(family);
    const examples = family === 'roberta' ? maskedExamples(6, 71) : [...oneTokenExamples(5, 72), ...raggedExamples(5, 73)];
    const [made = {}] = await new ForwardRunner(backend, model.parameters).run(
      model.architecture.stages,
      promptTensors(model, examples, PAD_ID),
    );
    const features = float32Of(made, 'features');
    const { name, shape, bias } = model.architecture.head;
    const values = (of: string): Float32Array => model.parameters.values(model.parameters.get(of));
    const [head, biases] = [values(name), bias === undefined ? undefined : values(bias)];
    const [vocabulary, width] = shape;
    expect(features).toHaveLength(examples.length * width);
    const plain = new BruteForce(backend, model);
    for (const [index, { trunk, mask = trunk.length - 1 }] of examples.entries()) {
      const wanted = (await plain.logits(trunk))[mask] ?? [];
      expect(wanted).toHaveLength(vocabulary);
      wanted.forEach((logit, token) => {
        const row = head.subarray(token * width, (token + 1) * width);
        const product = row.reduce((sum, weight, i) => sum + weight * (features[index * width + i] ?? NaN), biases?.[token] ?? 0);
        expect(Math.abs(product - logit)).toBeLessThan(TOLERANCE);
      });
    }
  },
);
