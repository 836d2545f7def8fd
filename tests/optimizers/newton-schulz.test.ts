import { expect, test } from '@jest/globals';
import { WasmHeap } from '../../engine/index.js';
import { NewtonSchulz } from '../../optimizers/parts/newton-schulz.js';
import { arbitrary, farthest } from '../support/engine-numbers.js';
import { matrix, newtonSchulz } from '../support/plain-matrices.js';

/** Numbers below 1, summed over up to 300 of them in float32, of which the polynomial makes at most 3.4445^5 = 485 times as much near 0. */
const CLOSE = 1e-5;

function applied(shapes: readonly { rows: number; columns: number }[], rows: number, columns: number, values: readonly number[]): number[] {
  const heap = new WasmHeap();
  const iteration = new NewtonSchulz(heap, shapes);
  const x = heap.allocate(rows * columns);
  heap.floats(x, rows * columns).set(values);
  iteration.apply(x, rows, columns);
  return [...heap.floats(x, rows * columns)];
}

test('of a diagonal matrix, every singular value goes through the polynomial by itself', () => {
  // 3 and 4 over their norm are 0.6 and 0.8; by s <- 3.4445 s - 4.775 s^3 + 2.0315 s^5 they become
  //   0.6: 1.19326944, 0.91191771, 0.80113769, 0.97470236, 0.72287617
  //   0.8: 0.97648192, 0.72111759, 1.08945684, 0.69604475, 1.11920393
  const shapes = [{ rows: 2, columns: 2 }];
  expect(farthest(applied(shapes, 2, 2, [3, 0, 0, 4]), [0.72287617, 0, 0, 1.11920393])).toBeLessThan(CLOSE);
});

test.each([
  [1, 1],
  [1, 7],
  [7, 1],
  [5, 5],
  [6, 40],
  [40, 6],
  [64, 300],
])('of %i by %i numbers is that of plain loops in float64', (rows, columns) => {
  const values = arbitrary(rows * columns, rows).map(Math.fround);
  const expected = newtonSchulz(matrix(rows, columns, (row, column) => values[row * columns + column] ?? NaN)).flat();
  const shapes = [
    { rows: columns, columns: rows },
    { rows: 2, columns: 3 },
  ];
  expect(farthest(applied(shapes, rows, columns, values), expected)).toBeLessThan(CLOSE);
});
