import { operators, program, type Direction } from '../../engine/index.js';
import type { StepContext } from '../optimizer.js';
import type { RunningSums } from './history.js';

const { add, scale, subtract } = operators;

const accumulation = program({ arrays: ['b', 'g'], scalars: ['mu'] }, ({ b, g }, { mu }) => ({ b: add(scale(b, mu), g) }));
const descent = program({ arrays: ['theta', 'b'], scalars: ['rate'] }, ({ theta, b }, { rate }) => ({
  theta: subtract(theta, scale(b, rate)),
}));

/**
 * Momentum as torch's SGD takes it, without dampening and without Nesterov's look ahead:
 *
 *   b <- mu b + g   (b = g in the first step)
 *   theta <- theta - eta b
 */
export function momentumUpdate(
  context: Pick<StepContext, 'parameters' | 'learningRate' | 'weightDecay'>,
  g: Direction,
  sums: RunningSums<'b'>,
  momentum: number,
): void {
  sums.update(
    context,
    g,
    (arrays) => accumulation.on(arrays, { mu: momentum }),
    (arrays) => descent.on(arrays, { rate: context.learningRate }),
  );
}
