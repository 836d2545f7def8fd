import type { CellSettings } from '../records/index.js';

/** Share of the learning rate that is left when a share of the steps after the warm-up is done. */
const decays: Readonly<Record<CellSettings['schedule'], (done: number) => number>> = {
  constant: () => 1,
  linear: (done) => 1 - done,
  cosine: (done) => (1 + Math.cos(Math.PI * done)) / 2,
};

/**
 * The factor of the learning rate in a step, counted from 0 of `steps`. Over the first w = ceil(warmup steps) it is (step + 1) / w,
 * then it follows the schedule from 1 towards 0, which the step after the last would have. As in Hugging Face's
 * get_linear_schedule_with_warmup and get_cosine_schedule_with_warmup, but for the warm-up's first step: there it is 0 and the step lost.
 */
export function scheduleFactor({ schedule, warmup, steps }: Pick<CellSettings, 'schedule' | 'warmup' | 'steps'>, step: number): number {
  const rising = Math.ceil(warmup * steps);
  return step < rising ? (step + 1) / rising : decays[schedule]((step - rising) / (steps - rising));
}
