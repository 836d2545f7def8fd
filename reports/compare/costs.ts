import type { CompletedRecord } from '../../records/record.js';
import { mean } from '../../statistics/moments.js';
import type { CompletedPair } from './pairs.js';

/** Parts of the forward passes that the dearer of a pair trained with. */
export const BUDGET_SHARES = [0.25, 0.5, 1] as const;

/** Mean dev accuracies at a budget: of the parameters that had done best on dev by then. */
export interface AtBudget {
  readonly share: number;
  readonly candidate: number;
  readonly baseline: number;
}

/** What a score costs; NaN where no pair completed. */
export interface Costs {
  readonly atBudgets: readonly AtBudget[];
  /** Candidate by baseline, geometric means over the pairs: time of all training steps, and peak memory of the process. */
  readonly timeRatio: number;
  readonly memoryRatio: number;
}

export function costsOf(pairs: readonly CompletedPair[]): Costs {
  return {
    atBudgets: BUDGET_SHARES.map((share) => atBudget(pairs, share)),
    timeRatio: ratioOf(pairs, ({ settings, stepMs }) => settings.steps * (stepMs?.median ?? NaN)),
    memoryRatio: ratioOf(pairs, ({ memory }) => memory.peakBytes),
  };
}

function atBudget(pairs: readonly CompletedPair[], share: number): AtBudget {
  const scoreOf = (side: keyof CompletedPair): number =>
    mean(pairs.map((pair) => devScoreAt(pair[side], share * Math.max(pair.candidate.forwards, pair.baseline.forwards))));
  return { share, candidate: scoreOf('candidate'), baseline: scoreOf('baseline') };
}

/** The best dev score seen by the time so many forward passes were spent. */
function devScoreAt({ zeroShot, devCurve }: CompletedRecord, forwards: number): number {
  const seen = devCurve.filter((point) => point.forwards <= forwards).map(({ score }) => score);
  return Math.max(zeroShot.dev.score, ...seen);
}

function ratioOf(pairs: readonly CompletedPair[], cost: (record: CompletedRecord) => number): number {
  return Math.exp(mean(pairs.map(({ candidate, baseline }) => Math.log(cost(candidate) / cost(baseline)))));
}
