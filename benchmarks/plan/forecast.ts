import { type Catalog } from './catalog.js';
import { type Cell, located } from './cell.js';
import { NO_OPTIMIZER } from './cells.js';
import { estimateSeconds } from './estimate.js';
import { isTrained } from '../../records/trained.js';

/** What a cell's time is estimated to be, in seconds, from shapes and its data's lengths. */
export async function estimatedSeconds(cell: Cell, catalog: Catalog): Promise<number> {
  const settings = located(cell);
  const model = await catalog.modelSize(settings.model, settings.scheme);
  const optimizer = isTrained(settings) ? await catalog.resolveOptimizer(settings.optimizer, model.trained) : NO_OPTIMIZER;
  return estimateSeconds(settings, optimizer, model, await catalog.plannedData(settings, model));
}

/** How long a run still takes: what is estimated of its open cells, corrected by what those took that have ended. */
export class Forecast {
  readonly #open = new Map<string, number>();
  readonly #startedMs = new Map<string, number>();
  #estimated = 0;
  #taken = 0;

  constructor(
    readonly jobs: number,
    readonly nowMs: () => number = Date.now,
  ) {}

  /** The forecast of cells that are to run, so many at a time. */
  static async of(cells: readonly Cell[], jobs: number, catalog: Catalog): Promise<Forecast> {
    const forecast = new Forecast(jobs);
    for (const cell of cells) forecast.expect(cell, await estimatedSeconds(cell, catalog));
    return forecast;
  }

  expect({ id }: Cell, seconds: number): void {
    this.#open.set(id, seconds);
  }

  started({ id }: Cell): void {
    this.#startedMs.set(id, this.nowMs());
  }

  /** Those that did not complete say nothing of how long others take. */
  ended({ id }: Cell, isCompleted: boolean): void {
    if (isCompleted) {
      this.#taken += this.#secondsOf(id);
      this.#estimated += this.#open.get(id) ?? 0;
    }
    this.#open.delete(id);
  }

  /** Seconds. */
  get left(): number {
    const pace = this.#estimated > 0 ? this.#taken / this.#estimated : 1;
    const each = [...this.#open].map(([id, seconds]) => Math.max(0, pace * seconds - this.#secondsOf(id)));
    const sum = each.reduce((a, b) => a + b, 0);
    return Math.max(sum / this.jobs, ...each);
  }

  /** That a cell has been running. */
  #secondsOf(id: string): number {
    const started = this.#startedMs.get(id);
    return started === undefined ? 0 : (this.nowMs() - started) / 1000;
  }
}
