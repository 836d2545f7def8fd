import { join } from 'node:path';
import crc32c from 'crc-32/crc32c.js';
import protobuf from 'protobufjs';
import { writeFileWhole } from '../../engine/index.js';
import { makeFolder } from '../../engine/make-folder.js';
import type { CellRecord } from '../../records/record.js';

/** What an event file holds: the fields used here of TensorFlow's `event.proto` and `summary.proto`, by their numbers there. */
const Event = protobuf.Root.fromJSON({
  nested: {
    Value: { fields: { tag: { type: 'string', id: 1 }, simpleValue: { type: 'float', id: 2 } } },
    Summary: { fields: { value: { rule: 'repeated', type: 'Value', id: 1 } } },
    Event: {
      oneofs: { what: { oneof: ['fileVersion', 'summary'] } },
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
    },
  },
}).lookupType('Event');

const FILE_VERSION = 'brain.Event:2';

/**
 * Writes a folder for each cell with an event file of TensorBoard: the training loss, the score on dev, and at the last step the score on
 * test, by step. Wall times are the run's start with the share of its seconds that the step is of its steps.
 */
export function writeEventFiles(folder: string, records: readonly CellRecord[]): string[] {
  return records.map((record) => {
    const run = join(folder, runName(record));
    makeFolder(run);
    // A name that does not change with the time of writing: writing again replaces it.
    const file = join(run, `events.out.tfevents.${Math.floor(startOf(record))}.zobench`);
    writeFileWhole(file, Buffer.concat(eventsOf(record).map(framed)));
    return file;
  });
}

/** What TensorBoard lists it by: readable, and one for each cell. */
function runName({ cell, settings: { model, task, scheme, optimizer, seed } }: CellRecord): string {
  return [model, task, scheme, optimizer, `seed${seed}`, cell].join('_').replace(/[^A-Za-z0-9._=+-]+/g, '-');
}

interface Point {
  readonly step: number;
  readonly tag: string;
  readonly value: number;
}

function eventsOf(record: CellRecord): Uint8Array[] {
  const start = startOf(record);
  const timeOf = (step: number): number => start + (record.seconds * step) / Math.max(1, record.settings.steps);
  return [
    Event.encode({ wallTime: start, step: 0, fileVersion: FILE_VERSION }).finish(),
    ...pointsOf(record).map(({ step, tag, value }) =>
      Event.encode({ wallTime: timeOf(step), step, summary: { value: [{ tag, simpleValue: value }] } }).finish(),
    ),
  ];
}

/** In the order of the steps. */
function pointsOf(record: CellRecord): Point[] {
  const losses = record.curve.map(({ step, loss }) => ({ step, tag: 'loss/train', value: loss }));
  const scores = (record.devCurve ?? []).map(({ step, score }) => ({ step, tag: 'score/dev', value: score }));
  const last = record.state === 'completed' ? [{ step: record.settings.steps, tag: 'score/test', value: record.final.test.score }] : [];
  return [...losses, ...scores, ...last].sort((a, b) => a.step - b.step);
}

/** Seconds since 1970. */
const startOf = ({ startedAt }: CellRecord): number => Date.parse(startedAt) / 1000;

/** A record of TFRecord: its length and bytes, each with its checksum. */
function framed(bytes: Uint8Array): Buffer {
  const frame = Buffer.alloc(bytes.length + 16);
  frame.writeBigUInt64LE(BigInt(bytes.length), 0);
  frame.writeUInt32LE(maskedCrc(frame.subarray(0, 8)), 8);
  frame.set(bytes, 12);
  frame.writeUInt32LE(maskedCrc(bytes), 12 + bytes.length);
  return frame;
}

/** CRC-32C, rotated and shifted, as the format asks: https://www.tensorflow.org/tutorials/load_data/tfrecord */
export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
