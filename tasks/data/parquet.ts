import { Worker } from 'node:worker_threads';
import { afterProcessorTime, InputError, LONGEST_TEXT_BYTES, readInput } from '../../engine/index.js';

/*
 * Hostile or broken files make the library loop or ask for all memory there is, so it works in a thread that can be ended.
 */

/** What the reading thread may take. */
export interface ParquetLimits {
  /** Of the processor's time for a file of no size; more for each byte, and for each row that it says it has. */
  readonly slackMs: number;
  /** That all pages unpack to. No ratio is a sign: a column of one value takes next to nothing. */
  readonly unpackedBytes: number;
  /** Characters of all rows: a dictionary makes many of one. */
  readonly textLength: number;
}

/** As much as of a file of text. */
const LIMITS: ParquetLimits = { slackMs: 2000, unpackedBytes: LONGEST_TEXT_BYTES, textLength: LONGEST_TEXT_BYTES };
/** A fiftieth of what is usual. */
const BYTES_PER_MS = 1000;
const ROWS_PER_MS = 100;
/** What rows add, as a multiple of the slack: their number is only a claim. */
const MOST_FOR_ROWS = 4;
/** Of heap: a million rows of a few fields take about half of it. */
const SLACK_MIB = 1024;
const HEAP_PER_BYTE = 50;
/** A thread that does not even start. */
const START_MS = 60_000;

type Message =
  | { readonly ready: true }
  | { readonly declaredRows: number }
  | { readonly rows: readonly unknown[] }
  | { readonly done: true }
  | { readonly error: string };

/**
 * The rows of a Parquet file.
 * @throws InputError where it cannot be read, or not within its limits of time and memory.
 */
export async function parquetRows(file: string, limits: Partial<ParquetLimits> = {}): Promise<unknown[]> {
  const { slackMs, ...amounts } = { ...LIMITS, ...limits };
  const { buffer, byteOffset, byteLength } = readInput(file, LONGEST_TEXT_BYTES);
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
  const heapMib = SLACK_MIB + Math.ceil((HEAP_PER_BYTE * byteLength) / 2 ** 20);
  const thread = new Worker(new URL('./parquet-thread.js', import.meta.url), {
    workerData: { file: bytes, ...amounts },
    transferList: [bytes],
    resourceLimits: { maxOldGenerationSizeMb: heapMib },
    execArgv: [],
    stderr: true,
  });
  try {
    return await rowsFrom(thread, slackMs + byteLength / BYTES_PER_MS, MOST_FOR_ROWS * slackMs);
  } catch (error) {
    const { code, message } = Object(error) as NodeJS.ErrnoException;
    const reason = code === 'ERR_WORKER_OUT_OF_MEMORY' ? `it takes more than ${heapMib} MiB of memory` : message.replace(/\s+/g, ' ');
    throw new InputError(`${file} is no Parquet file that can be read: ${reason}`);
  } finally {
    await thread.terminate();
  }
}

function rowsFrom(thread: Worker, limitMs: number, mostForRowsMs: number): Promise<unknown[]> {
  const rows: unknown[] = [];
  return new Promise((resolve, reject) => {
    let lift = (): void => undefined;
    const endAfter = (ms: number): void => {
      lift();
      lift = afterProcessorTime(ms, () => reject(new Error('it takes too long')));
    };
    endAfter(START_MS);
    thread.on('message', (message: Message) => {
      if ('ready' in message) endAfter(limitMs);
      else if ('declaredRows' in message) endAfter(limitMs + Math.min(message.declaredRows / ROWS_PER_MS, mostForRowsMs));
      else if ('rows' in message) for (const row of message.rows) rows.push(row);
      else if ('done' in message) resolve(rows);
      else reject(new Error(message.error));
    });
    thread.on('error', reject);
    thread.on('exit', () => {
      lift();
      reject(new Error('its reader ended'));
    });
  });
}
