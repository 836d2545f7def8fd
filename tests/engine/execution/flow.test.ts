import { describe, expect, test } from '@jest/globals';
import {
  cpuBackend,
  float32Of,
  floats,
  operators,
  Parameters,
  ForwardRunner,
  JvpRunner,
  type Scope,
  type Stage,
  type Value,
} from '../../../engine/index.js';

const backend = cpuBackend(1);
const SEED = 4;
const SCALE = 0.5;
const points = [
  { direction: SEED, scale: SCALE },
  { direction: SEED, scale: -SCALE },
];

function stage(name: string, build: (scope: Scope, x: Value) => void): Stage {
  return { name, kind: name, prefix: '', build: (scope) => build(scope, scope.input('x', 'real', [2])) };
}

/** y = x + w, where w moves. */
const moving = stage('moving', (scope, x) => scope.output('y', operators.add(x, scope.parameter('w', [2]))));
/** x <- x + w: reads and writes one name. */
const inPlace = stage('in-place', (scope, x) => scope.output('x', operators.add(x, scope.parameter('w', [2]))));
/** y = 3 x, from the batch alone. */
const anew = stage('anew', (scope, x) => scope.output('y', operators.scale(x, 3)));

const batch = { x: floats([2], Float32Array.of(1, 2)) };

/** w = 0 and, for a look at it, z of the seed. */
function withDirection(): { parameters: Parameters; z: number[] } {
  const parameters = new Parameters();
  const w = parameters.add('w', [2], true);
  parameters.move(SEED, 1);
  const z = [...parameters.values(w)];
  parameters.values(w).fill(0);
  return { parameters, z };
}

async function staged(stages: readonly Stage[], name: string): Promise<number[][]> {
  const runner = new ForwardRunner(backend, withDirection().parameters);
  const made = (await runner.run(stages, batch, points)).map((tensors) => [...float32Of(tensors, name)]);
  await runner.release();
  return made;
}

async function tangents(stages: readonly Stage[]) {
  const runner = new JvpRunner(backend, withDirection().parameters);
  const made = await runner.run(stages, batch, SEED);
  await runner.release();
  return made.tangents;
}

const { z } = withDirection();
const along = (start: readonly number[], scale: number): number[] => start.map((value, i) => Math.fround(value + scale * (z[i] ?? NaN)));

describe('what stages hand on', () => {
  test('is apart at each point once a moving parameter has touched it, also under a name of the batch', async () => {
    expect(await staged([moving], 'y')).toEqual([along([1, 2], SCALE), along([1, 2], -SCALE)]);
    expect(await staged([inPlace], 'x')).toEqual([along([1, 2], SCALE), along([1, 2], -SCALE)]);
  });

  test('is one for all points again where it is made anew without a moving parameter', async () => {
    expect(await staged([moving, anew], 'y')).toEqual([
      [3, 6],
      [3, 6],
    ]);
  });

  test('has the tangent of what it is now, none where it was made anew without a moving parameter', async () => {
    expect([...float32Of(await tangents([moving]), 'y')]).toEqual(z);
    expect([...float32Of(await tangents([inPlace, anew]), 'y')]).toEqual(z.map((value) => Math.fround(3 * value)));
    expect(await tangents([moving, anew])).not.toHaveProperty('y');
  });

  test('adds up when a stage comes twice', async () => {
    const sums = along([1, 2], SCALE).map((value, i) => Math.fround(value + Math.fround(SCALE * (z[i] ?? NaN))));
    expect((await staged([inPlace, inPlace], 'x'))[0]).toEqual(sums);
    expect([...float32Of(await tangents([inPlace, inPlace]), 'x')]).toEqual(z.map((value) => 2 * value));
  });
});
