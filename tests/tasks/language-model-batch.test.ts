import { describe, expect, test } from '@jest/globals';
import { cpuBackend, float32Of, StagedRunner } from '../../engine/index.js';
import { languageModelBatch } from '../../tasks/index.js';
import { BruteForce, mean } from '../support/brute-force.js';
import { integersBetween, PAD_ID, tinyFamilies, tinyModel, VOCABULARY } from '../support/tiny-model.js';

const backend = cpuBackend(1);

/** Of a loss near 5 in float32, added up in another order. */
const LOSS = 1e-4;

function randomTexts(lengths: readonly number[]): number[][] {
  const between = integersBetween(31);
  return lengths.map((length) => Array.from({ length }, () => between(2, VOCABULARY - 1)));
}

describe.each(tinyFamilies.map((family) => ({ family })))('a batch of texts on a random $family', ({ family }) => {
  const model = tinyModel(family);
  const runner = new StagedRunner(backend, model.parameters);

  async function lossOf(texts: readonly number[][]): Promise<number> {
    const { objective, tensors } = languageModelBatch(model, texts, PAD_ID);
    const [made] = await runner.run(model.stages(objective), tensors);
    return float32Of(made ?? {}, 'loss')[0] ?? NaN;
  }

  test('has the loss of a text that is alone: the mean of its tokens, but for the first', async () => {
    const [text = []] = randomTexts([12]);
    const wanted = -mean(await new BruteForce(backend, model).logProbabilities(text));
    expect(Math.abs((await lossOf([text])) - wanted)).toBeLessThan(LOSS);
  });

  test('has the mean of all texts, each weighed by the tokens it predicts', async () => {
    const texts = randomTexts([14, 3, 9, 2, 7, 14]);
    let sum = 0;
    for (const text of texts) sum += (text.length - 1) * (await lossOf([text]));
    const predicted = texts.reduce((total, text) => total + text.length - 1, 0);
    expect(Math.abs((await lossOf(texts)) - sum / predicted)).toBeLessThan(LOSS);
  });
});
