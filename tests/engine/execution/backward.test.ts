import { describe, expect, test } from '@jest/globals';
import { BackwardRunner, cpuBackend, type Backend, type Graph } from '../../../engine/index.js';
import type { LanguageModel } from '../../../models/model.js';
import { familyNames, tinyBatch, tinyModel, type FamilyName } from '../../support/engine-models.js';

type Gradients = ReadonlyMap<string, readonly number[]>;

/** Stages from which on everything has a gradient, and the blocks that are then composed. */
const STARTS = [
  { from: 'embedding', composed: 2 },
  { from: 'block.0', composed: 2 },
  { from: 'block.1', composed: 1 },
  { from: 'readout', composed: 0 },
];
const ORDER = ['embedding', 'block.0', 'block.1', 'readout', 'targets'];

/** Loss and gradients by backpropagation to the parameters that are used first in that stage or a later one. */
async function backpropagated(
  model: LanguageModel,
  from = 'embedding',
  backend: Backend = cpuBackend(1),
): Promise<{ loss: number; gradients: Gradients }> {
  const { parameters } = model;
  const into = parameters.allocateBuffers(({ stage }) => ORDER.indexOf(stage) >= ORDER.indexOf(from));
  const backpropagation = new BackwardRunner(backend, parameters);
  const loss = await backpropagation.run(model.stages('tokens'), tinyBatch(model), into);
  await backpropagation.release();
  const gradients = [...into].map(([name, pointer]) => [name, [...parameters.heap.floats(pointer, parameters.get(name).count)]] as const);
  return { loss, gradients: new Map(gradients) };
}

/** The backend, and the graphs that it has compiled. */
function watched(): { backend: Backend; graphs: Graph[] } {
  const graphs: Graph[] = [];
  const backend = cpuBackend(1);
  return { graphs, backend: { ...backend, compile: (graph, real) => (graphs.push(graph), backend.compile(graph, real)) } };
}

const cases = familyNames.flatMap((family) => STARTS.map((start) => ({ family, ...start })));

describe.each(cases)('backpropagation in a tiny $family from $from on', ({ family, from, composed }) => {
  const sizes = family === 'opt' ? [{}, { tie_word_embeddings: false }] : [{}, { tie_word_embeddings: true }];

  test.each(sizes)('gives the loss and the gradients of the whole, bit for bit (%j)', async (changes) => {
    const whole = await backpropagated(tinyModel(family, () => true, changes as Record<string, never>));
    const part = await backpropagated(
      tinyModel(family, () => true, changes as Record<string, never>),
      from,
    );
    expect(part.loss).toBe(whole.loss);
    expect(part.gradients.size).toBeGreaterThan(0);
    for (const [name, gradient] of part.gradients) expect({ name, gradient }).toEqual({ name, gradient: whole.gradients.get(name) });
  });

  test('composes the stages from there on alone, and gives back no other gradient', async () => {
    const { backend, graphs } = watched();
    const { gradients } = await backpropagated(tinyModel(family), from, backend);
    const [graph] = graphs.filter(({ outputs }) => outputs.has('loss'));
    const names = [...(graph?.outputs.keys() ?? [])].filter((name) => name.startsWith('gradient:'));
    expect(names.sort()).toEqual([...gradients.keys()].map((name) => `gradient:${name}`).sort());
    const blocks = new Set(graph?.inputs.flatMap(({ name }) => /layers?\.\d/.exec(name) ?? []).map(String));
    expect(blocks.size).toBe(composed);
  });
});

/** Operators of the forward and backward pass that are composed. */
async function operatorsComposed(family: FamilyName, from: string, layers: number): Promise<number> {
  const { backend, graphs } = watched();
  const model = tinyModel(family, () => true, { num_hidden_layers: layers });
  const into = model.parameters.allocateBuffers(({ stage }) => stage === from);
  await new BackwardRunner(backend, model.parameters).run(model.stages('tokens'), tinyBatch(model), into);
  return graphs.find(({ outputs }) => outputs.has('loss'))?.nodes.length ?? NaN;
}

test.each(familyNames)('what is composed of %s does not grow with the blocks before', async (family) => {
  const [six, four] = [await operatorsComposed(family, 'block.4', 6), await operatorsComposed(family, 'block.2', 4)];
  expect(six).toBe(four);
  expect(await operatorsComposed(family, 'block.2', 6)).toBeGreaterThan(1.5 * six);
});

test('a gradient of nothing but what has no influence is zero, and the loss is there', async () => {
  const model = tinyModel('opt');
  const unused = model.parameters.add('unused', [2], true);
  const into = model.parameters.allocateBuffers(({ name }) => name === 'unused');
  model.parameters.heap.floats(model.parameters.buffer(into, unused), 2).fill(7);
  const backpropagation = new BackwardRunner(cpuBackend(1), model.parameters);
  const loss = await backpropagation.run(model.stages('tokens'), tinyBatch(model), into);
  expect(loss).toBe((await backpropagated(tinyModel('opt'))).loss);
  expect([...model.parameters.heap.floats(model.parameters.buffer(into, unused), 2)]).toEqual([0, 0]);
});
