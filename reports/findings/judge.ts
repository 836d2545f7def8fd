import { bootstrapInterval, mean } from '../../statistics/index.js';
import type { RecordedRuns } from '../tables/index.js';
import type { Claim, ClaimFinding, Contrast, Draws, Verdict } from './finding.js';

/**
 * Measures a claim's effect in a run, with a 95 % bootstrap interval (fixed seed, each stratum resampled by itself, widened as Student's t
 * for few draws), and says on which side of the threshold all of it lies. Models, tasks and test items are taken as they are.
 */
export function judge({ contrast, ...claim }: Claim, run: RecordedRuns): ClaimFinding {
  const measured = contrast(run);
  const strata = measured.strata.filter(({ length }) => length > 0);
  const effect = strata.length > 0 ? mean(strata.map(mean)) : null;
  const interval = effect === null ? null : intervalOf(effect, strata);
  return { ...claim, effect, interval, verdict: verdictOf(claim, interval), basis: basisOf({ ...measured, strata }) };
}

/** null where some stratum has one draw only: its part of the spread would be missing. */
function intervalOf(effect: number, strata: readonly Draws[]): ClaimFinding['interval'] {
  if (strata.some(({ length }) => length < 2)) return null;
  const moves = strata.map((draws) => draws.map((draw) => (draw - mean(draws)) / (draws.length * strata.length)));
  return bootstrapInterval(effect, { few: moves, many: [] });
}

function verdictOf({ threshold, side }: Pick<Claim, 'threshold' | 'side'>, interval: ClaimFinding['interval']): Verdict {
  if (interval === null) return 'not decided';
  const [low, high] = interval;
  if (low > threshold) return side === 'above' ? 'held' : 'not held';
  if (high < threshold) return side === 'below' ? 'held' : 'not held';
  return 'not decided';
}

function basisOf({ strata, over, leftOut }: Contrast): string {
  if (strata.length === 0) return 'no records for it in this run';
  const draws = strata.reduce((sum, { length }) => sum + length, 0);
  const places =
    over === 'seeds' ? `${draws} pairs by seed in ${strata.length} ${strata.length === 1 ? 'contrast' : 'contrasts'}` : `${draws} ${over}`;
  return places + (leftOut > 0 ? `; left out because they did not complete: ${leftOut}` : '');
}
