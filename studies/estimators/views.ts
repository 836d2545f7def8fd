import { operators, program, type Buffers, type Point } from '../../engine/index.js';
import type { StepContext } from '../../optimizers/index.js';
import type { View } from './step-meter.js';

const doubling = program({ arrays: ['g'] }, ({ g }) => ({ g: operators.scale(g, 2) }));

/** The loss replaced by its tangent at theta, L(theta) + g . (scale z): what a finite difference sees in the limit of small epsilon, without rounding. */
export const linear =
  (loss: number, g: Buffers): View =>
  (context) => {
    const { parameters } = context;
    const at = ({ direction, scale }: Point): number => loss + (scale === 0 ? 0 : scale * parameters.dot(g, direction));
    const losses: StepContext['losses'] = (...points) => Promise.resolve(points.map(at));
    return {
      ...context,
      losses,
      trainingLosses: losses,
      directionalDerivative: (direction) => Promise.resolve({ loss, derivative: parameters.dot(g, direction) }),
    };
  };

/** The loss times 2, and with it every derivative. */
export const doubled: View = (context) => {
  const { parameters } = context;
  const twice = (losses: readonly number[]): number[] => losses.map((loss) => 2 * loss);
  return {
    ...context,
    losses: async (...points) => twice(await context.losses(...points)),
    trainingLosses: async (...points) => twice(await context.trainingLosses(...points)),
    directionalDerivative: async (direction) => {
      const { loss, derivative } = await context.directionalDerivative(direction);
      return { loss: 2 * loss, derivative: 2 * derivative };
    },
    gradient: async (into) => {
      const loss = await context.gradient(into);
      parameters.update(doubling.on({ g: into }));
      return 2 * loss;
    },
  };
};
