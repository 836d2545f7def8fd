import { MultiBar, type SingleBar } from 'cli-progress';
import { duration, fixed } from '../../engine/quantities.js';
import { type Cell, cellTitle } from '../plan/index.js';
import type { StepProgress } from '../../cell/index.js';

/** Shows how a run gets on. */
export interface Display {
  started(cell: Cell): void;
  progressed(cell: Cell, progress: StepProgress): void;
  /** `says` is how the cell ended, in one line. */
  ended(cell: Cell, says: string): void;
  /** Call it before anything else is written to the terminal. */
  close(): void;
}

/** A stream that may be a terminal. */
export type Terminal = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** What a run still takes, in seconds. */
export interface TimeLeft {
  readonly left: number;
}

/** A live display on a terminal, plain lines elsewhere; `done` of `total` cells need no run. */
export function createDisplay(stream: Terminal, total: number, done: number, time: TimeLeft): Display {
  if (stream.isTTY) return new LiveDisplay(stream, total, done, time);
  return new LineDisplay((line) => stream.write(`${line}\n`), total, done, time);
}

/** Shows nothing. */
export const noDisplay: Display = {
  started: () => undefined,
  progressed: () => undefined,
  ended: () => undefined,
  close: () => undefined,
};

const LINE_INTERVAL_MS = 10_000;

interface Running {
  readonly startedMs: number;
  lastLineMs: number;
}

/** Start and end of every cell, and between them a line every ten seconds at most. */
export class LineDisplay implements Display {
  private readonly running = new Map<string, Running>();

  constructor(
    private readonly write: (line: string) => void,
    private readonly total: number,
    private done: number,
    private readonly time: TimeLeft,
    private readonly nowMs: () => number = Date.now,
  ) {}

  started(cell: Cell): void {
    this.running.set(cell.id, { startedMs: this.nowMs(), lastLineMs: this.nowMs() });
    this.write(`start  ${cellTitle(cell.settings)}`);
  }

  progressed(cell: Cell, progress: StepProgress): void {
    const running = this.running.get(cell.id);
    const now = this.nowMs();
    if (!running || now - running.lastLineMs < LINE_INTERVAL_MS) return;
    running.lastLineMs = now;
    const { steps } = cell.settings;
    const leftSeconds = ((now - running.startedMs) / 1000 / progress.step) * (steps - progress.step);
    const state = `step ${progress.step}/${steps}, loss ${fixed(progress.loss, 4)}, ${duration(leftSeconds)} left`;
    this.write(`       ${cellTitle(cell.settings)}: ${state}`);
  }

  ended(cell: Cell, says: string): void {
    this.running.delete(cell.id);
    this.done += 1;
    const left = this.done < this.total ? `, about ${duration(this.time.left)} left` : '';
    this.write(`end    ${cellTitle(cell.settings)}: ${says} (${this.done} of ${this.total} cells${left})`);
  }

  close(): void {
    this.running.clear();
  }
}

const CELLS_FORMAT = '[{bar}] {value} of {total} cells{left}';
const CELL_FORMAT = '[{bar}] {value}/{total}, loss {loss}, {eta_formatted} left: {title}';
const BAR_COLUMNS = 10;
/** Of a cell's line before its title, with numbers of six digits. */
const BEFORE_TITLE_COLUMNS = BAR_COLUMNS + 44;
const USUAL_COLUMNS = 80;

/** The library has no number at first. */
const etaText = (seconds: unknown): string => (typeof seconds === 'number' && Number.isFinite(seconds) ? duration(seconds) : '?');

class LiveDisplay implements Display {
  private readonly bars: MultiBar;
  private readonly cellsBar: SingleBar;
  private readonly running = new Map<string, SingleBar>();

  constructor(
    private readonly stream: Terminal,
    private readonly total: number,
    private done: number,
    private readonly time: TimeLeft,
  ) {
    // The runner ends on signals itself, after its reports.
    this.bars = new MultiBar({
      stream,
      format: CELL_FORMAT,
      barsize: BAR_COLUMNS,
      hideCursor: true,
      gracefulExit: false,
      etaBuffer: 50,
      formatTime: etaText,
    });
    this.cellsBar = this.bars.create(total, done, this.#left, { format: CELLS_FORMAT });
  }

  started(cell: Cell): void {
    const bar = this.bars.create(cell.settings.steps, 0, { title: this.#fitted(cellTitle(cell.settings)), loss: '-' });
    this.running.set(cell.id, bar);
  }

  progressed(cell: Cell, { step, loss }: StepProgress): void {
    this.running.get(cell.id)?.update(step, { loss: fixed(loss, 4) });
    this.cellsBar.update(this.#left);
  }

  ended(cell: Cell, says: string): void {
    const bar = this.running.get(cell.id);
    if (bar) this.bars.remove(bar);
    this.running.delete(cell.id);
    for (const line of this.#linesOf(`${cellTitle(cell.settings)}: ${says}`)) this.bars.log(`${line}\n`);
    this.done += 1;
    this.cellsBar.increment(1, this.#left);
  }

  get #left(): { readonly left: string } {
    return { left: this.done < this.total ? `, about ${duration(this.time.left)} left` : '' };
  }

  get #columns(): number {
    return this.stream.columns ?? USUAL_COLUMNS;
  }

  /** A bar that is longer than its line would lose its end: of a title that tells the least. */
  #fitted(title: string): string {
    const columns = Math.max(1, this.#columns - BEFORE_TITLE_COLUMNS);
    return title.length <= columns ? title : `…${title.slice(title.length - columns + 1)}`;
  }

  /** The library clears one line for each text. */
  #linesOf(text: string): string[] {
    const width = this.#columns;
    return Array.from({ length: Math.ceil(text.length / width) }, (_, line) => text.slice(line * width, (line + 1) * width));
  }

  close(): void {
    // What was logged last is written with the bars.
    this.bars.update();
    this.bars.stop();
  }
}
