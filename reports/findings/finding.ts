import type { RecordedRuns } from '../tables/index.js';

/** Independent draws of an effect, in its unit: the seeds of a cell, or the cells of a run. */
export type Draws = readonly number[];

/** What a run has to say of a claim. */
export interface Contrast {
  /** The effect is the mean over the strata of the mean over their draws. */
  readonly strata: readonly Draws[];
  /** What the draws are. */
  readonly over: 'seeds' | 'cells' | 'repeats';
  /** Runs that would have belonged to it, but did not complete. */
  readonly leftOut: number;
}

/** Something that a paper says, and how a run decides it, the same for every run. */
export interface Claim {
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  /** Which records, which contrast and which threshold. */
  readonly definition: string;
  readonly unit: 'points' | '%' | 'MiB';
  /** The claim holds where the effect is above it, or below. */
  readonly threshold: number;
  readonly side: 'above' | 'below';
  readonly contrast: (run: RecordedRuns) => Contrast;
}

/** Not decided: records are missing, or the interval covers the threshold. */
export type Verdict = 'held' | 'not held' | 'not decided';

/** What became of a claim in a run. */
export interface ClaimFinding extends Pick<Claim, 'id' | 'claim' | 'source' | 'definition' | 'unit' | 'threshold' | 'side'> {
  /** null where records are missing. */
  readonly effect: number | null;
  /** 95 %; null where nothing is repeated. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly verdict: Verdict;
  /** What the effect rests on, in words. */
  readonly basis: string;
}
