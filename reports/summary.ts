import type { CellRecord, CompletedRecord, EndedRecord } from '../records/record.js';
import { groupRecords, type Group } from './groups.js';
import { mean, median, sampleStd } from '../statistics/moments.js';

/** What the completed seeds of one group measured. Accuracies are shares, 0 to 1, or where `metric` says so mean F1. */
export interface Measured {
  seeds: number;
  metric: CompletedRecord['metric'];
  testScoreMean: number;
  /** Sample standard deviation; null for a single seed. */
  testScoreStd: number | null;
  zeroShotMean: number;
  /** Median over seeds of each cell's median; null where there were no steps. */
  stepMs: number | null;
  /** Largest over seeds. */
  peakBytes: number;
  /** Mean over seeds. */
  forwards: number;
  /** Of in-context learning: how many were drawn, and how many the context held on average. */
  demonstrations: { drawn: number; mean: number } | null;
  generatedData: boolean;
  bundledCheckpoint: boolean;
}

/** One line of the summary: the seeds of one model, task, data, scheme and optimizer, under the same conditions. */
export interface SummaryRow {
  model: string;
  task: string;
  data: string;
  scheme: string;
  optimizer: string;
  /** The optimizer, with the conditions that set it apart from other rows. */
  name: string;
  /** Learning rates and epsilons tried; where there are several, `measured` is of the best on dev. */
  configurations: number;
  /** null where no seed completed. */
  measured: Measured | null;
  /** How many cells ended in each state other than completed. */
  ended: Partial<Record<EndedRecord['state'], number>>;
}

/** Summarises over seeds, in report order. */
export function summarise(records: readonly CellRecord[]): SummaryRow[] {
  return groupRecords(records).map(({ model, task, data, scheme, optimizer, name, configurations, completed, ended }) => ({
    model,
    task,
    data,
    scheme,
    optimizer,
    name,
    configurations,
    measured: completed.length > 0 ? measure(completed) : null,
    ended: countStates(ended),
  }));
}

/** Counts by state of the cells that did not complete. */
export function countStates(ended: Group['ended']): SummaryRow['ended'] {
  const counts: SummaryRow['ended'] = {};
  for (const { state } of ended) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function measure(seeds: CompletedRecord[]): Measured {
  const scores = seeds.map(({ final }) => final.test.score);
  const shown = seeds.flatMap(({ demonstrations }) => demonstrations ?? []);
  const stepTimes = seeds.flatMap(({ stepMs }) => stepMs?.median ?? []);
  return {
    seeds: seeds.length,
    metric: seeds.some(({ metric }) => metric === 'f1') ? 'f1' : 'accuracy',
    testScoreMean: mean(scores),
    testScoreStd: sampleStd(scores),
    zeroShotMean: mean(seeds.map(({ zeroShot }) => zeroShot.test.score)),
    stepMs: stepTimes.length > 0 ? median(stepTimes) : null,
    peakBytes: Math.max(...seeds.map(({ memory }) => memory.peakBytes)),
    forwards: mean(seeds.map(({ forwards }) => forwards)),
    demonstrations:
      shown.length > 0 ? { drawn: Math.max(...shown.map(({ drawn }) => drawn)), mean: mean(shown.map((seed) => seed.mean)) } : null,
    generatedData: seeds.some(({ generatedData }) => generatedData),
    bundledCheckpoint: seeds.some(({ checkpoint }) => checkpoint.bundled),
  };
}
