/** A function's value at a point; writes its gradient. */
export type Differentiable = (at: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly at: Float64Array;
  /** Whether no part of the gradient exceeds the tolerance there. */
  readonly converged: boolean;
}

/** A step and by how much it changed the gradient. */
interface Correction {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** 1 / (change . step) */
  readonly rho: number;
}

const MEMORY = 10;
/** Armijo's condition, and what a step that fails it is multiplied with. */
const DECREASE = 1e-4;
const SHORTER = 0.5;
const MOST_HALVINGS = 50;

/**
 * Minimises a smooth convex function: L-BFGS (Liu & Nocedal 1989), its steps halved until the function falls enough.
 * @param tolerance Largest part of the gradient to stop at.
 */
export function minimise(f: Differentiable, start: Float64Array, tolerance: number, mostIterations: number): Minimum {
  const corrections: Correction[] = [];
  let [at, gradient] = [start, new Float64Array(start.length)];
  let value = f(at, gradient);
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    if (largest(gradient) <= tolerance) return { at, converged: true };
    const direction = descentDirection(gradient, corrections);
    const slope = dot(gradient, direction);
    const nextGradient = new Float64Array(start.length);
    // The first direction is the gradient itself, whose length has no bearing on the distance.
    let length = iteration === 0 ? Math.min(1, 1 / norm(gradient)) : 1;
    let next = along(at, direction, length);
    let nextValue = f(next, nextGradient);
    for (let halvings = 0; !(nextValue <= value + DECREASE * length * slope); halvings++) {
      if (halvings === MOST_HALVINGS) return { at, converged: false };
      length *= SHORTER;
      next = along(at, direction, length);
      nextValue = f(next, nextGradient);
    }
    remember(corrections, along(next, at, -1), along(nextGradient, gradient, -1));
    [at, gradient, value] = [next, nextGradient, nextValue];
  }
  return { at, converged: largest(gradient) <= tolerance };
}

/** - H g with the inverse Hessian that the corrections, oldest first, make of a multiple of the identity (the two-loop recursion). */
function descentDirection(gradient: Float64Array, corrections: readonly Correction[]): Float64Array {
  let q = gradient;
  const weights = corrections.map(() => 0);
  for (const [index, { step, change, rho }] of [...corrections.entries()].reverse()) {
    weights[index] = rho * dot(step, q);
    q = along(q, change, -(weights[index] ?? 0));
  }
  const last = corrections.at(-1);
  const scale = last ? 1 / (last.rho * dot(last.change, last.change)) : 1;
  q = q.map((part) => scale * part);
  for (const [index, { step, change, rho }] of corrections.entries()) q = along(q, step, (weights[index] ?? 0) - rho * dot(change, q));
  return q.map((part) => -part);
}

/** Where rounding leaves no curvature, there is nothing to remember. */
function remember(corrections: Correction[], step: Float64Array, change: Float64Array): void {
  const curvature = dot(change, step);
  if (curvature <= Number.EPSILON * dot(change, change)) return;
  corrections.push({ step, change, rho: 1 / curvature });
  if (corrections.length > MEMORY) corrections.shift();
}

/** from + length * direction */
const along = (from: Float64Array, direction: Float64Array, length: number): Float64Array =>
  from.map((part, index) => part + length * (direction[index] ?? 0));

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, part, index) => sum + part * (b[index] ?? 0), 0);
const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
const largest = (a: Float64Array): number => a.reduce((most, part) => Math.max(most, Math.abs(part)), 0);
