import type { CellRecord } from './record.js';

/** By code unit, so that the order does not depend on the machine's language. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Order of rows in every report: model, task, scheme, optimizer, seed; then data source and cell, to leave no tie. */
export function compareRecords(a: CellRecord, b: CellRecord): number {
  return (
    compareText(a.settings.model, b.settings.model) ||
    compareText(a.settings.task, b.settings.task) ||
    compareText(a.settings.scheme, b.settings.scheme) ||
    compareText(a.settings.optimizer, b.settings.optimizer) ||
    a.settings.seed - b.settings.seed ||
    compareText(a.settings.data, b.settings.data) ||
    compareText(a.cell, b.cell)
  );
}
