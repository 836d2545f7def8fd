import type { CellSettings } from '../../records/record.js';

type RatedCell = Pick<CellSettings, 'model' | 'task' | 'scheme'>;

/** The learning rate that an optimizer has in a cell, and where it is from. */
export interface ChosenRate extends RatedCell {
  readonly optimizer: string;
  readonly learningRate: number;
  /** Searched for this comparison, known from an earlier search, the one that the optimizer declares, or whatever was run. */
  readonly source: 'tuned' | 'known' | 'declared' | 'as run';
  /** Whether it is the largest or smallest of those that were searched: beyond may be better ones. */
  readonly atEnd: boolean;
}

export const rateOf = (rates: readonly ChosenRate[], { model, task, scheme }: RatedCell, optimizer: string): ChosenRate | undefined =>
  rates.find((rate) => rate.model === model && rate.task === task && rate.scheme === scheme && rate.optimizer === optimizer);
