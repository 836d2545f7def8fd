import { operators, program, weights, type Direction } from '../../engine/index.js';
import type { StepContext } from '../optimizer.js';
import type { RunningSums } from './history.js';

/** Adam's moments of the gradient. */
export type Moments = RunningSums<'m' | 'v'>;

/** The names of {@link Moments}. */
export const MOMENTS = ['m', 'v'] as const;

export interface Betas {
  readonly beta1: number;
  readonly beta2: number;
}

/** Kingma and Ba's, and torch's. */
export const STANDARD_BETAS: Betas = { beta1: 0.9, beta2: 0.999 };
const EPSILON = 1e-8;

const { add, divide, scale, square, squareRoot, subtract } = operators;

const accumulation = program({ arrays: ['m', 'v', 'g'], scalars: ['beta1', 'beta2'] }, ({ m, v, g }, { beta1, beta2 }) => ({
  m: add(scale(m, beta1), scale(g, subtract(1, beta1))),
  v: add(scale(v, beta2), scale(square(g), subtract(1, beta2))),
}));

const descent = program(
  { arrays: ['theta', 'm', 'v'], scalars: ['rate', 'correction', 'epsilon'] },
  ({ theta, m, v }, { rate, correction, epsilon }) => ({
    theta: subtract(theta, divide(scale(m, rate), add(squareRoot(divide(v, correction)), epsilon))),
  }),
);

type Context = Pick<StepContext, 'parameters' | 'learningRate' | 'weightDecay'>;

/**
 * Adam's update with gradient g (Kingma and Ba 2015, arXiv:1412.6980, Algorithm 1); t counts from 1:
 *
 *   m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2
 *   theta <- theta - eta (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + 1e-8)
 */
export function adamUpdate(context: Context, g: Direction, moments: Moments, betas = STANDARD_BETAS): void {
  updateWith(context, g, moments, betas, EPSILON);
}

/**
 * The update of AdamW as Hugging Face's transformers 4.28 wrote it (Loshchilov and Hutter 2019, arXiv:1711.05101): 1e-8 is added before
 * the bias is corrected, and the weights shrink by eta lambda afterwards, apart from the gradient:
 *
 *   theta <- theta - eta sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + 1e-8)
 *   theta <- theta - eta lambda theta
 */
export function adamWUpdate(context: Context, g: Direction, moments: Moments): void {
  const { parameters, learningRate, weightDecay } = context;
  const correction = 1 - STANDARD_BETAS.beta2 ** (moments.taken + 1);
  // The decay is none of the gradient's.
  updateWith({ ...context, weightDecay: 0 }, g, moments, STANDARD_BETAS, EPSILON / Math.sqrt(correction));
  if (weightDecay !== 0) parameters.move(weights, -learningRate * weightDecay);
}

function updateWith(context: Context, g: Direction, moments: Moments, betas: Betas, epsilon: number): void {
  // As the kernels see them: 1 - beta2 is off by 1e-5 otherwise, and the correction would not undo it.
  const [beta1, beta2] = [Math.fround(betas.beta1), Math.fround(betas.beta2)];
  const t = moments.taken + 1;
  const rate = context.learningRate / (1 - beta1 ** t);
  const correction = 1 - beta2 ** t;
  moments.update(
    context,
    g,
    (arrays) => accumulation.on(arrays, { beta1, beta2 }),
    (arrays) => descent.on(arrays, { rate, correction, epsilon }),
  );
}
