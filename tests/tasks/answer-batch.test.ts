import { expect, test, describe } from '@jest/globals';
import { cpuBackend, float32Of, ForwardRunner } from '../../engine/index.js';
import type { LanguageModel } from '../../models/index.js';
import { answerBatch, type EncodedExample } from '../../tasks/index.js';
import { BruteForce } from '../support/brute-force.js';
import { oneTokenExamples, PAD_ID, raggedExamples, tinyFamilies, tinyModel } from '../support/tiny-model.js';

const backend = cpuBackend(1);

/** Of a loss of a few units in float32, added up in another order. */
const LOSS = 1e-4;

async function lossOf(model: LanguageModel, examples: readonly EncodedExample[]): Promise<{ loss: number; count: number }> {
  const batch = answerBatch(model, examples, PAD_ID);
  const [made = {}] = await new ForwardRunner(backend, model.parameters).run(model.stages(batch.objective), batch.tensors);
  return { loss: float32Of(made, 'loss')[0] ?? NaN, count: batch.count };
}

describe.each(tinyFamilies.map((family) => ({ family })))('a batch of right answers on a random $family', ({ family }) => {
  const model = tinyModel(family);
  const examples = [...raggedExamples(6, 71), ...oneTokenExamples(3, 72)];

  test('has the mean of - log p over the tokens of all right candidates as its loss, each text being by itself', async () => {
    const plain = new BruteForce(backend, model);
    const own: number[] = [];
    for (const { trunk, branches, answer } of examples) {
      const { tokens = [], scored = 0 } = branches[answer] ?? {};
      own.push(...(await plain.logProbabilities([...trunk, ...tokens])).slice(-scored));
    }
    const { loss, count } = await lossOf(model, examples);
    expect(count).toBe(own.length);
    expect(Math.abs(loss + own.reduce((sum, value) => sum + value, 0) / own.length)).toBeLessThan(LOSS);
  });

  test('has the same loss in any order, and beside others as alone', async () => {
    const whole = await lossOf(model, examples);
    expect(Math.abs((await lossOf(model, [...examples].reverse())).loss - whole.loss)).toBeLessThan(LOSS);
    let sum = 0;
    for (const example of examples) {
      const { loss, count } = await lossOf(model, [example]);
      sum += loss * count;
    }
    expect(Math.abs(sum / whole.count - whole.loss)).toBeLessThan(LOSS);
  });

  test('does not depend on the wrong candidates', async () => {
    const alone = examples.map(({ branches, answer, ...rest }) => ({ ...rest, branches: branches.slice(answer, answer + 1), answer: 0 }));
    expect((await lossOf(model, alone)).loss).toBe((await lossOf(model, examples)).loss);
  });
});

test('on a masked language model it is the loss of the right word in the place of the mask', async () => {
  const model = tinyModel('roberta');
  const trunk = [0, 8, 3, 20, 2];
  const example = { trunk, mask: 2, branches: [7, 9].map((token) => ({ tokens: [token], scored: 1 })), answer: 1 };
  const all = await new BruteForce(backend, model).logProbabilitiesAt(trunk, 2);
  expect(Math.abs((await lossOf(model, [example])).loss + (all[9] ?? NaN))).toBeLessThan(LOSS);
});
