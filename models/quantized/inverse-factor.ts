/**
 * U, upper triangular, with U^T U = A^-1 for a symmetric positive definite A: with rows and columns turned round, A = L L^T; L turned round is upper
 * triangular and U its inverse.
 * @throws RangeError where the matrix is not positive definite
 */
export function inverseFactor(matrix: Float64Array, n: number): Float64Array {
  const lower = cholesky(
    Float64Array.from(matrix, (_, at) => matrix[n * n - 1 - at] ?? NaN),
    n,
  );
  const upper = Float64Array.from(lower, (_, at) => lower[n * n - 1 - at] ?? NaN);
  return invertUpper(upper, n);
}

/** L with L L^T = A, in A's place. */
function cholesky(a: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j] ?? NaN;
      for (let k = 0; k < j; k++) sum -= (a[i * n + k] ?? NaN) * (a[j * n + k] ?? NaN);
      if (i === j && !(sum > 0)) throw new RangeError('the inputs of a layer depend on each other: raise the damping');
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / (a[j * n + j] ?? NaN);
    }
    a.fill(0, i * n + i + 1, (i + 1) * n);
  }
  return a;
}

/** U^-1, row by row from the last: row i is (e_i - sum over k > i of U_ik row_k) / U_ii. */
function invertUpper(u: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = n - 1; i >= 0; i--) {
    const row = out.subarray(i * n, (i + 1) * n);
    row[i] = 1;
    for (let k = i + 1; k < n; k++) {
      const factor = u[i * n + k] ?? NaN;
      for (let j = k; j < n; j++) row[j] = (row[j] ?? NaN) - factor * (out[k * n + j] ?? NaN);
    }
    const pivot = u[i * n + i] ?? NaN;
    for (let j = i; j < n; j++) row[j] = (row[j] ?? NaN) / pivot;
  }
  return out;
}
