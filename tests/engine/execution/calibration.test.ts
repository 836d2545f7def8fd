import { describe, expect, test } from '@jest/globals';
import {
  ActivationNorms,
  composeStages,
  cpuBackend,
  float32Of,
  floats,
  integers,
  operators,
  Parameters,
  ForwardRunner,
  type Stage,
  type Tensors,
} from '../../../engine/index.js';
import { countedTokens, type LanguageModel } from '../../../models/index.js';
import { schemeNamed } from '../../../schemes/index.js';
import { choiceBatch, type Batch } from '../../../tasks/index.js';
import { PAD_ID, raggedExamples, tinyFamilies, tinyModel } from '../../support/tiny-model.js';

/** Float32 sums of some dozen squares. */
const ROUNDING = 1e-5;

const backend = cpuBackend(1);

/** x <- x W^T + b, W being [2, 2]; two of them are one kind. */
const layer = (prefix: string): Stage => ({
  name: prefix,
  kind: 'layer',
  prefix,
  build(scope) {
    const x = scope.input('x', 'real', ['tokens', 2]);
    scope.output('x', operators.gemm(x, scope.parameter('w', [2, 2]), { transposeB: true, c: scope.parameter('b', [2]) }));
  },
});

// x = (1, 2), (3, 4), (100, 100), the last one padding; W of the first layer is (1, 0; 1, 1), b is (0, -1).
// The second layer gets (1, 2), (3, 6). Root mean squares: sqrt((1 + 9) / 2), sqrt((4 + 16) / 2); sqrt(5), sqrt((4 + 36) / 2).
test('are root mean squares of what each layer gets, padding left out, also over several batches', async () => {
  const parameters = new Parameters();
  for (const prefix of ['first.', 'second.']) {
    parameters.values(parameters.add(`${prefix}w`, [2, 2], true)).set([1, 0, 1, 1]);
    parameters.values(parameters.add(`${prefix}b`, [2], true)).set([0, -1]);
  }
  const stages = [layer('first.'), layer('second.')];
  const runner = new ForwardRunner(backend, parameters);
  const whole = new ActivationNorms(runner);
  const batch = { x: floats([3, 2], Float32Array.of(1, 2, 3, 4, 100, 100)) };
  await whole.add(stages, batch, { axis: 'tokens', counts: Float32Array.of(1, 1, 0) });
  expect([...whole.norms.keys()]).toEqual(['first.w', 'second.w']);
  const expected = { 'first.w': [Math.sqrt(5), Math.sqrt(10)], 'second.w': [Math.sqrt(5), Math.sqrt(20)] };
  for (const [name, values] of Object.entries(expected)) {
    values.forEach((value, feature) => expect(whole.norms.get(name)?.[feature]).toBeCloseTo(value, 5));
  }

  const parts = new ActivationNorms(runner);
  await parts.add(stages, { x: floats([1, 2], Float32Array.of(1, 2)) }, { axis: 'tokens', counts: Float32Array.of(1) });
  await parts.add(stages, { x: floats([2, 2], Float32Array.of(100, 100, 3, 4)) }, { axis: 'tokens', counts: Float32Array.of(0, 1) });
  for (const [name, norms] of whole.norms) norms.forEach((value, k) => expect(parts.norms.get(name)?.[k]).toBeCloseTo(value, 5));
});

// Rows 2 and 0 of x = (1, 2), (3, 4), (5, 6): root mean squares sqrt((25 + 1) / 2), sqrt((36 + 4) / 2), whatever counts as a token.
test('of a layer that gets gathered rows, as a readout has them, are over these rows', async () => {
  const parameters = new Parameters();
  parameters.add('w', [2, 2], true);
  const readout: Stage = {
    name: 'readout',
    kind: 'readout',
    prefix: '',
    build(scope) {
      const read = operators.gather(scope.input('x', 'real', ['tokens', 2]), scope.input('read', 'int64', ['reads']));
      scope.output('y', operators.gemm(read, scope.parameter('w', [2, 2]), { transposeB: true }));
    },
  };
  const activations = new ActivationNorms(new ForwardRunner(backend, parameters));
  const batch = { x: floats([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)), read: integers([2], [2, 0]) };
  await activations.add([readout], batch, { axis: 'tokens', counts: Float32Array.of(1, 1, 1) });
  expect(activations.norms.get('w')?.[0]).toBeCloseTo(Math.sqrt(13), 5);
  expect(activations.norms.get('w')?.[1]).toBeCloseTo(Math.sqrt(20), 5);
});

/** The inputs of all products with a parameter, of the model as one graph; root mean squares over the tokens that are no padding. */
async function plainNorms(model: LanguageModel, { objective, tensors }: Batch): Promise<Map<string, number[]>> {
  const { graph, parameters } = composeStages(model.stages(objective));
  const names = new Map([...parameters].map(([name, value]) => [value, name]));
  const products = graph.nodes.flatMap(({ op, inputs: [input, weight] }) => {
    const name = weight && names.get(weight);
    return op === 'Gemm' && input && name !== undefined && name !== model.architecture.head.name ? [{ name, input }] : [];
  });
  for (const { name, input } of products) graph.output(`input:${name}`, input);
  const session = await backend.compile(graph);
  const feeds: Tensors = Object.fromEntries(
    graph.inputs.map(({ name }) => {
      const { parameters: own } = model;
      const whole = 'parameter:';
      return [name, tensors[name] ?? own.tensor(own.get(name.slice(whole.length)))];
    }),
  );
  const made = await session.run(feeds);
  await session.release();
  const isToken = Array.from(tensors.token_ids?.data as BigInt64Array, (id) => id !== BigInt(PAD_ID));
  return new Map(
    products.map(({ name }) => {
      const x = float32Of(made, `input:${name}`);
      const width = x.length / isToken.length;
      const squares = Array.from({ length: width }, (_, feature) => {
        const column = isToken.flatMap((counts, token) => (counts ? [x[token * width + feature] ?? NaN] : []));
        return column.reduce((sum, value) => sum + value * value, 0) / column.length;
      });
      return [name, squares.map(Math.sqrt)];
    }),
  );
}

describe.each(tinyFamilies.flatMap((family) => ['full', 'lora'].map((scheme) => ({ family, scheme }))))(
  'a tiny $family under $scheme',
  ({ family, scheme }) => {
    test('has the norms of plain activations, of every linear layer', async () => {
      const model = tinyModel(family, schemeNamed(scheme).adaptation(1));
      const batch = choiceBatch(model, raggedExamples(5, 3), PAD_ID);
      const tokens = countedTokens(batch.tensors);
      expect(tokens.counts).toContain(0);
      expect(tokens.counts).toContain(1);
      const norms = new ActivationNorms(new ForwardRunner(backend, model.parameters));
      await norms.add(model.stages(batch.objective), batch.tensors, tokens);
      const expected = await plainNorms(model, batch);
      expect([...norms.norms.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [name, values] of expected) {
        values.forEach((value, k) => expect(Math.abs((norms.norms.get(name)?.[k] ?? NaN) - value)).toBeLessThanOrEqual(ROUNDING * value));
      }
    });
  },
);
