import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

// What a process and its parent say to each other: JSON, a value a line, over a pipe of their own. Node's own channel throws in whoever
// reads it where something else is written to it, and takes a message of any length. Imports little: the memory of children is measured.

/** The file descriptor of a child's end. */
const CHILD_END = 3;

/** Longer ones are none of ours, and would fill the memory of who reads. */
const LONGEST_LINE_BYTES = 2 ** 28;

const NEWLINE = 10;

/** One end of the pipe. */
export class LineChannel {
  /** Gets each value that the other end sends, and undefined for a line that is none, or is too long. */
  onMessage: (value: unknown) => void = () => undefined;

  readonly #pipe: Duplex;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(pipe: Duplex) {
    this.#pipe = pipe;
    // Whoever is gone tells by its end.
    pipe.on('error', () => undefined);
    pipe.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** @param sent is called when the value is out. */
  send(value: unknown, sent: () => void = () => undefined): void {
    this.#pipe.write(`${JSON.stringify(value)}\n`, sent);
  }

  #take(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      this.onMessage(valueIn(Buffer.concat(this.#parts)));
      this.#forget();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    if (this.#length <= LONGEST_LINE_BYTES) return;
    this.onMessage(undefined);
    this.#forget();
  }

  #keep(part: Buffer): void {
    this.#parts.push(part);
    this.#length += part.length;
  }

  #forget(): void {
    this.#parts = [];
    this.#length = 0;
  }
}

function valueIn(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** A child's channel to its parent; the child ends when the parent is gone. */
export function parentChannel(): LineChannel {
  const pipe = new Socket({ fd: CHILD_END });
  pipe.on('close', () => process.exit(1));
  return new LineChannel(pipe);
}
