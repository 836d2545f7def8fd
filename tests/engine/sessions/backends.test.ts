import { describe, expect, test } from '@jest/globals';
import { BackwardRunner, cpuBackend, ForwardRunner, Graph, JvpRunner, type Backend } from '../../../engine/index.js';
import { dimsOf, realTensor } from '../../support/engine-graphs.js';
import { familyNames, flat, lossOf, tinyBatch, tinyModel, type FamilyName } from '../../support/engine-models.js';
import { farthest } from '../../support/engine-numbers.js';
import { operatorCases, type OperatorCase } from '../../support/engine-operator-cases.js';
import { heldTensors, otherBackends } from '../../support/other-backends.js';

// Every backend computes what the CPU does.

const SEED = 5;
const RELATIVE = 1e-3;
const backends = await otherBackends();
const cpu = cpuBackend(1);

async function resultOf(backend: Backend, { inputs, build }: OperatorCase) {
  const graph = new Graph();
  const y = build(graph, ...inputs.map(({ shape }, index) => graph.input(`x${index}`, 'real', shape)));
  graph.output('y', y);
  const session = await backend.compile(graph);
  const feeds = inputs.map(({ shape, values }, index) => [`x${index}`, realTensor('float32', dimsOf(shape), values)] as const);
  const { y: made } = await session.run(Object.fromEntries(feeds));
  await session.release();
  return { dims: made?.dims, numbers: Array.from(made?.data ?? [], Number) };
}

const cases = Object.entries(operatorCases).flatMap(([name, list]) =>
  list.map((operatorCase, index) => ({ name, number: index + 1, operatorCase })),
);

/** The losses at theta and two points beside it, the gradient and a directional derivative. */
async function numbersOf(family: FamilyName, backend: Backend) {
  const model = tinyModel(family);
  const [stages, batch] = [model.stages('tokens'), tinyBatch(model)];
  const forward = new ForwardRunner(backend, model.parameters);
  const [backward, tangent] = [new BackwardRunner(backend, model.parameters, forward), new JvpRunner(backend, model.parameters)];
  const points = [0, 0.1, -0.1].map((scale) => ({ direction: SEED, scale }));
  const losses = (await forward.run(stages, batch, points)).map(lossOf);
  const gradient = model.parameters.allocateBuffers();
  await backward.run(stages, batch, gradient);
  const { tangents } = await tangent.run(stages, batch, SEED);
  for (const runner of [forward, backward, tangent]) await runner.release();
  return { losses, gradient: flat(model, gradient), derivative: lossOf(tangents) };
}

const largest = (numbers: readonly number[]): number => Math.max(...numbers.map(Math.abs));

test('TensorFlow.js on WebAssembly is one of them', () => {
  expect(backends.map(({ name }) => name)).toContain('tfjs-wasm');
});

describe.each(backends.map((backend) => ({ name: backend.name, backend })))('$name', ({ backend }) => {
  test.each(cases)('gives the numbers of $name, case $number', async ({ operatorCase }) => {
    const { dims, numbers } = await resultOf(backend, operatorCase);
    expect(farthest(numbers, operatorCase.expected)).toBeLessThan(1e-5 * Math.max(1, largest(operatorCase.expected)));
    expect(dims).toEqual(operatorCase.dims);
  });

  test.each(familyNames)('has the losses, the gradient and the derivative of a tiny %s that the CPU has', async (family) => {
    const [expected, made] = [await numbersOf(family, cpu), await numbersOf(family, backend)];
    expect(farthest(made.losses, expected.losses)).toBeLessThan(RELATIVE * largest(expected.losses));
    expect(new Set(expected.losses).size).toBe(3);
    expect(farthest(made.gradient, expected.gradient)).toBeLessThan(RELATIVE * largest(expected.gradient));
    expect(Math.abs(made.derivative - expected.derivative)).toBeLessThan(RELATIVE * Math.max(1, Math.abs(expected.derivative)));
  });
});

test('TensorFlow.js holds no tensor after a run that it did not before', async () => {
  const wasm = backends.find(({ name }) => name === 'tfjs-wasm');
  if (!wasm) throw new Error('no TensorFlow.js');
  await numbersOf('llama', wasm);
  const before = await heldTensors();
  for (let run = 0; run < 5; run++) await numbersOf('llama', wasm);
  expect(await heldTensors()).toBe(before);
});
