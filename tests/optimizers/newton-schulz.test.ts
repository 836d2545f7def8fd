import { expect, test } from '@jest/globals';
import { FactoredMatrices, MatrixPrograms, Parameters } from '../../engine/index.js';
import { orthogonalisation, orthogonalisations } from '../../optimizers/parts/newton-schulz.js';
import { arbitrary, farthest } from '../support/engine-numbers.js';
import { matrix, newtonSchulz } from '../support/plain-matrices.js';

/** Numbers below 1, summed over up to 300 of them in float32, of which the polynomial makes at most 3.4445^5 = 485 times as much near 0. */
const CLOSE = 1e-5;

function applied(rows: number, columns: number, values: readonly number[]): number[] {
  const parameters = new Parameters();
  const parameter = parameters.add('x', [rows, columns], true);
  // The largest decides what the programs work in.
  parameters.add('other', [columns, rows], true);
  const matrices = new FactoredMatrices(parameters, ({ shape: [m = 1, n = 1] }) => ({ rows: 1, rank: m, columns: n }));
  const x = matrices.allocate(['rank', 'columns']);
  const array = (): Float32Array => parameters.heap.floats(parameters.buffer(x.arrays, parameter), rows * columns);
  const programs = new MatrixPrograms(
    matrices,
    orthogonalisations.map((program) => ({ program })),
  );
  array().set(values);
  programs.run((matrix) => orthogonalisation(matrix).on({ x }));
  return [...array()];
}

test('of a diagonal matrix, every singular value goes through the polynomial by itself', () => {
  // 3 and 4 over their norm are 0.6 and 0.8; by s <- 3.4445 s - 4.775 s^3 + 2.0315 s^5 they become
  //   0.6: 1.19326944, 0.91191771, 0.80113769, 0.97470236, 0.72287617
  //   0.8: 0.97648192, 0.72111759, 1.08945684, 0.69604475, 1.11920393
  expect(farthest(applied(2, 2, [3, 0, 0, 4]), [0.72287617, 0, 0, 1.11920393])).toBeLessThan(CLOSE);
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
  expect(farthest(applied(rows, columns, values), expected)).toBeLessThan(CLOSE);
});
