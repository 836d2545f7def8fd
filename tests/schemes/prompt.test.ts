import { describe, expect, test } from '@jest/globals';
import { cpuBackend, float32Of, ForwardRunner } from '../../engine/index.js';
import { architectureOf, emptyModel, type LanguageModel } from '../../models/index.js';
import { randomTokens } from '../../schemes/random.js';
import { answerBatch, choiceBatch, languageModelBatch } from '../../tasks/index.js';
import { BruteForce, mean } from '../support/brute-force.js';
import {
  fillRandomly,
  maskedExamples,
  oneTokenExamples,
  PAD_ID,
  schemedModel,
  tinyConfigs,
  tinyModel,
  VOCABULARY,
  type TinyFamily,
} from '../support/tiny-model.js';

const backend = cpuBackend(1);
const families: readonly TinyFamily[] = ['opt', 'llama', 'mistral', 'roberta'];
const LENGTH = 4;
const virtual = Array.from({ length: LENGTH }, (_, index) => VOCABULARY + index);
const text = [2, 9, 17, 40, 5, 11, 30];
/** Of logits near 2 in float32. */
const CLOSE = 2e-5;

const promptOf = ({ parameters }: LanguageModel): Float32Array =>
  parameters.trainable.map((parameter) => parameters.values(parameter))[0] ?? new Float32Array();

/** The tiny model with so many tokens more in its vocabulary, whose embeddings are these. */
function enlarged(family: TinyFamily, embeddings: Float32Array): LanguageModel {
  const config = { ...tinyConfigs[family], vocab_size: VOCABULARY + LENGTH };
  const model = emptyModel(architectureOf(config, 'config.json'), () => true);
  for (const parameter of model.parameters.all) fillRandomly(model.parameters.values(parameter), parameter.name, parameter.shape);
  const table = model.parameters.all.find(({ name }) => /(embed_tokens|word_embeddings)\.weight$/.test(name));
  if (!table) throw new Error('no embeddings');
  model.parameters.values(table).set(embeddings, table.count - embeddings.length);
  return model;
}

describe.each(families.map((family) => ({ family })))('a prompt on $family', ({ family }) => {
  test('is as if tokens with its embeddings came before the text', async () => {
    const model = await schemedModel(family, `prompt:length=${LENGTH}:init=random`);
    const made = await new BruteForce(backend, model).logits([...model.architecture.virtualTokens, ...text]);
    const wanted = await new BruteForce(backend, enlarged(family, promptOf(model))).logits([...virtual, ...text]);
    wanted.forEach((row, at) => made[at]?.forEach((logit, token) => expect(Math.abs(logit - (row[token] ?? NaN))).toBeLessThan(CLOSE)));
    expect(made).toHaveLength(LENGTH + text.length);
  });

  test('is one matrix of virtual tokens, at first the embeddings of random tokens, that leave less room for the text', async () => {
    const { architecture, parameters } = await schemedModel(family, 'prompt', 8);
    expect(parameters.trainable.map(({ stage, local, shape }) => [stage, local, shape])).toEqual([
      ['embedding', 'prompt.weight', [10, 16]],
    ]);
    const plain = tinyModel(family);
    expect(architecture.dimensions.maxLength).toBe(plain.architecture.dimensions.maxLength - 10);
    const table = plain.parameters.all.find(({ name }) => /(embed_tokens|word_embeddings)\.weight$/.test(name));
    const rows = table ? plain.parameters.values(table) : new Float32Array();
    const wanted = randomTokens(10, 8, VOCABULARY).flatMap((token) => [...rows.subarray(16 * token, 16 * (token + 1))]);
    expect([...promptOf({ parameters } as LanguageModel)]).toEqual(wanted);
  });

  test('comes before every text of a batch', async () => {
    const model = await schemedModel(family, `prompt:length=${LENGTH}`);
    const examples = family === 'roberta' ? maskedExamples(5, 12) : oneTokenExamples(5, 12);
    const { tensors } = choiceBatch(model, examples, PAD_ID);
    const [made] = await new ForwardRunner(backend, model.parameters).run(model.stages('choice'), tensors);
    const scores = float32Of(made ?? {}, 'scores');
    const plain = new BruteForce(backend, model);
    for (const [example, { trunk, branches, mask }] of examples.entries()) {
      for (const [k, { tokens, scored }] of branches.entries()) {
        const whole = [...virtual, ...trunk];
        const wanted =
          mask === undefined
            ? await plain.score([...whole, ...tokens], scored)
            : (await plain.logProbabilitiesAt(whole, LENGTH + mask))[tokens[0] ?? NaN];
        expect(Math.abs((scores[branches.length * example + k] ?? NaN) - (wanted ?? NaN))).toBeLessThan(1e-4);
      }
    }
  });
});

test('a text to be predicted has the same tokens predicted as without a prompt', async () => {
  const model = await schemedModel('llama', `prompt:length=${LENGTH}`);
  const { objective, tensors } = languageModelBatch(model, [text], PAD_ID);
  const [made] = await new ForwardRunner(backend, model.parameters).run(model.stages(objective), tensors);
  const all = await new BruteForce(backend, model).logProbabilities([...virtual, ...text]);
  expect(Math.abs((float32Of(made ?? {}, 'loss')[0] ?? NaN) + mean(all.slice(LENGTH)))).toBeLessThan(1e-4);
});

test('answers to be trained on are predicted as after the prompt', async () => {
  const model = await schemedModel('mistral', `prompt:length=${LENGTH}`);
  const examples = oneTokenExamples(4, 13);
  const { objective, tensors } = answerBatch(model, examples, PAD_ID);
  const [made] = await new ForwardRunner(backend, model.parameters).run(model.stages(objective), tensors);
  const plain = new BruteForce(backend, model);
  const scores: number[] = [];
  for (const { trunk, branches, answer } of examples) {
    scores.push(await plain.score([...virtual, ...trunk, ...(branches[answer]?.tokens ?? [])], 1));
  }
  expect(Math.abs((float32Of(made ?? {}, 'loss')[0] ?? NaN) + mean(scores))).toBeLessThan(1e-4);
});
