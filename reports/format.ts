import { fixed, grouped, MIB, percent, significant } from '../engine/quantities.js';
import { visible } from '../engine/visible.js';
import type { Measured, SummaryRow } from './summary.js';

/** A text as a cell of a Markdown table. */
export const markdownCell = (text: string): string => visible(text).replaceAll('|', '\\|');

/** Stands where nothing was measured. */
export const ABSENT = '–';

/** Bytes in MiB. */
export function mebibytes(bytes: number): string {
  return grouped(bytes / MIB);
}

/** Three digits, or all of a whole number. */
export function milliseconds(value: number): string {
  return value < 100 ? significant(value, 3) : grouped(value);
}

/** Mean and, of several seeds, sample standard deviation in percent. */
export function scoreText({ testScoreMean, testScoreStd }: Measured): string {
  return percent(testScoreMean) + (testScoreStd === null ? '' : ` ± ${percent(testScoreStd)}`);
}

/** Where not all demonstrations fitted the context, by row; empty where they did. */
export function demonstrationsText(summary: readonly SummaryRow[]): string {
  return summary
    .flatMap(({ model, task, scheme, measured }) => {
      const { drawn = 0, mean = 0 } = measured?.demonstrations ?? {};
      return mean < drawn ? [`${model} ${task} ${scheme} ${fixed(mean, 1)} of ${drawn}`] : [];
    })
    .join(', ');
}

/** Such as `2 diverged, 1 timed-out`; empty where every cell completed. */
export function countsText(ended: SummaryRow['ended']): string {
  return Object.entries(ended)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}

/** What stands above test scores: accuracy or F1 where all are of one kind. */
export function scoreTitle(rows: readonly { readonly measured: Measured | null }[]): string {
  const names = new Set(rows.flatMap(({ measured }) => (measured ? [measured.metric === 'f1' ? 'F1' : 'accuracy'] : [])));
  const [name = 'accuracy', ...others] = names;
  return `Test ${others.length > 0 ? 'score' : name} (%)`;
}
