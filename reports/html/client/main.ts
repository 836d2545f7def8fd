import type { RunData } from '../run-data.js';
import { create, find } from './dom.js';
import { keepDrawn } from './plot.js';
import { runPlots } from './run-plots.js';
import { enliven } from './tables.js';

document.querySelectorAll<HTMLElement>('.data-table').forEach(enliven);

const run = JSON.parse(find(document, '#run-data', HTMLScriptElement).text) as RunData;
const plots = find(document, '#plots', HTMLElement);
plots.append(...runPlots(run));
if (run.records.length === 0) plots.append(create('p', {}, 'No cell has ended yet.'));
keepDrawn();

document.addEventListener('click', ({ target }) => {
  if (target instanceof HTMLElement && target.dataset.curve !== undefined) showCurve(target.dataset.curve);
});

/** Draws a cell's curve and goes to its place in the list. */
function showCurve(cell: string): void {
  const box = [...plots.querySelectorAll<HTMLInputElement>('input[data-cell]')].find(({ dataset }) => dataset.cell === cell);
  if (!box) return;
  if (!box.checked) box.click();
  box.closest('details')?.setAttribute('open', '');
  box.focus({ preventScroll: true });
  box.closest('figure')?.scrollIntoView();
}
