import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cpuBackend, float32Of, ForwardRunner, type Backend } from '../../engine/index.js';
import { loadModel, openCheckpoint, saveModel, unadapted } from '../../models/index.js';
import { schemeNamed } from '../../schemes/index.js';
import { BruteForce } from '../support/brute-force.js';
import { batchFor } from '../support/one-step.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';
import { schemedModel, tinyConfigs, tinyModel, VOCABULARY, type TinyFamily } from '../support/tiny-model.js';

const backend = cpuBackend(1);
const text = [2, 9, 17, 40, 5, 11, 30];

const cases: readonly { family: TinyFamily; trained: readonly (readonly [string, readonly number[]])[] }[] = [
  { family: 'opt', trained: [['lm_head.weight', [VOCABULARY, 16]]] },
  { family: 'llama', trained: [['lm_head.weight', [VOCABULARY, 16]]] },
  { family: 'mistral', trained: [['lm_head.weight', [VOCABULARY, 16]]] },
  {
    family: 'roberta',
    trained: [
      ['lm_head.decoder.weight', [VOCABULARY, 16]],
      ['lm_head.bias', [VOCABULARY]],
    ],
  },
];

/** Counts what its sessions run. */
function counting(): { backend: Backend; runs: () => number } {
  let runs = 0;
  const compile: Backend['compile'] = async (graph, real) => {
    const session = await backend.compile(graph, real);
    return {
      release: () => session.release(),
      run: (inputs, into) => {
        runs += 1;
        return session.run(inputs, into);
      },
    };
  };
  return { backend: { ...backend, compile }, runs: () => runs };
}

describe.each(cases)('head tuning of $family', ({ family, trained }) => {
  test('trains the output embedding, and its bias where there is one, and nothing else', async () => {
    const { parameters } = await schemedModel(family, 'head');
    expect(parameters.trainable.map(({ name, shape }) => [name, shape])).toEqual(trained);
  });

  test('computes what comes before it once for all points, and that does not change with it', async () => {
    const model = await schemedModel(family, 'head');
    const { objective, tensors } = batchFor(model, family);
    const { backend: counted, runs } = counting();
    const stages = model.stages(objective);
    const body = model.architecture.stages.length;
    const points = [0.1, -0.1].map((scale) => ({ direction: 4, scale }));
    const [plus, minus] = await new ForwardRunner(counted, model.parameters).run(stages, tensors, points);
    expect(runs()).toBe(body + 2 * (stages.length - body));
    expect(float32Of(plus ?? {}, 'loss')).not.toEqual(float32Of(minus ?? {}, 'loss'));
    const features = async (): Promise<number[]> => {
      const [made] = await new ForwardRunner(backend, model.parameters).run(model.architecture.stages, tensors);
      return [...float32Of(made ?? {}, 'features')];
    };
    const before = await features();
    model.parameters.move(4, 0.1);
    expect(await features()).toEqual(before);
  });
});

test('a head tied to the embedding begins as a copy of it, at the same logits, and is saved as one of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
  const [source, out] = [join(folder, 'source'), join(folder, 'out')];
  writeTinyCheckpoint(source);
  const checkpoint = openCheckpoint(source);
  expect(tinyConfigs.opt.tie_word_embeddings).toBe(true);
  const adaptation = schemeNamed('head').adaptation(1);
  const model = await loadModel(checkpoint, adaptation);
  const plain = await loadModel(checkpoint, unadapted);
  expect(model.parameters.all).toHaveLength(plain.parameters.all.length + 1);
  expect(await new BruteForce(backend, model).logits(text)).toEqual(await new BruteForce(backend, plain).logits(text));

  model.parameters.move(6, 0.05);
  const moved = await new BruteForce(backend, model).logits(text);
  expect(moved).not.toEqual(await new BruteForce(backend, plain).logits(text));
  saveModel(out, model, checkpoint, adaptation);
  expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'))).toMatchObject({ tie_word_embeddings: false });
  const again = await loadModel(openCheckpoint(out), unadapted);
  expect(await new BruteForce(backend, again).logits(text)).toEqual(moved);
  rmSync(folder, { recursive: true });
});

test('a head that is not tied is the checkpoint’s own', async () => {
  const { parameters } = await schemedModel('llama', 'head');
  expect(parameters.all.map(({ name }) => name)).toEqual(tinyModel('llama').parameters.all.map(({ name }) => name));
});
