import type { Engines } from '../training/index.js';
import { deriveSeed, fixed } from '../engine/index.js';
import { resolveOptimizer } from '../optimizers/index.js';
import type { Batch } from '../tasks/index.js';
import type { Training } from './mini-models.js';

const WARM_UP_STEPS = 100;

/** Trains with FO-Adam, a batch a step, and gives the mean loss over the last hundredth of the steps. */
export async function trainOnBatches(
  engines: Engines,
  batches: Iterable<Batch>,
  { steps, learningRate: peak }: Training,
  seed: number,
  report: (progress: string) => void,
): Promise<number> {
  const optimizer = await resolveOptimizer('fo-adam');
  const state = optimizer.init(engines.model.parameters);
  const tail = Math.ceil(steps / 100);
  let step = 0;
  let tailLoss = 0;
  for (const batch of batches) {
    const learningRate = peak * schedule(step, steps);
    const settings = { learningRate, epsilon: NaN, weightDecay: 0, steps, trainingBatches: () => [batch] };
    const { loss } = await optimizer.step(engines.context(batch, deriveSeed(seed), step, settings), state);
    if (step >= steps - tail) tailLoss += loss / tail;
    if (step % 100 === 0) report(`step ${step} of ${steps}, loss ${fixed(loss, 3)}`);
    if (++step >= steps) break;
  }
  return tailLoss;
}

/** Linear warm-up, then a cosine down to a tenth. */
function schedule(step: number, steps: number): number {
  const cosine = 0.55 + 0.45 * Math.cos((Math.PI * step) / steps);
  return Math.min(1, (step + 1) / WARM_UP_STEPS) * cosine;
}
