import { describe, expect, test } from '@jest/globals';
import { cpuBackend, float32Of, InputError, ForwardRunner, uniforms } from '../../engine/index.js';
import { languageModelBatch, maskedLanguageModelBatch, tokenMasker, type MaskedText } from '../../tasks/index.js';
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
  const runner = new ForwardRunner(backend, model.parameters);

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

describe('a batch of masked texts', () => {
  const model = tinyModel('roberta');
  const MASK_ID = 3;

  // Packed by size: the text of four first, then that of three; padded by one. Of token 8, which stays, and of 5, which is masked, and 9,
  // which reads as 20, nothing else is predicted: not what the model reads there, nor any token it reads elsewhere.
  test('by hand: reads what the masks left, predicts what they hid, and nothing else', () => {
    const texts: MaskedText[] = [
      { tokens: [0, MASK_ID, 2], targets: [{ place: 1, token: 5 }] },
      {
        tokens: [0, 20, 8, 2],
        targets: [
          { place: 1, token: 9 },
          { place: 2, token: 8 },
        ],
      },
    ];
    const { objective, count, tensors } = maskedLanguageModelBatch(model, texts, PAD_ID);
    const numbers = (name: string): number[] => Array.from(tensors[name]?.data ?? [], Number);
    expect({ objective, count }).toEqual({ objective: 'tokens', count: 3 });
    expect(numbers('token_ids')).toEqual([0, 20, 8, 2, 0, MASK_ID, 2, PAD_ID]);
    expect(numbers('target_ids')).toEqual([5, 9, 8]);
    expect(numbers('target_reads').map((read) => numbers('read_positions')[read])).toEqual([5, 1, 2]);
    expect(numbers('read_positions').sort()).toEqual([1, 2, 5]);
    expect(numbers('token_weights')).toEqual([1, 1, 1].map((weight) => Math.fround(weight / 3)));
  });

  test('has the loss that one text at a time has: the mean over the masked tokens of all texts', async () => {
    const mask = tokenMasker(
      MASK_ID,
      Array.from({ length: VOCABULARY - 4 }, (_, word) => word + 4),
    );
    const uniform = uniforms(5);
    const texts = randomTexts([14, 9, 21, 30, 9]).map((text) => mask(text, uniform));
    const plain = new BruteForce(backend, model);
    const losses: number[] = [];
    for (const { tokens, targets } of texts) {
      for (const { place, token } of targets) losses.push(-((await plain.logProbabilitiesAt(tokens, place))[token] ?? NaN));
    }
    expect(losses.length).toBeGreaterThan(8);
    const { objective, tensors } = maskedLanguageModelBatch(model, texts, PAD_ID);
    const [made] = await new ForwardRunner(backend, model.parameters).run(model.stages(objective), tensors);
    expect(Math.abs((float32Of(made ?? {}, 'loss')[0] ?? NaN) - mean(losses))).toBeLessThan(LOSS);
  });

  test('is refused without a mask, and each kind of model is refused what it would see through', () => {
    expect(() => maskedLanguageModelBatch(model, [{ tokens: [0, 5, 2], targets: [] }], PAD_ID)).toThrow('no token of the batch is masked');
    expect(() => languageModelBatch(model, [[0, 5, 2]], PAD_ID)).toThrow(InputError);
    expect(() => maskedLanguageModelBatch(tinyModel('opt'), [], PAD_ID)).toThrow(InputError);
  });
});
