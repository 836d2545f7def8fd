import { matrixProgram, operators, type Factoring, type Value } from '../../engine/index.js';

const { add, divide, matmul, scale, square, squareRoot, sum, transposeLast } = operators;

const ITERATIONS = 5;
const [A, B, C] = [3.4445, -4.775, 2.0315];
const EPSILON = 1e-7;

/**
 * The Newton-Schulz iteration of Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon), which brings the singular values of X
 * near 1 and keeps its singular vectors:
 *
 *   X <- X / (||X||_F + 1e-7);   five times:  X <- a X + (b X X^T + c (X X^T)^2) X,   (a, b, c) = (3.4445, -4.7750, 2.0315)
 *
 * for X [m, n] with m no larger than n.
 */
function newtonSchulz(x: Value): Value {
  let y = divide(x, add(squareRoot(sum(square(x))), EPSILON));
  for (let i = 0; i < ITERATIONS; i++) {
    const gram = matmul(y, transposeLast(y));
    y = add(scale(y, A), matmul(add(scale(gram, B), scale(matmul(gram, gram), C)), y));
  }
  return y;
}

/** x [rank, columns] replaced by its {@link newtonSchulz}; of the transpose where x has more rows than columns. */
const wide = matrixProgram({ x: ['rank', 'columns'] }, [], ({ x }) => ({ x: newtonSchulz(x) }));
const tall = matrixProgram({ x: ['rank', 'columns'] }, [], ({ x }) => ({ x: transposeLast(newtonSchulz(transposeLast(x))) }));

export const orthogonalisations = [wide, tall];

/** The one of {@link orthogonalisations} for such a matrix. */
export const orthogonalisation = ({ rank, columns }: Pick<Factoring, 'rank' | 'columns'>): typeof wide => (rank <= columns ? wide : tall);
