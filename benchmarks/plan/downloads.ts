import { bytesText, duration } from '../../engine/quantities.js';
import type { ReportDownload } from '../../models/index.js';
import type { Inputs } from '../../records/index.js';
import { located, type Cell } from './cell.js';
import { type Catalog } from './catalog.js';

/** Fetches the cells' models that are not on this machine, one after another, so that no cell's time has a download in it. */
async function fetchModels(cells: readonly Cell[], catalog: Catalog, stderr: Pick<NodeJS.WritableStream, 'write'>): Promise<void> {
  const report = downloadLines((line) => stderr.write(`${line}\n`));
  const schemes = new Map<string, Set<string>>();
  for (const { model, scheme } of cells.map(located)) schemes.set(model, (schemes.get(model) ?? new Set()).add(scheme));
  for (const [model, its] of schemes) await catalog.fetchModel(model, report, [...its]);
}

/** The same, and what the cells are made of once all of it is here. */
export async function fetched(cells: readonly Cell[], catalog: Catalog, stderr: Pick<NodeJS.WritableStream, 'write'>): Promise<Cell[]> {
  await fetchModels(cells, catalog, stderr);
  for (const { model, scheme } of cells.map(located)) catalog.checkModel(model, scheme);
  return Promise.all(cells.map(async (cell) => ({ ...cell, inputs: await inputsOf(cell, catalog) })));
}

async function inputsOf(cell: Cell, catalog: Catalog): Promise<Inputs> {
  if (cell.inputs.model !== undefined) return cell.inputs;
  const { kind } = await catalog.modelSize(located(cell).model, cell.settings.scheme);
  return catalog.inputsOf(located(cell), kind);
}

const LINE_INTERVAL_MS = 10_000;

/** A line at the start of every file, and every ten seconds while it comes. */
export function downloadLines(say: (line: string) => void, nowMs: () => number = Date.now): ReportDownload {
  let current = { title: '', startedMs: 0, startBytes: 0, lastLineMs: 0 };
  return ({ model, file, doneBytes, totalBytes }) => {
    const title = `${model}: ${file}`;
    const now = nowMs();
    // What was left of an earlier download came in no time; where that turns out to be of no use, the file begins anew.
    if (title !== current.title || doneBytes < current.startBytes) {
      current = { title, startedMs: now, startBytes: doneBytes, lastLineMs: now };
      say(`fetch  ${title}, ${bytesText(totalBytes)}`);
    } else if (now - current.lastLineMs >= LINE_INTERVAL_MS) {
      current.lastLineMs = now;
      const leftSeconds = ((now - current.startedMs) / 1000 / (doneBytes - current.startBytes)) * (totalBytes - doneBytes);
      say(`       ${title}: ${bytesText(doneBytes)} of ${bytesText(totalBytes)}, ${duration(leftSeconds)} left`);
    }
  };
}
