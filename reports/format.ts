import { visible } from '../engine/visible.js';
import type { Measured, SummaryRow } from './summary.js';

/** A text as a cell of a Markdown table. */
export const markdownCell = (text: string): string => visible(text).replaceAll('|', '\\|');

/** Stands where nothing was measured. */
export const ABSENT = '–';

const MIB = 2 ** 20;

/** A share, 0 to 1, in percent. */
export function percent(share: number): string {
  return (100 * share).toFixed(1);
}

/** Rounded to a whole number, thousands set apart. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** In decimal units, as the papers give sizes: 1 GB is 10^9 bytes. */
export const bytesText = (bytes: number): string => (bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`);

/** Bytes in MiB. */
export function mebibytes(bytes: number): string {
  return grouped(bytes / MIB);
}

/** Three digits, or all of a whole number. */
export function milliseconds(value: number): string {
  return value < 100 ? value.toPrecision(3) : grouped(value);
}

/** Mean and, of several seeds, sample standard deviation in percent. */
export function accuracyText({ testAccuracyMean, testAccuracyStd }: Measured): string {
  return percent(testAccuracyMean) + (testAccuracyStd === null ? '' : ` ± ${percent(testAccuracyStd)}`);
}

/** Where not all demonstrations fitted the context, by row; empty where they did. */
export function demonstrationsText(summary: readonly SummaryRow[]): string {
  return summary
    .flatMap(({ model, task, scheme, measured }) => {
      const { drawn = 0, mean = 0 } = measured?.demonstrations ?? {};
      return mean < drawn ? [`${model} ${task} ${scheme} ${mean.toFixed(1)} of ${drawn}`] : [];
    })
    .join(', ');
}

/** Such as `2 diverged, 1 timed-out`; empty where every cell completed. */
export function countsText(ended: SummaryRow['ended']): string {
  return Object.entries(ended)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}
