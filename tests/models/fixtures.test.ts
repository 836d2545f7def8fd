import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  BackwardRunner,
  cpuBackend,
  float32Of,
  floats,
  integers,
  ForwardRunner,
  JvpRunner,
  type Buffers,
  type Tensors,
} from '../../engine/index.js';
import { openCheckpoint } from '../../models/index.js';
import { loadModel, unadapted, type LanguageModel } from '../../models/model.js';
import { logitsStage } from '../../models/objectives.js';
import { fixtures, fixturesFolder, type FixtureCase } from '../support/fixtures.js';

/** Tolerances of the suite's specification: the reference is float64, the engine float32. */
const LOGITS = 1e-4;
const LOSS = 1e-5;
const GRADIENT_RELATIVE = 1e-4;
const JVP_RELATIVE = 1e-4;
const ESTIMATE_RELATIVE = 1e-3;
/** Smallest rounding error two float32 losses near 10 can have: one unit in the last place each. */
const FLOAT32_ULP = 2 ** -23;

const backend = cpuBackend(1);

/** Where labels count: the tokens, and where they are predicted from: the place before each, or its own under a model that looks ahead. */
function batchOf(model: LanguageModel, { input_ids: ids, attention_mask: mask, labels }: FixtureCase): Tensors {
  const batch = ids.length;
  const sequence = ids[0]?.length ?? 0;
  const positions = new Int32Array(batch * sequence);
  const bias = new Float32Array(batch * sequence * sequence);
  const { attends } = model.architecture;
  const shift = attends(-1) ? 0 : 1;
  const reads: number[] = [];
  const targets: number[] = [];
  mask.forEach((row, b) => {
    let seen = 0;
    row.forEach((real, t) => {
      positions[b * sequence + t] = real ? seen++ : -1;
      for (let s = 0; s < sequence; s++) bias[(b * sequence + t) * sequence + s] = attends(t - s) && row[s] ? 0 : -1e30;
      const next = labels[b]?.[t + shift] ?? -100;
      if (next === -100) return;
      reads.push(b * sequence + t);
      targets.push(next);
    });
  });
  return {
    token_ids: integers([batch, sequence], ids.flat()),
    attention_bias: floats([batch, sequence, sequence], bias),
    ...model.positionInputs(positions, batch, sequence),
    read_positions: integers([reads.length], reads),
    target_ids: integers([targets.length], targets),
    target_reads: integers(
      [targets.length],
      targets.map((_, index) => index),
    ),
    token_weights: floats([1, targets.length], new Float32Array(targets.length).fill(1 / targets.length)),
  };
}

function load(folder: string): Promise<LanguageModel> {
  return loadModel(openCheckpoint(folder), unadapted);
}

/** d_i = sin(i + 1) over all parameters in the order of their names. */
function sineDirection({ parameters }: LanguageModel): Buffers {
  const direction = parameters.allocateBuffers();
  let index = 0;
  for (const parameter of [...parameters.all].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const values = parameters.heap.floats(parameters.buffer(direction, parameter), parameter.count);
    for (let i = 0; i < parameter.count; i++) values[i] = Math.sin(++index);
  }
  return direction;
}

const relative = (actual: number, expected: number): number => Math.abs(actual - expected) / Math.abs(expected);

const cases = fixtures().flatMap(({ name, folder, modelType, cases }) =>
  Object.entries(cases).map(([padding, expected]) => ({ name, padding, folder, modelType, expected })),
);

if (!existsSync(fixturesFolder)) test.skip(`no larger fixtures in ${fixturesFolder}`, () => undefined);

test('there is a model of every family, with both paddings', () => {
  expect([...new Set(cases.map(({ modelType }) => modelType))].sort()).toEqual(['llama', 'mistral', 'opt', 'roberta']);
  expect(cases.filter(({ padding }) => padding === 'left').length).toBe(cases.length / 2);
});

for (const { name, padding, folder, expected } of cases) {
  describe(`${name}, ${padding} padding, against the reference in float64`, () => {
    test('logits agree at every position that is compared', async () => {
      const model = await load(folder);
      const runner = new ForwardRunner(backend, model.parameters);
      const batch = batchOf(model, expected);
      const tokens = batch.token_ids?.data.length ?? 0;
      const everywhere = {
        ...batch,
        read_positions: integers(
          [tokens],
          Array.from({ length: tokens }, (_, index) => index),
        ),
      };
      const [made] = await runner.run([...model.architecture.stages, logitsStage(model.architecture)], everywhere);
      const logits = float32Of(made ?? {}, 'logits');
      const vocabulary = model.architecture.dimensions.vocabularySize;
      const sequence = expected.input_ids[0]?.length ?? 0;
      const { row, positions, logits: rows } = expected.logits_row;
      const points = [...positions.map((pos, index) => ({ row, pos, logits: rows[index] ?? [] })), ...expected.logits_points];
      expect(points.length).toBeGreaterThan(0);
      for (const point of points) {
        expect(point.logits).toHaveLength(vocabulary);
        const start = (point.row * sequence + point.pos) * vocabulary;
        point.logits.forEach((logit, token) => expect(Math.abs((logits[start + token] ?? NaN) - logit)).toBeLessThanOrEqual(LOGITS));
      }
      await runner.release();
    });

    test('loss, stage by stage and composed, and the gradient of every parameter agree', async () => {
      const model = await load(folder);
      const batch = batchOf(model, expected);
      const runner = new ForwardRunner(backend, model.parameters);
      const [made] = await runner.run(model.stages('tokens'), batch);
      expect(Math.abs((float32Of(made ?? {}, 'loss')[0] ?? NaN) - expected.loss)).toBeLessThanOrEqual(LOSS);

      const backpropagation = new BackwardRunner(backend, model.parameters);
      const gradients = model.parameters.allocateBuffers();
      const loss = await backpropagation.run(model.stages('tokens'), batch, gradients);
      expect(Math.abs(loss - expected.loss)).toBeLessThanOrEqual(LOSS);
      expect(model.parameters.all.map(({ name }) => name).sort()).toEqual(Object.keys(expected.grad_l2_all).sort());
      const wholeNorm = Math.hypot(...Object.values(expected.grad_l2_all));
      for (const parameter of model.parameters.all) {
        const gradient = model.parameters.heap.floats(model.parameters.buffer(gradients, parameter), parameter.count);
        const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
        const expectedNorm = expected.grad_l2_all[parameter.name] ?? NaN;
        // A gradient that is zero in exact arithmetic (a key's bias) is compared with the whole gradient's scale.
        const scale = expectedNorm < 1e-9 * wholeNorm ? wholeNorm : expectedNorm;
        expect(Math.abs(norm - expectedNorm)).toBeLessThanOrEqual(GRADIENT_RELATIVE * scale);
        const detail = expected.grads[parameter.name];
        if (!detail) continue;
        detail.first8.forEach((g, index) =>
          expect(Math.abs((gradient[index] ?? NaN) - g)).toBeLessThanOrEqual(GRADIENT_RELATIVE * detail.l2),
        );
        expect(relative(gradient[detail.max_index] ?? NaN, detail.max_value)).toBeLessThanOrEqual(GRADIENT_RELATIVE);
      }
      await runner.release();
      await backpropagation.release();
    });

    test('the forward-mode directional derivative agrees', async () => {
      const model = await load(folder);
      const runner = new JvpRunner(backend, model.parameters);
      const { values, tangents } = await runner.run(model.stages('tokens'), batchOf(model, expected), sineDirection(model));
      expect(Math.abs((float32Of(values, 'loss')[0] ?? NaN) - expected.loss)).toBeLessThanOrEqual(LOSS);
      expect(relative(float32Of(tangents, 'loss')[0] ?? NaN, expected.directional_derivative)).toBeLessThanOrEqual(JVP_RELATIVE);
      await runner.release();
    });

    test('two-point losses and the estimate they give agree', async () => {
      const model = await load(folder);
      const runner = new ForwardRunner(backend, model.parameters);
      const direction = sineDirection(model);
      const batch = batchOf(model, expected);
      for (const [epsilon, reference] of Object.entries(expected.central_difference)) {
        const scale = Number(epsilon);
        const [plus, minus] = await runner.run(model.stages('tokens'), batch, [
          { direction, scale },
          { direction, scale: -scale },
        ]);
        const lossPlus = float32Of(plus ?? {}, 'loss')[0] ?? NaN;
        const lossMinus = float32Of(minus ?? {}, 'loss')[0] ?? NaN;
        expect(Math.abs(lossPlus - reference.loss_plus)).toBeLessThanOrEqual(LOSS);
        expect(Math.abs(lossMinus - reference.loss_minus)).toBeLessThanOrEqual(LOSS);
        const estimate = (lossPlus - lossMinus) / (2 * scale);
        const rounding = (expected.loss * FLOAT32_ULP * 4) / (2 * scale);
        expect(Math.abs(estimate - reference.projected_grad)).toBeLessThanOrEqual(
          Math.max(ESTIMATE_RELATIVE * Math.abs(reference.projected_grad), rounding),
        );
      }
      await runner.release();
    });
  });
}
