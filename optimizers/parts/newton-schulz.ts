import type { Heap, Pointer } from '../../engine/index.js';

const ITERATIONS = 5;
const [A, B, C] = [3.4445, -4.775, 2.0315];
const EPSILON = 1e-7;

/**
 * The Newton-Schulz iteration of Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon), which brings the singular values of X
 * near 1 and keeps its singular vectors:
 *
 *   X <- X / (||X||_F + 1e-7);   five times:  X <- a X + (b X X^T + c (X X^T)^2) X,   (a, b, c) = (3.4445, -4.7750, 2.0315)
 *
 * of the transpose where X has more rows than columns.
 */
export class NewtonSchulz {
  readonly #transposed: Pointer;
  readonly #wide: Pointer;
  readonly #gram: Pointer;
  readonly #polynomial: Pointer;

  /** Allocates buffers for matrices of those shapes. */
  constructor(
    readonly heap: Heap,
    shapes: readonly { readonly rows: number; readonly columns: number }[],
  ) {
    const elements = Math.max(0, ...shapes.map(({ rows, columns }) => rows * columns));
    const side = Math.max(0, ...shapes.map(({ rows, columns }) => Math.min(rows, columns)));
    this.#transposed = heap.allocate(elements);
    this.#wide = heap.allocate(elements);
    this.#gram = heap.allocate(side * side);
    this.#polynomial = heap.allocate(side * side);
  }

  /** Replaces x [rows, columns]. */
  apply(x: Pointer, rows: number, columns: number): void {
    const { kernels } = this.heap;
    const norm = Math.sqrt(kernels.dot(x, x, rows * columns));
    kernels.blend(x, x, x, rows * columns, 1 / (norm + EPSILON), 0);
    if (rows <= columns) {
      for (let i = 0; i < ITERATIONS; i++) this.#iterate(x, rows, columns);
      return;
    }
    kernels.transpose(this.#wide, x, rows, columns);
    for (let i = 0; i < ITERATIONS; i++) this.#iterate(this.#wide, columns, rows);
    kernels.transpose(x, this.#wide, columns, rows);
  }

  #iterate(x: Pointer, rows: number, columns: number): void {
    const { kernels } = this.heap;
    const square = rows * rows;
    // G = X X^T
    kernels.transpose(this.#transposed, x, rows, columns);
    kernels.lowRank(this.#gram, square, 0, rows, columns, x, this.#transposed);
    // P = b G + c G G
    kernels.lowRank(this.#polynomial, square, 0, rows, rows, this.#gram, this.#gram);
    kernels.blend(this.#polynomial, this.#gram, this.#polynomial, square, B, C);
    // X <- a X + P X
    kernels.lowRank(this.#transposed, rows * columns, 0, columns, rows, this.#polynomial, x);
    kernels.blend(x, x, this.#transposed, rows * columns, A, 1);
  }
}
