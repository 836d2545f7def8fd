import { expect, test } from '@jest/globals';
import { cpuBackend, float32Of, InputError, ForwardRunner, type Tensors } from '../../engine/index.js';
import type { Objective } from '../../models/index.js';
import { choiceBatch, type EncodedExample } from '../../tasks/index.js';
import { BruteForce } from '../support/brute-force.js';
import { maskedExamples, oneTokenExamples, PAD_ID, tinyModel } from '../support/tiny-model.js';

const backend = cpuBackend(1);
const model = tinyModel('roberta');
const runner = new ForwardRunner(backend, model.parameters);

/** Of a score: float32 logits of a few units, added up in another order. */
const SCORE = 1e-4;

async function run(examples: readonly EncodedExample[], objective?: Objective): Promise<{ made: Tensors; objective: Objective }> {
  const batch = choiceBatch(model, examples, PAD_ID);
  const [made = {}] = await runner.run(model.stages(objective ?? batch.objective), batch.tensors);
  return { made, objective: batch.objective };
}

test('a masked language model scores the candidates as in the place of the mask of each text by itself', async () => {
  const examples = maskedExamples(6, 61);
  const plain = new BruteForce(backend, model);
  const scores = float32Of((await run(examples, 'choice')).made, 'scores');
  let loss = 0;
  for (const [index, { trunk, branches, mask = 0, answer }] of examples.entries()) {
    const all = await plain.logProbabilitiesAt(trunk, mask);
    const own = branches.map(({ tokens: [token = 0] }) => all[token] ?? NaN);
    own.forEach((score, candidate) => expect(Math.abs((scores[index * 3 + candidate] ?? NaN) - score)).toBeLessThan(SCORE));
    loss += Math.log(own.reduce((sum, score) => sum + Math.exp(score - (own[answer] ?? NaN)), 0)) / examples.length;
  }
  const { made, objective } = await run(examples);
  expect(objective).toBe('choice-unnormalised');
  expect(Math.abs((float32Of(made, 'loss')[0] ?? NaN) - loss)).toBeLessThan(SCORE);
});

test('what it is asked without a mask, or about several tokens, is refused', () => {
  expect(() => choiceBatch(model, oneTokenExamples(2, 62), PAD_ID)).toThrow(InputError);
  const [example] = maskedExamples(1, 63);
  if (!example) throw new Error('one example');
  const longer = { ...example, branches: [...example.branches, { tokens: [5, 6], scored: 2 }] };
  expect(() => choiceBatch(model, [longer], PAD_ID)).toThrow('single tokens in the place of a mask');
});
