import { stringify, type Options } from 'csv-stringify/sync';
import { visible } from '../engine/visible.js';

/**
 * Rows as CSV, each in one line. Text that a spreadsheet would run as a formula (it begins with =, +, - or @) gets an apostrophe before it,
 * as OWASP advises ("CSV Injection"); numbers stay as they are.
 */
export function csvText(rows: readonly unknown[], options: Pick<Options, 'header' | 'columns'> = {}): string {
  return stringify([...rows], {
    ...options,
    escape_formulas: true,
    cast: { boolean: (value) => String(value), string: (value) => visible(value) },
  });
}
