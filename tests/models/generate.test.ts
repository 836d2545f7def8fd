import { expect, test } from '@jest/globals';
import { cpuBackend, DivergedError, HERE, ForwardRunner, UsageError, type Point } from '../../engine/index.js';
import { Decoder, generateGreedily, type LanguageModel } from '../../models/index.js';
import { argmax, BruteForce } from '../support/brute-force.js';
import { schemedModel, tinyFamilies, tinyModel, VOCABULARY } from '../support/tiny-model.js';

const backend = cpuBackend(1);
const NEW = 8;
const prompts = [[2, 9, 17, 40, 5, 11, 30], [2, 8], [2, 33, 21, 6, 44], [12]];

/** The likeliest tokens one after another, the whole text, virtual tokens first, being run anew for each of them; with the logits of each. */
async function plainly(plain: BruteForce, prompt: readonly number[]) {
  const { model } = plain;
  const [made, logits]: [number[], number[][]] = [[], []];
  while (made.length < NEW) {
    const all = await plain.logits([...model.architecture.virtualTokens, ...prompt, ...made]);
    const last = all.at(-1) ?? [];
    made.push(argmax(last));
    logits.push(last);
  }
  return { made, logits };
}

const generate = (model: LanguageModel, stopIds: readonly number[] = [], point?: Point): Promise<number[][]> =>
  generateGreedily(new ForwardRunner(backend, model.parameters), model, prompts, { maxNewTokens: NEW, stopIds }, point);

const cases = tinyFamilies.flatMap((family) => ['full', 'lora', 'prefix', 'prompt'].map((scheme) => ({ family, scheme })));

/** Float32's rounding, of numbers as large as the largest logit. */
function expectClose(logits: ArrayLike<number> | undefined, expected: readonly number[]): void {
  expect(logits?.length).toBe(VOCABULARY);
  const size = Math.max(...expected.map(Math.abs));
  expected.forEach((logit, token) => expect(Math.abs((logits?.[token] ?? NaN) - logit)).toBeLessThan(1e-5 * size));
}

test.each([...cases, { family: 'llama', scheme: 'prefix:reparam' }, { family: 'opt', scheme: 'head' }] as const)(
  '$family under $scheme: a token at a time has the logits of the whole text anew, for texts of different lengths side by side',
  async ({ family, scheme }) => {
    const model = await schemedModel(family, scheme);
    model.parameters.move(9, 0.2); // as if trained
    const plain = new BruteForce(backend, model);
    const told: Awaited<ReturnType<typeof plainly>>[] = [];
    for (const prompt of prompts) told.push(await plainly(plain, prompt));
    const decoder = new Decoder(new ForwardRunner(backend, model.parameters), model, prompts.length, 7 + NEW - 1);
    let unread: readonly (readonly number[])[] = prompts;
    for (let count = 0; count < NEW; count++) {
      const logits = await decoder.read(unread);
      told.forEach((text, row) => expectClose(logits[row], text.logits[count] ?? []));
      unread = told.map(({ made }) => made.slice(count, count + 1));
    }
    expect(await generate(model)).toEqual(told.map(({ made }) => made));
  },
);

test.each(cases)('$family under $scheme: at theta + scale z it writes what the model moved there writes', async ({ family, scheme }) => {
  const model = await schemedModel(family, scheme);
  const point = { direction: 9, scale: 0.3 };
  const there = await generate(model, [], point);
  expect(await generate(model, [], HERE)).toEqual(await generate(model));
  model.parameters.move(point.direction, point.scale);
  expect(there).toEqual(await generate(model));
});

test('several tokens at a time give what they give one by one', async () => {
  const model = tinyModel('mistral');
  const text = [2, 9, 17, 40, 5, 11, 30, 22];
  const all = (await new BruteForce(backend, model).logits(text)).at(-1) ?? [];
  for (const bounds of [[8], [3, 8], [1, 2, 6, 8]]) {
    const decoder = new Decoder(new ForwardRunner(backend, model.parameters), model, 1, text.length);
    let last: Float32Array | undefined;
    for (const [index, end] of bounds.entries()) [last] = await decoder.read([text.slice(bounds[index - 1] ?? 0, end)]);
    expectClose(last, all);
  }
});

test('a text ends before a stop token, whatever the others do', async () => {
  const model = tinyModel('llama');
  const free = await generate(model);
  const [first = [], second = []] = free;
  const stop = first.find((token, at) => at > 1 && first.indexOf(token) === at) ?? NaN;
  const stops = [stop, second[0] ?? NaN];
  const upToStop = (text: readonly number[]): readonly number[] => {
    const end = text.findIndex((token) => stops.includes(token));
    return end < 0 ? text : text.slice(0, end);
  };
  const stopped = await generate(model, stops);
  expect(stopped).toEqual(free.map(upToStop));
  expect(new Set(stopped.map((text) => text.length)).size).toBeGreaterThan(2);
});

test('fills the model to its last position, and does not go beyond', async () => {
  const model = tinyModel('opt'); // 32 positions
  const runner = new ForwardRunner(backend, model.parameters);
  const prompt = Array.from({ length: 30 }, (_, at) => 4 + at);
  const [text] = await generateGreedily(runner, model, [prompt], { maxNewTokens: 3, stopIds: [] });
  expect(text?.length).toBe(3);
  await expect(generateGreedily(runner, model, [prompt], { maxNewTokens: 4, stopIds: [] })).rejects.toThrow(
    '33 tokens are to be read, the model takes 32',
  );
});

test('a masked language model says that it cannot generate', async () => {
  await expect(generate(tinyModel('roberta'))).rejects.toThrow(UsageError);
});

test('logits that are not numbers end it', async () => {
  const model = tinyModel('opt');
  for (const parameter of model.parameters.all) model.parameters.values(parameter).fill(NaN);
  await expect(generate(model)).rejects.toThrow(DivergedError);
});
